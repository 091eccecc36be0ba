"""What candidates do: plans of lives, drawn by Hypothesis from a seed, the same for the same seed.

A plan says what somebody means to do; what comes of it is the product's matter and the faults'. Most lives
are cheap; nearly half want a complete file.
"""

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

Paper = Literal["good", "unsigned", "stale", "broken"]
How = Literal["plain", "slow", "cut"]
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


class Step(BaseModel):
    """One thing to do.

    piece: which of those asked for, 0 the confirmation; of `rest`, how many are left out at its end.
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


_WEIGHTS = {
    Kind.COMPLETE: 4,
    Kind.EDITS: 3,
    Kind.LATE_EDIT: 2,
    Kind.OUTDATED: 2,
    Kind.TWO_FILES: 1,
    Kind.REMOVES: 2,
    Kind.MISSING: 2,
    Kind.RACE: 4,
    Kind.CUT: 3,
    Kind.BAD_PAPERS: 2,
    Kind.INELIGIBLE: 2,
    Kind.WITHDRAWS: 2,
    Kind.RETURNS: 2,
    Kind.SILENT: 2,
    Kind.UNACTIVATED: 2,
    Kind.AT_THE_LIMIT: 2,
    Kind.RESETS: 2,
    Kind.ERASES: 2,
}
_HAND = 10
"""So many are drawn at once: one example of Hypothesis has its length."""
_NEAR_MS = st.integers(-300, 300)
_PAUSE_MS = st.integers(0, 1500)


def lives(number: int, of_seed: int, behaviours: Sequence[str] | None = None) -> list[Life]:
    """`number` lives; the same for the same arguments. Kinds are dealt by their weights."""
    kinds = list(Kind) if behaviours is None else [Kind(one) for one in behaviours]
    deck = [kind for kind in kinds for _ in range(_WEIGHTS[kind])]
    dealer = random.Random(of_seed)
    dealt: list[Kind] = []
    while len(dealt) < number:
        dealer.shuffle(deck)
        dealt += deck
    hands = [dealt[place : place + _HAND] for place in range(0, number, _HAND)]
    found = [life for place, hand in enumerate(hands) for life in _drawn(hand, of_seed * 10_000 + place)]
    return found[:number]


def _drawn(hand: Sequence[Kind], of_seed: int) -> tuple[Life, ...]:
    """One life of each kind. Hypothesis begins with the simplest example, so the one after it is taken."""
    found: list[tuple[Life, ...]] = []

    @seed(of_seed)
    @settings(
        max_examples=2,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*(life(kind) for kind in hand)))
    def collect(some: tuple[Life, ...]) -> None:
        found.append(some)

    collect()
    return found[-1]


@st.composite
def life(draw: st.DrawFn, kind: Kind) -> Life:
    """One life of this kind."""
    begun: dict[str, Any] = {"kind": kind, "start": draw(st.integers(0, 1000))}
    if kind is Kind.UNACTIVATED:
        asked = {"creations": draw(st.integers(1, 3)), "resends": draw(st.integers(0, 1))}
        return Life(**begun, **asked, activation="never")
    if kind is Kind.AT_THE_LIMIT:
        steps = draw(st.sampled_from([(), (Step(do="save"),)]))
        return Life(**begun, activation="limit", shift_ms=draw(_NEAR_MS), steps=steps)
    return Life(
        **begun,
        creations=draw(st.sampled_from([1, 1, 1, 2])),
        resends=draw(st.sampled_from([0, 0, 0, 1])),
        fine=draw(st.sampled_from([False, False, False, True])),
        steps=tuple(draw(_STEPS[kind])),
    )


@st.composite
def _pause(draw: st.DrawFn) -> list[Step]:
    """None, a moment, or until after the window's close: what comes then is spread over the round."""
    match draw(st.sampled_from(["none", "moment", "close", "close"])):
        case "none":
            return []
        case "moment":
            return [Step(do="wait", shift_ms=draw(_PAUSE_MS))]
        case _:
            return [Step(do="wait", at="close", shift_ms=draw(st.integers(0, 6000)))]


@st.composite
def _saved(draw: st.DrawFn) -> list[Step]:
    return [Step(do="save", acquis=draw(st.sampled_from([False, False, True])))]


@st.composite
def _complete(draw: st.DrawFn) -> list[Step]:
    return [*draw(_saved()), *draw(_pause()), Step(do="rest")]


@st.composite
def _edits(draw: st.DrawFn) -> list[Step]:
    edit = [Step(do="wait", shift_ms=draw(_PAUSE_MS)), Step(do="save", acquis=draw(st.booleans()))]
    tab = draw(st.sampled_from([[], [Step(do="other_tab")]]))
    return [*draw(_saved()), *edit, *tab, *draw(_pause()), Step(do="rest")]


@st.composite
def _late_edit(draw: st.DrawFn) -> list[Step]:
    """Saved at the window's end: in time or not, the papers are for the version in force then."""
    late = Step(do="save", at="close", shift_ms=draw(_NEAR_MS))
    papers = draw(st.sampled_from([[], [Step(do="rest")], [Step(do="rest")]]))
    return [*draw(_saved()), late, *papers]


@st.composite
def _outdated(draw: st.DrawFn) -> list[Step]:
    """Filed, then changed: the confirmation that was handed in is périmée. Some hand in the new one."""
    again = draw(st.sampled_from([[], [Step(do="upload", paper="stale")], [Step(do="rest")]]))
    return [Step(do="save"), Step(do="rest"), Step(do="save", acquis=draw(st.booleans())), *again]


@st.composite
def _two_files(draw: st.DrawFn) -> list[Step]:
    piece = draw(st.integers(1, 3))
    two = [Step(do="upload", piece=piece), Step(do="upload", piece=piece)]
    return [*draw(_saved()), *draw(_pause()), *two, Step(do="rest")]


@st.composite
def _removes(draw: st.DrawFn) -> list[Step]:
    """Before the file is complete: what is complete is soon decided, and then nothing can be taken back."""
    piece = draw(st.integers(0, 2))
    gone = [Step(do="rest", piece=1), Step(do="remove", piece=piece)]
    undone = draw(st.sampled_from([[], [Step(do="restore", piece=piece)], [Step(do="rest")]]))
    end = draw(st.sampled_from([[], [Step(do="upload", piece=3)]]))
    return [Step(do="save"), *draw(_pause()), *gone, *undone, *end]


@st.composite
def _missing(draw: st.DrawFn) -> list[Step]:
    return [Step(do="save"), *draw(_pause()), Step(do="rest", piece=draw(st.integers(1, 4)))]


@st.composite
def _race(draw: st.DrawFn) -> list[Step]:
    """The last document against the deadline. `slow`: its headers leave before, its body after."""
    last = Step(
        do="upload",
        piece=3,
        how=draw(st.sampled_from(["plain", "plain", "plain", "slow"])),
        at="deadline",
        shift_ms=draw(_NEAR_MS),
    )
    return [Step(do="save"), *draw(_pause()), Step(do="rest", piece=1), last]


@st.composite
def _cut(draw: st.DrawFn) -> list[Step]:
    piece = draw(st.integers(0, 3))
    again = draw(st.sampled_from([[], [Step(do="rest")]]))
    others = [Step(do="rest", piece=draw(st.integers(1, 2)))]
    return [Step(do="save"), *draw(_pause()), *others, Step(do="upload", piece=piece or 3, how="cut"), *again]


@st.composite
def _bad_papers(draw: st.DrawFn) -> list[Step]:
    bad = draw(
        st.sampled_from([Step(do="upload", paper="unsigned"), Step(do="upload", piece=2, paper="broken")])
    )
    again = draw(st.sampled_from([[], [Step(do="rest")]]))
    return [Step(do="save"), *draw(_pause()), bad, *again]


@st.composite
def _ineligible(draw: st.DrawFn) -> list[Step]:
    but = draw(st.sampled_from([0, 0, 1]))
    return [Step(do="save", ineligible=True), *draw(_pause()), Step(do="rest", piece=but)]


@st.composite
def _withdraws(draw: st.DrawFn) -> list[Step]:
    papers = draw(st.sampled_from([[], [Step(do="rest", piece=3)]]))
    return [Step(do="save"), *papers, *draw(_pause()), Step(do="withdraw")]


@st.composite
def _returns(draw: st.DrawFn) -> list[Step]:
    papers = draw(st.sampled_from([[], [Step(do="rest")]]))
    return [Step(do="save"), Step(do="withdraw"), Step(do="save"), *draw(_pause()), *papers]


@st.composite
def _resets(draw: st.DrawFn) -> list[Step]:
    papers = draw(st.sampled_from([[], [Step(do="rest")]]))
    return [Step(do="save"), Step(do="reset"), *papers]


@st.composite
def _erases(draw: st.DrawFn) -> list[Step]:
    before = draw(st.sampled_from([[], [Step(do="save")], [Step(do="save"), Step(do="rest", piece=2)]]))
    return [*before, *draw(_pause()), Step(do="erase")]


_STEPS: dict[Kind, st.SearchStrategy[list[Step]]] = {
    Kind.COMPLETE: _complete(),
    Kind.EDITS: _edits(),
    Kind.LATE_EDIT: _late_edit(),
    Kind.OUTDATED: _outdated(),
    Kind.TWO_FILES: _two_files(),
    Kind.REMOVES: _removes(),
    Kind.MISSING: _missing(),
    Kind.RACE: _race(),
    Kind.CUT: _cut(),
    Kind.BAD_PAPERS: _bad_papers(),
    Kind.INELIGIBLE: _ineligible(),
    Kind.WITHDRAWS: _withdraws(),
    Kind.RETURNS: _returns(),
    Kind.SILENT: st.just([]),
    Kind.RESETS: _resets(),
    Kind.ERASES: _erases(),
}
