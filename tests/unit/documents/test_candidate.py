"""The pure changes of the candidate's row: what is heard, and what may be our fault."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.events import CandidatureReleased, DeadlineMoved
from services.contracts.stages import Stage, Verdict
from services.documents.domain.candidate import (
    GATEWAY,
    Candidate,
    Release,
    checked_off,
    fault_begun,
    fault_ended,
    fault_healed,
    fault_told,
    heard,
    hindered,
    kept_waiting,
    standing,
    warned,
)
from tests.unit.documents.rows import CANDIDATE_ID, CLOSES, DAY, DEADLINE, GRACE, SAVED, TICK, row


def hear(before: Candidate, revision: int = 5, **changes: Any) -> Candidate | None:
    values: dict[str, Any] = {"stage": before.stage, "deadline_at": before.deadline_at, **changes}
    release = Release(values.get("releases", 0), None, values.get("settle_now", False))
    return standing(before, revision, values["stage"], values["deadline_at"], release)


@pytest.mark.parametrize("revision", [3, 4])
def test_what_is_not_newer_changes_nothing(revision: int) -> None:
    assert hear(row(), revision, stage=Stage.CANCELLED) is None


def test_a_stage_alone_is_no_new_evidence() -> None:
    after = hear(row(), stage=Stage.CONFIRMED)
    assert after == row(stage=Stage.CONFIRMED, registration_revision=5)


def test_another_deadline_is_new_evidence() -> None:
    after = hear(row(), deadline_at=DEADLINE + DAY)
    assert after == row(deadline_at=DEADLINE + DAY, registration_revision=5, evidence_rev=6)


@pytest.mark.parametrize("closed", [Stage.CANCELLED, Stage.HELD, Stage.WITHDRAWN])
def test_what_waits_for_documents_again_is_judged_again(closed: Stage) -> None:
    after = hear(row(stage=closed), stage=Stage.AWAITING_DOCUMENTS)
    assert after is not None
    assert after.evidence_rev == 6


class TestTheDeadlineARefusalGave:
    own = DEADLINE + 5 * DAY
    refused = row(deadline_at=own, own_deadline_at=own)

    def test_stays_until_registration_has_it(self) -> None:
        after = hear(self.refused, deadline_at=DEADLINE)
        assert after is not None
        assert (after.deadline_at, after.own_deadline_at, after.evidence_rev) == (self.own, self.own, 5)

    def test_is_registrations_once_it_has_it(self) -> None:
        after = hear(self.refused, deadline_at=self.own)
        assert after is not None
        assert (after.deadline_at, after.own_deadline_at, after.evidence_rev) == (self.own, None, 5)

    def test_then_may_be_moved_earlier(self) -> None:
        known = hear(self.refused, deadline_at=self.own)
        assert known is not None
        after = hear(known, 6, deadline_at=DEADLINE + DAY)
        assert after is not None
        assert after.deadline_at == DEADLINE + DAY


class TestFaults:
    arrived = DEADLINE - timedelta(hours=1)
    attempt = uuid4()

    def begun(self, arrived_at: datetime | None = None, **changes: Any) -> Candidate:
        return fault_begun(row(**changes), self.attempt, "p2", arrived_at or self.arrived)

    def test_an_upload_may_be_our_fault_from_its_arrival(self) -> None:
        assert self.begun().fault_at == self.arrived

    def test_its_beginning_is_no_evidence(self) -> None:
        assert self.begun().evidence_rev == 5

    def test_one_that_was_refused_is_the_candidates_doing(self) -> None:
        after = fault_ended(self.begun(), self.attempt)
        assert (after.faults, after.fault_at, after.evidence_rev) == ({}, None, 6)

    def test_the_newest_hundred_are_kept_however_many_are_cut(self) -> None:
        cut = row()
        for place in range(120):
            cut = fault_begun(cut, uuid4(), "p2", self.arrived + place * TICK)
        assert len(cut.faults) == 100
        assert cut.fault_at == self.arrived + 119 * TICK
        assert fault_healed(cut, "p2", self.arrived + 118 * TICK).fault_at == self.arrived + 119 * TICK

    def test_a_later_success_on_the_piece_heals_it(self) -> None:
        assert fault_healed(self.begun(), "p2", self.arrived + TICK).fault_at is None
        assert fault_healed(self.begun(), "p2", self.arrived).fault_at is None

    def test_neither_an_earlier_success_nor_another_piece_heals_it(self) -> None:
        assert fault_healed(self.begun(), "p2", self.arrived - TICK).fault_at == self.arrived
        assert fault_healed(self.begun(), "p3", self.arrived + TICK).fault_at == self.arrived

    @pytest.mark.parametrize(
        ("arrived_at", "counts"), [(DEADLINE - TICK, True), (DEADLINE, False), (DEADLINE + TICK, False)]
    )
    def test_only_what_arrived_in_time_excuses(self, arrived_at: datetime, counts: bool) -> None:
        assert (self.begun(arrived_at).fault_at is not None) is counts

    def test_a_deadline_moved_later_makes_it_in_time(self) -> None:
        arrived = DEADLINE + timedelta(hours=1)
        after = hear(self.begun(arrived), deadline_at=DEADLINE + DAY)
        assert after is not None
        assert after.fault_at == arrived

    def test_a_release_forgets_them(self) -> None:
        after = hear(self.begun(stage=Stage.HELD), stage=Stage.AWAITING_DOCUMENTS)
        assert after is not None
        assert (after.faults, after.fault_at, after.evidence_rev) == ({}, None, 6)

    def test_a_release_whose_hold_was_not_heard_of_forgets_them_too(self) -> None:
        event = CandidatureReleased(
            revision=6,
            candidate_id=CANDIDATE_ID,
            session_id="2021",
            state=Stage.AWAITING_DOCUMENTS,
            registration_version=1,
            deadline_at=DEADLINE,
        )
        after = heard(self.begun(), event)
        assert after is not None
        assert (after.faults, after.stage, after.evidence_rev) == ({}, Stage.AWAITING_DOCUMENTS, 6)

    def test_a_release_between_two_tellings_is_known_by_its_number(self) -> None:
        after = hear(self.begun(), releases=1)
        assert after is not None
        assert (after.faults, after.fault_at, after.evidence_rev) == ({}, None, 6)
        assert after.releases_heard == 1

    @pytest.mark.parametrize("stage", [Stage.HELD, Stage.AWAITING_DOCUMENTS])
    def test_a_release_forgets_once(self, stage: Stage) -> None:
        """What began after it may be our fault again."""
        after = hear(self.begun(stage=stage, releases_heard=1), stage=Stage.AWAITING_DOCUMENTS, releases=1)
        assert after is not None
        assert (after.fault_at, after.releases_heard) == (self.arrived, 1)

    @pytest.mark.parametrize("settle_now", [True, False])
    def test_only_one_that_is_to_be_settled_forgets_that_nobody_could_warn(self, settle_now: bool) -> None:
        held = row(stage=Stage.HELD, unreachable=True)
        after = hear(held, stage=Stage.AWAITING_DOCUMENTS, releases=1, settle_now=settle_now)
        assert after is not None
        assert after.unreachable is not settle_now

    @pytest.mark.parametrize("settle_now", [True, False])
    def test_only_such_a_one_forgets_that_nobody_is_known_to_have_warned(self, settle_now: bool) -> None:
        held = row(stage=Stage.HELD, reminded_for=[DEADLINE])
        after = hear(held, stage=Stage.AWAITING_DOCUMENTS, releases=1, settle_now=settle_now)
        assert after is not None
        assert after.unwarned is not settle_now

    def test_a_moved_deadline_forgets_none(self) -> None:
        event = DeadlineMoved(
            revision=6,
            candidate_id=CANDIDATE_ID,
            session_id="2021",
            state=Stage.AWAITING_DOCUMENTS,
            registration_version=1,
            deadline_at=DEADLINE + DAY,
            scope="session",
        )
        after = heard(self.begun(), event)
        assert after is not None
        assert after.fault_at == self.arrived


class TestAWarning:
    """Of whom nothing is known but that a reminder was decided, nobody can say that they were warned."""

    @pytest.mark.parametrize(
        ("reminded_for", "warned_for", "unwarned"),
        [
            ([], [], False),
            ([DEADLINE], [], True),
            ([DEADLINE], [DEADLINE], False),
            ([DEADLINE], [DEADLINE - DAY], True),
            ([DEADLINE], [DEADLINE, DEADLINE + DAY], False),
            ([DEADLINE - DAY], [], False),
        ],
    )
    def test_is_of_the_deadline_in_force_and_lacks_only_where_a_reminder_was_decided(
        self, reminded_for: list[datetime], warned_for: list[datetime], unwarned: bool
    ) -> None:
        assert row(reminded_for=reminded_for, warned_for=warned_for).unwarned is unwarned

    def test_before_the_verdict_is_found_by_the_statement_and_no_new_evidence(self) -> None:
        after = warned(row(reminded_for=[DEADLINE]), [DEADLINE])
        assert after == row(reminded_for=[DEADLINE], warned_for=[DEADLINE])

    def test_after_the_verdict_asks_for_another(self) -> None:
        held = row(reminded_for=[DEADLINE], settled_rev=5, verdict=Verdict.HELD)
        assert warned(held, [DEADLINE]).evidence_rev == 6

    @pytest.mark.parametrize("of", [[], [DEADLINE - DAY]])
    def test_of_another_deadline_changes_no_verdict(self, of: list[datetime]) -> None:
        held = row(reminded_for=[DEADLINE], settled_rev=5, verdict=Verdict.HELD)
        after = warned(held, of)
        assert after.unwarned
        assert after.evidence_rev == 5

    def test_told_again_or_of_an_older_deadline_undoes_nothing(self) -> None:
        once = warned(row(reminded_for=[DEADLINE]), [DEADLINE])
        assert warned(once, [DEADLINE]) == once
        assert not warned(once, [DEADLINE - DAY]).unwarned


class TestAChecklist:
    def test_an_older_one_changes_nothing(self) -> None:
        assert checked_off(row(), 3, 1, SAVED, None) is None

    def test_a_newer_one_is_new_evidence(self) -> None:
        after = checked_off(row(), 6, 2, SAVED + DAY, None)
        assert after == row(
            checklist_revision=6, registration_version=2, version_saved_at=SAVED + DAY, evidence_rev=6
        )

    @pytest.mark.parametrize("before", [Stage.AWAITING_ACTIVATION, Stage.ACTIVATED])
    def test_it_shows_that_something_is_saved(self, before: Stage) -> None:
        unsaved = row(stage=before, registration_version=0, checklist_revision=0)
        after = checked_off(unsaved, 3, 1, SAVED, None)
        assert after is not None
        assert after.stage is Stage.REGISTERED

    def test_it_tells_until_when_the_form_may_be_changed(self) -> None:
        after = checked_off(row(), 6, 2, SAVED, CLOSES + DAY)
        assert after is not None
        assert after.closes_at == CLOSES + DAY

    def test_it_undoes_no_outcome(self) -> None:
        after = checked_off(row(stage=Stage.CANCELLED), 6, 2, SAVED, None)
        assert after is not None
        assert after.stage is Stage.CANCELLED


def test_the_verdict_is_due_at_the_deadline_or_at_the_close_once_complete() -> None:
    assert row().settle_at == DEADLINE + GRACE
    assert row(missing_count=0).settle_at == CLOSES + GRACE


class TestWhoWaitsForUs:
    @pytest.mark.parametrize(
        ("arrived", "since", "until", "expected"),
        [
            pytest.param(-120, -100, -50, -50, id="in the last minutes"),
            pytest.param(-700, -650, -599, -599, id="until into them"),
            pytest.param(-60, -50, 5, None, id="until after the deadline"),
            pytest.param(-120, -100, -55, "not", id="not longer than is allowed"),
            pytest.param(-900, -700, -600, "not", id="until before them"),
            pytest.param(-60, 1, 200, "not", id="since the deadline, the body having been slow"),
            pytest.param(0, 1, 200, "not", id="after it came too late"),
        ],
    )
    def test_is_thought_hindered_as_by_an_outage(
        self, arrived: float, since: float, until: float, expected: float | str | None
    ) -> None:
        after = self.waited(row(), arrived, since, until)
        if expected == "not":
            assert after == row()
            return
        at = DEADLINE - TICK if expected is None else at_second(float(expected))
        assert after == row(service_fault_at=at, evidence_rev=6)

    def test_a_later_outage_stays_the_last(self) -> None:
        known = row(service_fault_at=DEADLINE - TICK)
        assert self.waited(known, -120, -100, -50) == known

    def test_of_the_complete_it_changes_no_evidence(self) -> None:
        after = self.waited(row(missing_count=0), -120, -100, -50)
        assert after == row(missing_count=0, service_fault_at=at_second(-50))

    @staticmethod
    def waited(before: Candidate, arrived: float, since: float, until: float) -> Candidate:
        return kept_waiting(
            before,
            at_second(arrived),
            at_second(since),
            at_second(until),
            longest=timedelta(seconds=45),
            near=timedelta(seconds=600),
        )


class TestWhoseRequestsGetNoAnswer:
    @staticmethod
    def after(*spans: tuple[float, float], before: Candidate | None = None) -> Candidate:
        found = before or row()
        for arrived, ended in spans:
            found = hindered(
                found,
                at_second(arrived),
                at_second(ended),
                longest=timedelta(seconds=45),
                near=timedelta(seconds=600),
            )
        return found

    @pytest.mark.parametrize(
        ("spans", "hindered_at"),
        [
            pytest.param([(-100, -88)], None, id="once, and given up soon"),
            pytest.param([(-100, -54)], -54, id="once, for longer than is allowed"),
            pytest.param([(-100, -88), (-87, -75), (-74, -62), (-61, -49)], -49, id="again and again"),
            pytest.param([(-100, -88), (-43, -42)], -42, id="tried again after a while"),
            pytest.param([(-134, -133), (-87, -86), (-40, -39)], None, id="now and then"),
            pytest.param([(-700, -640), (-630, -601)], None, id="before the last minutes"),
            pytest.param([(-700, -640), (-630, -599)], -599, id="until into them"),
            pytest.param([(-100, -88), (1, 200)], None, id="afterwards it came too late"),
        ],
    )
    def test_is_thought_hindered_as_by_an_outage(
        self, spans: list[tuple[float, float]], hindered_at: float | None
    ) -> None:
        expected = None if hindered_at is None else at_second(hindered_at)
        for order in permutations(spans):
            assert self.after(*order).service_fault_at == expected

    def test_has_it_until_the_deadline_at_most(self) -> None:
        assert self.after((-60, -48), (-47, -35), (-34, 20)).service_fault_at == DEADLINE - TICK

    def test_is_forgotten_with_a_release_and_counted_anew(self) -> None:
        held = self.after((-200, -188), (-187, -150), before=row(stage=Stage.HELD))
        released = hear(held, stage=Stage.AWAITING_DOCUMENTS, releases=1)
        assert released is not None
        assert self.after((-140, -130), before=released).service_fault_at is None

    def test_is_not_for_what_lies_weeks_apart(self) -> None:
        assert self.after((-9000, -8990), (-20, -10)).service_fault_at is None

    def test_has_a_verdict_to_be_given_again_if_incomplete(self) -> None:
        spans = (-100, -88), (-87, -50)
        assert self.after(*spans).evidence_rev == row().evidence_rev + 1
        complete = row(missing_count=0)
        assert self.after(*spans, before=complete).evidence_rev == complete.evidence_rev


class TestAnAttemptOfWhichTheGatewayTells:
    ATTEMPT = UUID(int=1)

    def test_is_not_ended_by_a_refusal_that_reached_nobody(self) -> None:
        begun = fault_begun(row(), self.ATTEMPT, "p2", at_second(-60))
        told = fault_told(begun, "p2", at_second(-60), GATEWAY)
        assert told is not None
        assert told.turned_away_at() == at_second(-60)
        assert fault_ended(told, self.ATTEMPT) == told
        assert fault_ended(begun, self.ATTEMPT).fault_at is None

    def test_is_made_up_for_by_a_success(self) -> None:
        begun = fault_begun(row(), self.ATTEMPT, "p2", at_second(-60))
        told = fault_told(begun, "p2", at_second(-60), GATEWAY)
        assert told is not None
        assert fault_healed(told, "p2", at_second(-60)).faults == {}

    @pytest.mark.parametrize(("piece", "arrived"), [("p3", -60), ("p2", -61)])
    def test_is_the_one_of_that_piece_and_arrival(self, piece: str, arrived: float) -> None:
        begun = fault_begun(row(), self.ATTEMPT, "p2", at_second(-60))
        assert fault_told(begun, piece, at_second(arrived), GATEWAY) is None


def at_second(seconds: float) -> datetime:
    """From the deadline."""
    return DEADLINE + timedelta(seconds=seconds)
