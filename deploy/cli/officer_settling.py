"""How the verdicts of a session stand, shown on stderr before an act on all of them."""

from typing import Any

from rich.console import Console

_console = Console(stderr=True)


def show_settling(view: dict[str, Any]) -> None:
    """Whether they are paused, how many are due, the outages already kept."""
    paused = "suspendus" if view["settling_paused"] else "en cours"
    _say(f"Session {view['session_id']} : verdicts {paused} ({view['due']} dus, {view['withheld']} retenus).")
    _say(f"Interruptions déjà retenues : {len(view['outages'])}.")


def _say(line: str) -> None:
    _console.print(line, markup=False, highlight=False, soft_wrap=True)
