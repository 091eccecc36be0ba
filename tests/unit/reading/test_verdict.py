"""The rule: only what is sure is refused, what is doubtful counts and is looked at."""

import pytest

from services.documents.reading.verdict import Doubt, Ink, Page, Reading, Verdict, best, judge


def page(date: Ink, signature: Ink, **seen: bool) -> Page:
    return Page(aligned=True, date=date, signature=signature, **seen)


@pytest.mark.parametrize(
    ("date", "signature", "verdict"),
    [
        (Ink.PRESENT, Ink.PRESENT, Verdict.CLEAR),
        (Ink.NONE, Ink.PRESENT, Verdict.UNDATED),
        (Ink.NONE, Ink.UNSURE, Verdict.UNDATED),
        (Ink.PRESENT, Ink.NONE, Verdict.UNSIGNED),
        (Ink.UNSURE, Ink.NONE, Verdict.UNSIGNED),
        (Ink.NONE, Ink.NONE, Verdict.EMPTY),
        (Ink.UNSURE, Ink.PRESENT, Verdict.DOUBTFUL),
        (Ink.PRESENT, Ink.UNSURE, Verdict.DOUBTFUL),
    ],
)
def test_a_surely_empty_frame_refuses_and_an_unsure_one_does_not(
    date: Ink, signature: Ink, verdict: Verdict
) -> None:
    assert judge(page(date, signature), 2).verdict is verdict


@pytest.mark.parametrize("seen", ["red", "outside", "electronic"])
@pytest.mark.parametrize("date", [Ink.NONE, Ink.PRESENT])
def test_an_empty_frame_is_not_refused_when_ink_is_elsewhere(seen: str, date: Ink) -> None:
    found = judge(page(date, Ink.NONE, **{seen: True}), 2)
    assert found.verdict is Verdict.DOUBTFUL
    assert Doubt.SIGNATURE in found.doubts
    assert len(found.doubts) > 1


def test_red_ink_is_for_an_officer_and_a_flourish_over_the_frame_is_not() -> None:
    assert judge(page(Ink.PRESENT, Ink.PRESENT, red=True), 2) == Reading(
        Verdict.DOUBTFUL, 2, (Doubt.RED_INK,)
    )
    assert judge(page(Ink.PRESENT, Ink.PRESENT, outside=True), 2).verdict is Verdict.CLEAR


def test_a_page_that_cannot_be_aligned_is_never_refused() -> None:
    unseen = Page(aligned=False, date=Ink.NONE, signature=Ink.NONE)
    assert judge(unseen, 2) == Reading(Verdict.DOUBTFUL, 2, (Doubt.ALIGNMENT,))


def test_of_several_pages_the_best_is_taken() -> None:
    stale, clear = Reading(Verdict.STALE, 1), Reading(Verdict.CLEAR, 2)
    assert best([stale, clear, Reading(Verdict.OTHER)]) is clear
    assert best([Reading(Verdict.OTHER), stale]) is stale
    assert best([Reading(Verdict.EMPTY, 2), Reading(Verdict.UNDATED, 2)]).verdict is Verdict.UNDATED


def test_a_file_without_any_code_counts_and_is_looked_at() -> None:
    assert best([]) == Reading(Verdict.DOUBTFUL, None, (Doubt.CODE,))
