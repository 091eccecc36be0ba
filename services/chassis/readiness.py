"""Readiness by name: a process is ready when every part that makes its answers true is.

Liveness asks nothing of this: that a part is away is no reason to start this process again.
"""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import Gauge

Probe = Callable[[], Awaitable[None]]

_PATIENCE_SECONDS = 2
_NOT_READY = Gauge(
    "candidat_libre_not_ready", "1 while this part keeps the process from being ready", ["part"]
)


class Readiness:
    """What keeps this process from being ready. Parts report states; probes are asked at each question."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._probes: dict[str, Probe] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._at_end: list[Callable[[], None]] = []

    def report(self, part: str, reason: str | None) -> None:
        """Say that `part` is not ready and why (a code, no data), or with None that it is."""
        if reason is None:
            self._reasons.pop(part, None)
        else:
            self._reasons[part] = reason
        _NOT_READY.labels(part).set(int(reason is not None))

    def end(self) -> None:
        """The process has been told to go: it is not to be given anything new."""
        self.report("process", "ending")
        for told in self._at_end:
            told()

    def at_end(self, told: Callable[[], None]) -> None:
        """Have `told` called when the process is told to go."""
        self._at_end.append(told)

    def probe(self, part: str, ask: Probe) -> None:
        """Ask `ask` at each question; an exception means not ready, and so does no answer within 2 s."""
        self._probes[part] = ask

    async def reasons(self) -> dict[str, str]:
        """Part → why it is not ready; empty when ready. Answers within little more than 2 s."""
        parts = list(self._probes)
        answers = await asyncio.gather(*(self._ask(part) for part in parts))
        for part, reason in zip(parts, answers, strict=True):
            _NOT_READY.labels(part).set(int(reason is not None or part in self._reasons))
        found = {part: reason for part, reason in zip(parts, answers, strict=True) if reason is not None}
        return self._reasons | found

    async def _ask(self, part: str) -> str | None:
        """One question at a time: what hangs in a part that is away is waited for anew, not asked again."""
        task = self._asking.get(part)
        if task is None:
            task = self._asking[part] = asyncio.ensure_future(_asked(self._probes[part]))
            task.add_done_callback(lambda _: self._asking.pop(part, None))
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if not done:
            return "no-answer"
        if task.cancelled():
            return "cancelled"
        error = task.exception()
        return None if error is None else type(error).__name__


async def _asked(ask: Probe) -> None:
    await ask()
