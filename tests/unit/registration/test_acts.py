"""Officers' acts: what they may do to which candidature."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.contracts.events import Calendar, CandidatureReinstated, CandidatureReleased, DeadlineMoved
from services.contracts.stages import Stage, Verdict
from services.registration.configuration import DATA, calendar
from services.registration.domain import acts
from services.registration.domain.candidature import Candidature
from services.registration.domain.errors import (
    DeadlineRefused,
    NotAllowed,
    NothingSaved,
    NothingToUphold,
    ReleaseUndecided,
)
from services.registration.domain.outcome import heard, hold_unheeded, judged, reopened, save_unheeded
from tests.unit.registration.rows import AFTER, CLOSES, DEADLINE, GRACE, MS, row, settled

NOTICE = timedelta(days=7)
LATER = DEADLINE + timedelta(days=10)


def test_a_hold_keeps_the_reason_and_stops_verdicts() -> None:
    after = acts.held(row(), AFTER, "pièce illisible").candidature
    assert (after.stage, after.hold_cause, after.officer_reason) == (
        Stage.HELD,
        "officer",
        "pièce illisible",
    )


def test_an_officer_may_take_over_a_hold_of_ours_but_not_hold_twice() -> None:
    ours = row(Stage.HELD, hold_cause="ours")
    held = acts.held(ours, AFTER, "à voir").candidature
    assert held.hold_cause == "officer"
    with pytest.raises(NotAllowed):
        acts.held(held, AFTER, "à voir")


@pytest.mark.parametrize(
    ("now", "stage"),
    [(CLOSES + GRACE - MS, Stage.REGISTERED), (CLOSES + GRACE, Stage.AWAITING_DOCUMENTS)],
)
def test_a_release_goes_on_where_the_calendar_is(now: datetime, stage: Stage) -> None:
    released = acts.released(row(Stage.HELD, hold_cause="officer"), now, notice=NOTICE).candidature
    assert (released.stage, released.hold_cause, released.officer_reason) == (stage, None, None)


def test_releasing_a_failed_eligibility_accepts_it() -> None:
    held = row(Stage.HELD, hold_cause="eligibility", eligible=False)
    assert acts.released(held, AFTER, notice=NOTICE, settle_now=True).candidature.may_be_confirmed()


def test_releasing_another_hold_accepts_no_eligibility() -> None:
    held = row(Stage.HELD, hold_cause="officer", eligible=False)
    assert not acts.released(held, AFTER, notice=NOTICE, settle_now=True).candidature.may_be_confirmed()


def test_only_a_hold_is_released() -> None:
    with pytest.raises(NotAllowed):
        acts.released(row(), AFTER, notice=NOTICE)


@pytest.mark.parametrize("cause", ["ours", "officer"])
@pytest.mark.parametrize(
    ("now", "passed"), [(DEADLINE, True), (DEADLINE - MS, False), (DEADLINE - NOTICE + MS, False)]
)
def test_a_release_nearer_than_the_notice_says_by_when_or_that_it_is_settled_as_it_is(
    cause: str, now: datetime, passed: bool
) -> None:
    """Who is held gets no reminders: minutes before the deadline it would be cancelled without warning."""
    held = row(Stage.HELD, hold_cause=cause)
    with pytest.raises(ReleaseUndecided) as undecided:
        acts.released(held, now, notice=NOTICE)
    found = undecided.value
    assert (found.deadline_at, found.earliest, found.passed) == (DEADLINE, now + NOTICE, passed)
    settled = acts.released(held, now, notice=NOTICE, settle_now=True)
    assert settled.candidature.deadline_at == DEADLINE
    (told,) = settled.events
    assert isinstance(told, CandidatureReleased)
    assert (told.released_at, told.settle_now) == (now, True)


@pytest.mark.parametrize("cause", ["ours", "officer"])
def test_a_release_that_leaves_the_notice_needs_no_word(cause: str) -> None:
    held = row(Stage.HELD, hold_cause=cause)
    step = acts.released(held, DEADLINE - NOTICE, notice=NOTICE)
    assert step.candidature.stage is Stage.AWAITING_DOCUMENTS
    (told,) = step.events
    assert isinstance(told, CandidatureReleased)
    assert not told.settle_now


def test_a_release_of_a_file_that_was_found_complete_needs_no_date() -> None:
    held = row(
        Stage.HELD, hold_cause="eligibility", eligible=False, verdict=Verdict.COMPLETE, verdict_version=2
    )
    assert acts.released(held, AFTER, notice=NOTICE).candidature.may_be_confirmed()
    changed = row(Stage.HELD, hold_cause="officer", verdict=Verdict.COMPLETE, verdict_version=1)
    with pytest.raises(ReleaseUndecided):
        acts.released(changed, AFTER, notice=NOTICE)


@pytest.mark.parametrize("now", [DEADLINE - timedelta(minutes=5), DEADLINE - NOTICE + MS])
def test_a_date_given_shortly_before_the_deadline_leaves_the_notice_too(now: datetime) -> None:
    held = row(Stage.HELD, hold_cause="ours")
    soon = now + NOTICE - MS
    with pytest.raises(DeadlineRefused):
        acts.released(held, now, notice=NOTICE, deadline_at=soon)
    with pytest.raises(DeadlineRefused):
        acts.deadline_moved(held, now, soon, NOTICE)
    later = acts.released(held, now, notice=NOTICE, deadline_at=now + NOTICE).candidature
    assert later.deadline_at == now + NOTICE


def test_a_release_with_a_date_leaves_the_candidate_the_notice_period() -> None:
    held = row(Stage.HELD, hold_cause="ours")
    with pytest.raises(DeadlineRefused) as refused:
        acts.released(held, AFTER, notice=NOTICE, deadline_at=AFTER + NOTICE - MS)
    assert (refused.value.why, refused.value.limit) == ("release", AFTER + NOTICE)
    step = acts.released(held, AFTER, notice=NOTICE, deadline_at=AFTER + NOTICE)
    after = step.candidature
    assert (after.stage, after.deadline_at, after.own_deadline, after.hold_cause, after.releases) == (
        Stage.AWAITING_DOCUMENTS,
        AFTER + NOTICE,
        True,
        None,
        1,
    )
    released, moved = step.events
    assert isinstance(released, CandidatureReleased)
    assert isinstance(moved, DeadlineMoved)
    assert (released.releases, moved.because, moved.scope) == (1, "release", "candidate")


def deaf(verdict: Verdict, stage: Stage, **changes: object) -> Candidature:
    """Kept a verdict that changed nothing, since an officer's word or a withdrawal stood."""
    kept = heard(row(stage, **changes), settled(verdict))
    assert kept is not None
    assert judged(kept, AFTER) is None
    return kept


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("cause", ["officer", "ours", "eligibility"])
def test_a_release_is_settled_by_a_fresh_verdict_never_from_memory(verdict: Verdict, cause: str) -> None:
    """A piece may have been refused while the candidature was held."""
    kept = heard(row(Stage.HELD, hold_cause=cause), settled(verdict))
    assert kept is not None
    released = acts.released(kept, AFTER, notice=NOTICE, settle_now=True).candidature
    assert judged(released, AFTER) is None
    fresh = heard(released, settled(Verdict.COMPLETE, evidence_rev=8))
    assert fresh is not None
    step = judged(fresh, AFTER)
    assert step is not None
    assert step.candidature.stage is Stage.CONFIRMED


@pytest.mark.parametrize(("stage", "canceller"), [(Stage.CANCELLED, "officer"), (Stage.WITHDRAWN, None)])
def test_a_reinstatement_is_settled_by_a_fresh_verdict_never_from_memory(
    stage: Stage, canceller: str | None
) -> None:
    kept = deaf(Verdict.COMPLETE, stage, cancelled_by=canceller)
    reinstated = acts.reinstated(kept, AFTER, None, NOTICE).candidature
    assert judged(reinstated, AFTER) is None
    fresh = heard(reinstated, settled(Verdict.COMPLETE, evidence_rev=8))
    assert fresh is not None
    assert judged(fresh, AFTER) is not None


@pytest.mark.parametrize(
    ("stage", "changes"),
    [(Stage.HELD, {"hold_cause": "ours"}), (Stage.CANCELLED, {"cancelled_by": "verdict"})],
)
def test_a_deadline_that_ends_a_hold_or_a_cancellation_closes_the_verdict_too(
    stage: Stage, changes: dict[str, str]
) -> None:
    kept = heard(row(stage, **changes), settled(Verdict.HELD))
    assert kept is not None
    after = acts.deadline_moved(kept, AFTER, LATER, NOTICE).candidature
    assert after.applied_evidence_rev == after.verdict_evidence_rev == 7


def test_a_file_that_misses_a_piece_since_is_not_taken_for_complete() -> None:
    """Who releases it near the deadline is asked for another one: it would be cancelled without warning."""
    held = deaf(Verdict.COMPLETE, Stage.HELD, hold_cause="officer")
    assert acts.released(held, AFTER, notice=NOTICE).candidature.stage is Stage.AWAITING_DOCUMENTS
    reopened_since = reopened(held, 8)
    assert reopened_since is not None
    with pytest.raises(ReleaseUndecided):
        acts.released(reopened_since, AFTER, notice=NOTICE)


def test_a_deadline_moved_turns_a_hold_of_ours_back_to_waiting() -> None:
    step = acts.deadline_moved(row(Stage.HELD, hold_cause="ours"), AFTER, LATER, NOTICE)
    assert (step.candidature.stage, step.candidature.hold_cause) == (Stage.AWAITING_DOCUMENTS, None)
    assert [type(event) for event in step.events] == [CandidatureReleased, DeadlineMoved]
    assert step.candidature.releases == 1
    with pytest.raises(DeadlineRefused):
        acts.deadline_moved(row(Stage.HELD, hold_cause="ours"), AFTER, AFTER + NOTICE - MS, NOTICE)


@pytest.mark.parametrize("cause", ["officer", "eligibility"])
def test_a_deadline_moved_leaves_the_other_holds(cause: str) -> None:
    step = acts.deadline_moved(row(Stage.HELD, hold_cause=cause), AFTER, LATER, NOTICE)
    assert (step.candidature.stage, step.candidature.hold_cause) == (Stage.HELD, cause)
    assert [type(event) for event in step.events] == [DeadlineMoved]


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.CONFIRMED, Stage.HELD])
def test_an_officer_cancels_with_the_reason(stage: Stage) -> None:
    before = row(stage, hold_cause="ours" if stage is Stage.HELD else None)
    after = acts.cancelled(before, AFTER, "fraude").candidature
    assert (after.stage, after.cancelled_by, after.officer_reason, after.hold_cause) == (
        Stage.CANCELLED,
        "officer",
        "fraude",
        None,
    )


def test_nothing_saved_can_be_held_cancelled_or_reinstated() -> None:
    with pytest.raises(NothingSaved):
        acts.held(row(Stage.ACTIVATED), AFTER, "?")
    with pytest.raises(NothingSaved):
        acts.cancelled(row(Stage.NOT_REGISTERED), AFTER, "?")
    with pytest.raises(NothingSaved):
        acts.reinstated(row(Stage.NOT_REGISTERED), AFTER, LATER, NOTICE)


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.WITHDRAWN])
def test_a_reinstatement_waits_for_documents_with_a_date_of_its_own(stage: Stage) -> None:
    before = row(stage, cancelled_by="officer" if stage is Stage.CANCELLED else None)
    step = acts.reinstated(before, AFTER, LATER, NOTICE)
    after = step.candidature
    assert (after.stage, after.deadline_at, after.own_deadline, after.cancelled_by, after.decided_at) == (
        Stage.AWAITING_DOCUMENTS,
        LATER,
        True,
        None,
        None,
    )
    (event,) = step.events
    assert isinstance(event, CandidatureReinstated)
    assert event.deadline_at == LATER


def test_a_reinstatement_without_a_date_needs_a_deadline_ahead_or_a_complete_file() -> None:
    cancelled = row(Stage.CANCELLED, cancelled_by="officer")
    assert acts.reinstated(cancelled, DEADLINE - MS, None, NOTICE).candidature.deadline_at == DEADLINE
    with pytest.raises(DeadlineRefused):
        acts.reinstated(cancelled, DEADLINE, None, NOTICE)
    complete = row(Stage.CANCELLED, cancelled_by="officer", verdict=Verdict.COMPLETE, verdict_version=2)
    assert acts.reinstated(complete, AFTER, None, NOTICE).candidature.stage is Stage.AWAITING_DOCUMENTS


def test_a_deadline_moved_later_reinstates_who_was_cancelled_under_the_earlier_one() -> None:
    step = acts.deadline_moved(row(Stage.CANCELLED, cancelled_by="verdict"), AFTER, LATER, NOTICE)
    assert step.candidature.stage is Stage.AWAITING_DOCUMENTS
    reinstated, moved = step.events
    assert isinstance(reinstated, CandidatureReinstated)
    assert isinstance(moved, DeadlineMoved)
    assert moved.because == "reinstatement"
    assert [event.revision for event in step.events] == [6, 7]


def test_a_reinstatement_brings_no_nearer_date_than_the_notice() -> None:
    cancelled = row(Stage.CANCELLED, cancelled_by="officer")
    now = DEADLINE - timedelta(days=10)
    with pytest.raises(DeadlineRefused) as refused:
        acts.reinstated(cancelled, now, now + NOTICE - MS, NOTICE)
    assert (refused.value.why, refused.value.limit) == ("notice", now + NOTICE)
    assert acts.reinstated(cancelled, now, now + NOTICE, NOTICE).candidature.deadline_at == now + NOTICE
    assert acts.reinstated(cancelled, DEADLINE - MS, DEADLINE, NOTICE).candidature.deadline_at == DEADLINE


def test_a_deadline_moved_leaves_an_officers_cancellation() -> None:
    step = acts.deadline_moved(row(Stage.CANCELLED, cancelled_by="officer"), AFTER, LATER, NOTICE)
    assert step.candidature.stage is Stage.CANCELLED


def test_an_earlier_deadline_leaves_the_notice_period() -> None:
    now = DEADLINE - timedelta(days=10)
    assert acts.deadline_moved(row(), now, now + NOTICE, NOTICE).candidature.deadline_at == now + NOTICE
    with pytest.raises(DeadlineRefused) as refused:
        acts.deadline_moved(row(), now, now + NOTICE - MS, NOTICE)
    assert refused.value.why == "notice"


@pytest.mark.parametrize(
    ("deadline_at", "why"),
    [(DEADLINE, "same"), (CLOSES - timedelta(days=1), "past"), (CLOSES, "window")],
)
def test_a_deadline_is_new_ahead_and_after_the_window(deadline_at: datetime, why: str) -> None:
    with pytest.raises(DeadlineRefused) as refused:
        acts.deadline_moved(row(), CLOSES - timedelta(hours=1), deadline_at, NOTICE)
    assert refused.value.why == why


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.NOT_REGISTERED])
def test_who_is_through_gets_no_other_deadline(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        acts.deadline_moved(row(stage), AFTER, LATER, NOTICE)


def test_a_refusals_deadline_only_lengthens() -> None:
    assert acts.deadline_lengthened(row(), DEADLINE) is None
    step = acts.deadline_lengthened(row(), DEADLINE + MS)
    assert step is not None
    assert (step.candidature.deadline_at, step.candidature.own_deadline) == (DEADLINE + MS, True)
    (moved,) = step.events
    assert isinstance(moved, DeadlineMoved)
    assert moved.because == "refusal"


def doubted(verdict: Verdict = Verdict.HELD, evidence_rev: int = 7) -> Candidature:
    """Cancelled by a verdict, and `verdict` was heard since."""
    kept = heard(row(Stage.CANCELLED, cancelled_by="verdict"), settled(verdict, evidence_rev=evidence_rev))
    assert kept is not None
    return kept


def test_an_upheld_cancellation_is_looked_at_and_otherwise_as_it_was() -> None:
    before = doubted()
    upheld = acts.upheld(before)
    assert not hold_unheeded(upheld.candidature)
    assert upheld.candidature == replace(before, applied_evidence_rev=7)
    assert upheld.events == ()


def test_who_looked_before_another_upheld_the_cancellation_has_to_look_again() -> None:
    assert acts.upheld(doubted()).candidature.seen != doubted().seen


def test_evidence_after_the_officers_look_still_reinstates_and_another_hold_is_raised_again() -> None:
    upheld = acts.upheld(doubted()).candidature
    complete = heard(upheld, settled(Verdict.COMPLETE, evidence_rev=8))
    assert complete is not None
    step = judged(complete, AFTER)
    assert step is not None
    assert step.candidature.stage is Stage.CONFIRMED
    held = heard(upheld, settled(Verdict.HELD, evidence_rev=8))
    assert held is not None
    assert hold_unheeded(held)


@pytest.mark.parametrize(
    "before",
    [
        doubted(Verdict.INCOMPLETE),
        row(Stage.CANCELLED, cancelled_by="verdict"),
        row(Stage.CANCELLED, cancelled_by="officer"),
        row(),
    ],
)
def test_only_a_cancellation_that_a_later_verdict_speaks_against_is_upheld(before: Candidature) -> None:
    with pytest.raises(NothingToUphold):
        acts.upheld(before)


SESSION = calendar(DATA / "session-2021.toml")


def unregistered(**changes: Any) -> Candidature:
    return row(Stage.NOT_REGISTERED, **changes)


def opened(
    before: Candidature,
    closes_at: datetime,
    deadline_at: datetime | None,
    now: datetime = AFTER,
    session: Calendar = SESSION,
) -> Candidature:
    return acts.form_opened(before, now, session, closes_at, deadline_at, NOTICE).candidature


def test_a_form_opened_again_is_one_to_be_saved_until_then_with_a_deadline_of_its_own() -> None:
    before = unregistered(save_fault_at=CLOSES - MS, decided_at=CLOSES + GRACE)
    step = acts.form_opened(before, AFTER, SESSION, AFTER + NOTICE, LATER, NOTICE)
    after = step.candidature
    assert (after.stage, after.closes_at, after.decided_at) == (Stage.ACTIVATED, AFTER + NOTICE, None)
    assert (after.deadline_at, after.own_deadline, after.save_fault_at) == (LATER, True, None)
    (told,) = step.events
    assert isinstance(told, CandidatureReinstated)
    assert (told.state, told.registration_version) == (Stage.ACTIVATED, 0)


@pytest.mark.parametrize(
    ("moved_to", "then"), [(DEADLINE, DEADLINE), (LATER, LATER), (DEADLINE - MS, DEADLINE)]
)
def test_a_form_opened_again_has_the_later_deadline_of_the_sessions_and_its_own(
    moved_to: datetime, then: datetime
) -> None:
    now = CLOSES + GRACE
    session = SESSION.model_copy(update={"deadline_at": moved_to})
    after = opened(unregistered(), now + timedelta(days=1), None, now, session)
    assert (after.deadline_at, after.own_deadline) == (then, True)


@pytest.mark.parametrize(
    ("closes_at", "deadline_at", "why"),
    [
        (AFTER, LATER, "form_past"),
        (LATER, LATER, "window"),
        (AFTER + timedelta(days=1), None, "form_deadline"),
        (AFTER + timedelta(days=1), AFTER - MS, "past"),
    ],
)
def test_a_form_is_opened_for_a_time_to_come_and_before_its_deadline(
    closes_at: datetime, deadline_at: datetime | None, why: str
) -> None:
    with pytest.raises(DeadlineRefused) as refused:
        opened(unregistered(), closes_at, deadline_at)
    assert refused.value.why == why


def test_a_form_that_is_open_again_may_be_given_another_date() -> None:
    first = opened(unregistered(), AFTER + timedelta(days=1), LATER)
    again = opened(first, AFTER + timedelta(hours=2), None)
    assert (again.stage, again.closes_at, again.deadline_at) == (
        Stage.ACTIVATED,
        AFTER + timedelta(hours=2),
        LATER,
    )


@pytest.mark.parametrize(
    "before",
    [
        *(
            row(one)
            for one in (Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.REGISTERED, Stage.WITHDRAWN)
        ),
        *(row(one) for one in (Stage.AWAITING_DOCUMENTS, Stage.CONFIRMED)),
        row(Stage.HELD, hold_cause="ours"),
        row(Stage.CANCELLED, cancelled_by="verdict"),
    ],
    ids=lambda one: one.stage.value,
)
def test_a_form_is_opened_again_to_nobody_else(before: Candidature) -> None:
    with pytest.raises(NotAllowed):
        opened(before, AFTER + NOTICE, LATER)


def test_a_save_that_was_turned_away_is_heeded_by_letting_it_stand() -> None:
    before = unregistered(save_fault_at=CLOSES - MS)
    assert save_unheeded(before)
    upheld = acts.upheld(before)
    assert upheld.candidature == replace(before, save_fault_at=None)
    assert (upheld.act, upheld.events) == ("let_stand", ())
    with pytest.raises(NothingToUphold):
        acts.upheld(upheld.candidature)


def test_a_save_that_would_have_undone_a_withdrawal_is_heeded_by_a_reinstatement() -> None:
    withdrawn = row(Stage.WITHDRAWN, decided_at=CLOSES - timedelta(days=1), save_fault_at=CLOSES - MS)
    assert save_unheeded(withdrawn)
    assert not save_unheeded(replace(withdrawn, decided_at=CLOSES - MS))
    assert acts.reinstated(withdrawn, AFTER, LATER, NOTICE).candidature.save_fault_at is None


def test_whoever_has_saved_since_needs_no_look() -> None:
    assert not save_unheeded(row(save_fault_at=CLOSES - MS))


def test_who_looked_before_a_turned_away_save_was_known_has_to_look_again() -> None:
    assert unregistered().seen != unregistered(save_fault_at=CLOSES - MS).seen
