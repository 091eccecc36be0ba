"""What a start tells its onlookers; who shows it is no concern of the stack."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    ENDED = "ended"
    DIED = "died"
    NOTE = "note"


@dataclass(frozen=True)
class Progress:
    """One step of one part. `seconds` is how long it took; `detail` is French, for the screen."""

    name: str
    state: State
    seconds: float = 0.0
    detail: str = ""


OnProgress = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Show nothing."""
