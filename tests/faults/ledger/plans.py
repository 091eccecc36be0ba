"""What a plan is: who means to do what, in which order, and when."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

Paper = Literal["good", "unsigned", "stale", "broken"]
How = Literal["plain", "expect", "slow", "cut"]
Limit = Literal["now", "close", "deadline"]
Deed = Literal[
    "save", "other_tab", "upload", "rest", "remove", "restore", "withdraw", "reset", "erase", "wait"
]


class Kind(StrEnum):
    """What a life is about. `behaviours` of a round names these."""

    COMPLETE = "complete"
    EDITS = "edits"
    LATE_EDIT = "late_edit"
    OUTDATED = "outdated"
    TWO_FILES = "two_files"
    REMOVES = "removes"
    MISSING = "missing"
    RACE = "race"
    CUT = "cut"
    BAD_PAPERS = "bad_papers"
    INELIGIBLE = "ineligible"
    WITHDRAWS = "withdraws"
    RETURNS = "returns"
    SILENT = "silent"
    UNACTIVATED = "unactivated"
    AT_THE_LIMIT = "at_the_limit"
    RESETS = "resets"
    ERASES = "erases"
    LAST_SAVE = "last_save"


class Step(BaseModel):
    """One thing to do.

    piece: which of those asked for, 0 the confirmation; of `rest`, how many are left out at its end.
    how: of an upload. `expect`: the gateway is asked to say that its headers have come; so it is of `slow`,
        whose body comes later, and of `cut`, whose body stops half-way.
    at, shift_ms: of `wait`, and of an upload or a save that races a limit: how long after it.
    """

    model_config = ConfigDict(frozen=True)

    do: Deed
    piece: int = 0
    paper: Paper = "good"
    how: How = "plain"
    at: Limit = "now"
    shift_ms: int = 0
    ineligible: bool = False
    acquis: bool = False


class Life(BaseModel):
    """start: when it begins, in thousandths of the time in which lives begin.

    activation: `limit` races the end of the activation's time by `shift_ms`.
    fine: whether the signed confirmation can be read by machine, which costs the product half a second.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    start: int
    creations: int = 1
    resends: int = 0
    activation: Literal["soon", "never", "limit"] = "soon"
    shift_ms: int = 0
    fine: bool = False
    steps: tuple[Step, ...] = ()
