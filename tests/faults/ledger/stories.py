"""How each kind of life goes: Hypothesis strategies, one for each kind."""

from typing import Any

from hypothesis import strategies as st

from tests.faults.ledger.plans import Kind, Life, Step

_NEAR_MS = st.integers(-300, 300)
_PAUSE_MS = st.integers(0, 1500)


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
def _last_save(draw: st.DrawFn) -> list[Step]:
    """The first and only save, in the window's last seconds."""
    return [Step(do="save", at="close", shift_ms=draw(st.integers(-3500, -500))), Step(do="rest")]


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
    """The last document against the deadline, so that by when it had come is known.

    `slow`: its headers leave before, its body after.
    """
    last = Step(
        do="upload",
        piece=3,
        how=draw(st.sampled_from(["expect", "expect", "expect", "slow"])),
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
    Kind.LAST_SAVE: _last_save(),
}
