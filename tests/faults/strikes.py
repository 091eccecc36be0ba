"""One thing that goes wrong, the time in which it may, and whether it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Timeline:
    """Seconds after a round begins: when its window closes, when its deadline is, when it is decided."""

    closes: float
    deadline: float
    decided: float


@dataclass(frozen=True)
class Strike:
    """What, when (seconds after the round begins), whom, how long. Drawn from the seed, before the round."""

    at: float
    fault: str
    whom: str = ""
    seconds: float = 0.0
    how: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        words = [f"{self.at:5.1f} s", self.fault, self.whom, *(f"{k}={v}" for k, v in self.how.items())]
        if self.seconds:
            words.append(f"for {self.seconds:.1f} s")
        return " ".join(word for word in words if word)


class Missed(Exception):
    """Nothing was struck: what was to go wrong did not. The message says why."""


@dataclass(frozen=True)
class Fallen:
    """What became of a strike. `struck`: it did go wrong; a round in which nothing did shows nothing.

    over_at: from then on all was there again; what settles has so long from here.
    """

    strike: Strike
    over_at: datetime
    became: str = ""
    struck: bool = True

    def __str__(self) -> str:
        return f"{self.strike}" + (f": {self.became}" if self.became else "")
