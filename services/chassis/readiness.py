"""Readiness by name: a process is ready when every part that makes its answers true is."""

from collections.abc import Awaitable, Callable

Probe = Callable[[], Awaitable[None]]


class Readiness:
    """What keeps this process from being ready. Parts report states; probes are asked at each question."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._probes: dict[str, Probe] = {}

    def report(self, part: str, reason: str | None) -> None:
        """Say that `part` is not ready and why (a code, no data), or with None that it is."""
        if reason is None:
            self._reasons.pop(part, None)
        else:
            self._reasons[part] = reason

    def probe(self, part: str, ask: Probe) -> None:
        """Ask `ask` at each question; an exception means not ready."""
        self._probes[part] = ask

    async def reasons(self) -> dict[str, str]:
        """Part → why it is not ready; empty when ready."""
        found = dict(self._reasons)
        for part, ask in self._probes.items():
            try:
                await ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, the part is not ready
                found[part] = type(error).__name__
        return found
