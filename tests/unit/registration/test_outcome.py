"""The table of decision 0001, line by line, and what makes a verdict pass without effect."""

from dataclasses import replace
from typing import Any

import pytest

from services.contracts.events import CandidatureCancelled, CandidatureConfirmed, CandidatureHeld
from services.contracts.stages import Stage, Verdict
from services.registration.domain.candidature import Candidature, Step
from services.registration.domain.outcome import heard, hold_unheeded, judged, reopened
from tests.unit.registration.rows import AFTER, CLOSES, DEADLINE, GRACE, MS, row, settled

WAITING = row(Stage.AWAITING_DOCUMENTS)
REGISTERED = row(Stage.REGISTERED)
CANCELLED = row(Stage.CANCELLED, cancelled_by="verdict")
HELD = row(Stage.HELD, hold_cause="ours")
OPEN_TO_VERDICTS = [WAITING, REGISTERED, CANCELLED, HELD]
DEAF = [
    row(Stage.WITHDRAWN),
    row(Stage.HELD, hold_cause="officer"),
    row(Stage.CANCELLED, cancelled_by="officer"),
    row(Stage.CONFIRMED),
]


def judge(before: Candidature, verdict: Verdict, **changes: Any) -> Step | None:
    kept = heard(before, settled(verdict, **changes))
    return None if kept is None else judged(kept, AFTER)


def became(step: Step | None) -> Candidature:
    assert step is not None
    return step.candidature


@pytest.mark.parametrize("before", OPEN_TO_VERDICTS)
def test_complete_and_eligible_is_confirmed(before: Candidature) -> None:
    step = judge(before, Verdict.COMPLETE)
    after = became(step)
    assert (after.stage, after.decided_at, after.hold_cause, after.cancelled_by) == (
        Stage.CONFIRMED,
        AFTER,
        None,
        None,
    )
    assert step is not None
    assert [type(event) for event in step.events] == [CandidatureConfirmed]


@pytest.mark.parametrize("before", OPEN_TO_VERDICTS)
def test_complete_but_not_eligible_is_held_never_confirmed(before: Candidature) -> None:
    step = judge(replace(before, eligible=False), Verdict.COMPLETE)
    assert became(step).hold_cause == "eligibility"
    assert step is not None
    (event,) = step.events
    assert isinstance(event, CandidatureHeld)
    assert event.cause == "eligibility"


def test_complete_and_accepted_by_an_officer_is_confirmed() -> None:
    accepted = row(Stage.AWAITING_DOCUMENTS, eligible=False, eligibility_accepted=True)
    assert became(judge(accepted, Verdict.COMPLETE)).stage is Stage.CONFIRMED


@pytest.mark.parametrize("eligible", [True, False])
def test_who_is_held_is_never_cancelled_by_a_verdict(eligible: bool) -> None:
    """Only an officer ends a hold, or completeness (ours 7)."""
    assert judge(replace(HELD, eligible=eligible), Verdict.INCOMPLETE) is None


@pytest.mark.parametrize("before", [WAITING, REGISTERED])
@pytest.mark.parametrize("eligible", [True, False])
def test_incomplete_is_cancelled_whether_eligible_or_not(before: Candidature, eligible: bool) -> None:
    step = judge(replace(before, eligible=eligible), Verdict.INCOMPLETE)
    assert (became(step).stage, became(step).cancelled_by) == (Stage.CANCELLED, "verdict")
    assert step is not None
    assert [type(event) for event in step.events] == [CandidatureCancelled]


@pytest.mark.parametrize("before", [WAITING, REGISTERED])
def test_a_held_verdict_holds_as_ours(before: Candidature) -> None:
    assert became(judge(before, Verdict.HELD)).hold_cause == "ours"


@pytest.mark.parametrize("before", DEAF)
@pytest.mark.parametrize("verdict", list(Verdict))
def test_an_officers_word_a_withdrawal_and_a_confirmation_stand(
    before: Candidature, verdict: Verdict
) -> None:
    assert judge(before, verdict) is None


@pytest.mark.parametrize("verdict", [Verdict.INCOMPLETE, Verdict.HELD])
def test_who_is_cancelled_stays_so_without_a_complete_file(verdict: Verdict) -> None:
    assert judge(CANCELLED, verdict) is None


def test_an_open_dead_letter_holds_instead_of_cancelling() -> None:
    step = judge(row(Stage.AWAITING_DOCUMENTS, open_dead_letters=1), Verdict.INCOMPLETE)
    assert (became(step).stage, became(step).hold_cause) == (Stage.HELD, "ours")


def test_an_open_dead_letter_does_not_stop_a_confirmation() -> None:
    step = judge(row(Stage.AWAITING_DOCUMENTS, open_dead_letters=1), Verdict.COMPLETE)
    assert became(step).stage is Stage.CONFIRMED


@pytest.mark.parametrize(
    "changes",
    [
        {"registration_version": 1},
        {"registration_version": 3},
        {"deadline_at": DEADLINE - MS},
        {"deadline_at": DEADLINE + MS},
    ],
)
def test_a_verdict_about_another_version_or_deadline_changes_nothing(changes: dict[str, Any]) -> None:
    assert judge(WAITING, Verdict.INCOMPLETE, **changes) is None


def test_a_verdict_is_applied_once_and_an_older_one_never() -> None:
    first = became(judge(WAITING, Verdict.INCOMPLETE, evidence_rev=7))
    assert judge(first, Verdict.COMPLETE, evidence_rev=7) is None
    assert judge(first, Verdict.COMPLETE, evidence_rev=6) is None
    assert became(judge(first, Verdict.COMPLETE, evidence_rev=8)).stage is Stage.CONFIRMED


def test_a_complete_verdict_is_forgotten_when_a_piece_is_missing_since() -> None:
    kept = heard(REGISTERED, settled(Verdict.COMPLETE, evidence_rev=7))
    assert kept is not None
    since = reopened(kept, 8)
    assert since is not None
    assert judged(since, AFTER) is None
    assert became(judge(since, Verdict.COMPLETE, evidence_rev=9)).stage is Stage.CONFIRMED


@pytest.mark.parametrize(
    ("verdict", "evidence_rev"),
    [(Verdict.COMPLETE, 7), (Verdict.COMPLETE, 6), (Verdict.INCOMPLETE, 8), (Verdict.HELD, 8)],
)
def test_what_a_verdict_knew_already_does_not_touch_it(verdict: Verdict, evidence_rev: int) -> None:
    kept = heard(WAITING, settled(verdict, evidence_rev=7))
    assert kept is not None
    assert reopened(kept, evidence_rev) is None


def test_the_window_must_be_decided_before_a_verdict_counts() -> None:
    kept = heard(REGISTERED, settled(Verdict.COMPLETE))
    assert kept is not None
    assert judged(kept, CLOSES + GRACE - MS) is None
    assert became(judged(kept, CLOSES + GRACE)).stage is Stage.CONFIRMED


def test_nothing_saved_is_never_settled() -> None:
    assert judge(row(Stage.ACTIVATED), Verdict.COMPLETE, registration_version=0) is None


def test_each_fact_grows_the_revision() -> None:
    step = judge(WAITING, Verdict.COMPLETE)
    assert step is not None
    assert [event.revision for event in step.events] == [WAITING.revision + 1]
    assert step.candidature.revision == WAITING.revision + 1


@pytest.mark.parametrize(
    ("before", "verdict", "changes", "expected"),
    [
        (CANCELLED, Verdict.HELD, {}, True),
        (CANCELLED, Verdict.INCOMPLETE, {}, False),
        (CANCELLED, Verdict.HELD, {"registration_version": 7}, False),
        (row(Stage.CANCELLED, cancelled_by="officer"), Verdict.HELD, {}, False),
        (HELD, Verdict.HELD, {}, False),
    ],
)
def test_a_hold_that_came_after_the_cancellation_changes_nothing_and_is_not_forgotten(
    before: Candidature, verdict: Verdict, changes: dict[str, Any], expected: bool
) -> None:
    kept = heard(before, settled(verdict, **changes))
    assert kept is not None
    assert hold_unheeded(kept) is expected
    assert not expected or judged(kept, AFTER) is None
