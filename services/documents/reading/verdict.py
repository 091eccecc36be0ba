"""What reading a confirmation gives, and the rule: only what is sure is refused, what is doubtful counts.

Refused: another's code, an older version's, a frame that is surely empty. A frame is never called empty while
ink is seen where the page prints none: whoever signed beside the frame has signed.
"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OTHER = "other"
    STALE = "stale"
    EMPTY = "empty"
    """Neither dated nor signed, like the printed PDF sent back."""
    UNDATED = "undated"
    UNSIGNED = "unsigned"
    CLEAR = "clear"
    DOUBTFUL = "doubtful"


class Doubt(StrEnum):
    """Why an officer should look at it."""

    NOT_READ = "not_read"
    CODE = "code"
    ALIGNMENT = "alignment"
    DATE = "date"
    SIGNATURE = "signature"
    RED_INK = "red_ink"
    INK_OUTSIDE = "ink_outside"
    ELECTRONIC = "electronic_signature"


class Ink(StrEnum):
    NONE = "none"
    """Surely none: even a thin line would have been seen."""
    UNSURE = "unsure"
    PRESENT = "present"


@dataclass(frozen=True)
class Reading:
    """`version`: the one whose code was read, where it is one of the candidate's."""

    verdict: Verdict
    version: int | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Page:
    """What was seen of one page with a code of the version in force. `aligned`: its frames were found."""

    aligned: bool
    date: Ink = Ink.UNSURE
    signature: Ink = Ink.UNSURE
    red: bool = False
    outside: bool = False
    """Ink beside the frames, where nothing is printed, or in a colour that nothing is printed in."""
    electronic: bool = False


def judge(page: Page, version: int) -> Reading:
    """The reading of a page with the code of the version in force."""
    if not page.aligned:
        return Reading(Verdict.DOUBTFUL, version, (Doubt.ALIGNMENT, *_seen(page)))
    empty = {name for name, ink in (("date", page.date), ("signature", page.signature)) if ink is Ink.NONE}
    excused = page.outside or page.red or page.electronic
    if empty and not excused:
        if len(empty) == 2:
            return Reading(Verdict.EMPTY, version)
        return Reading(Verdict.UNDATED if "date" in empty else Verdict.UNSIGNED, version)
    doubts = [
        *([Doubt.DATE] if page.date is not Ink.PRESENT else []),
        *([Doubt.SIGNATURE] if page.signature is not Ink.PRESENT else []),
        *([Doubt.RED_INK] if page.red else []),
    ]
    if empty:
        doubts = [*doubts, *(doubt for doubt in _seen(page) if doubt not in doubts)]
    return Reading(Verdict.DOUBTFUL if doubts else Verdict.CLEAR, version, tuple(doubts))


def _seen(page: Page) -> tuple[Doubt, ...]:
    found = (
        (Doubt.RED_INK, page.red),
        (Doubt.INK_OUTSIDE, page.outside),
        (Doubt.ELECTRONIC, page.electronic),
    )
    return tuple(doubt for doubt, there in found if there)


_BEST_FIRST = (
    Verdict.CLEAR,
    Verdict.DOUBTFUL,
    Verdict.UNDATED,
    Verdict.UNSIGNED,
    Verdict.EMPTY,
    Verdict.STALE,
    Verdict.OTHER,
)


def best(readings: list[Reading]) -> Reading:
    """Of a file's pages, the one that says most for the candidate; doubtful where no page has a code."""
    if not readings:
        return Reading(Verdict.DOUBTFUL, None, (Doubt.CODE,))
    return min(readings, key=lambda reading: _BEST_FIRST.index(reading.verdict))
