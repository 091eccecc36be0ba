"""How long a clock may sleep: pure arithmetic, in seconds.

A poke may overtake the event it came from: the bridge is one consumer of it and each owner is another. So an
answer given just after a poke may be out of date, and nobody would poke again when the owner has caught up.
Therefore nobody is trusted for long: after a poke the owners are asked again soon, then less and less
often (`ECHOES`), and weekly whatever they say (`LONGEST`: no deadline is ever moved to sooner than in a
week). What was missed is late, never lost.

An answer with a wait and no act means *I have not heard of it yet*: it too is asked less and less often, for
it may be the ordinary state of somebody who never saves a form.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

ECHOES = (5.0, 60.0, 3600.0, 86_400.0)
LONGEST = 7 * 86_400.0
_IDLE_FLOOR = (30.0, LONGEST)
_REFUSED_FLOOR = (1.0, 300.0)


@dataclass(frozen=True)
class Answer:
    """Of one owner: how long to sleep; `acts` when something is to be asked of it then."""

    owner: str
    wait: float | None
    acts: bool


@dataclass
class Cadence:
    """Remembers how quiet it has been, so that an owner which repeats itself is asked less often."""

    quiet: int = 0
    refusals: dict[str, int] = field(default_factory=dict)

    def something_happened(self) -> None:
        """A poke came, or rows were decided."""
        self.quiet = 0

    def nothing_happened(self) -> None:
        self.quiet += 1

    def decided(self, owner: str, applied: bool) -> None:
        """The owner's statement changed its row (what comes of it pokes), or found it no longer applied."""
        if applied:
            self.refusals.pop(owner, None)
        else:
            self.refusals[owner] = self.refusals.get(owner, 0) + 1
            self.nothing_happened()

    def soonest(self, answers: Iterable[Answer]) -> tuple[float, str | None]:
        """Seconds to sleep, and the owner to ask for its act then (None: only ask what is next)."""
        found: tuple[float, str | None] = (self._patience(), None)
        for answer in answers:
            if answer.wait is None:
                continue
            wait = max(answer.wait, self._floor(answer))
            if wait < found[0] or (wait == found[0] and answer.acts and found[1] is None):
                found = (wait, answer.owner if answer.acts else None)
        return found

    def _patience(self) -> float:
        return ECHOES[self.quiet] if self.quiet < len(ECHOES) else LONGEST

    def _floor(self, answer: Answer) -> float:
        if not answer.acts:
            return _doubled(_IDLE_FLOOR, self.quiet)
        refused = self.refusals.get(answer.owner, 0)
        return _doubled(_REFUSED_FLOOR, refused - 1) if refused else 0.0


def _doubled(bounds: tuple[float, float], times: int) -> float:
    shortest, longest = bounds
    return float(min(longest, shortest * 2 ** min(times, 16)))
