"""What this service answers to a life and to a session that ask what is next."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.contracts.stages import Stage, Verdict
from services.documents.domain.candidate import Candidate
from services.documents.domain.life import next_step, session_step, share
from services.documents.domain.reminders import schedule
from services.documents.domain.seeing import Seen
from tests.unit.documents.rows import CALENDAR, CANDIDATE_ID, CLOSES, DAY, DEADLINE, GRACE, SAVED, TICK, row

SPREAD = timedelta(seconds=CALENDAR.spread_seconds) * share(CANDIDATE_ID)
REMINDED = [one.cause for one in schedule(CALENDAR, DEADLINE)]
SEEN = Seen(DEADLINE + GRACE)


def due(candidate: Candidate, now: datetime) -> tuple[str | None, datetime | None]:
    step = next_step(candidate, CALENDAR, now, SEEN)
    assert not step.ended
    return step.action, step.due_at


def test_the_incomplete_are_reminded_first() -> None:
    assert due(row(), SAVED) == ("remind", schedule(CALENDAR, DEADLINE)[0].at)


def test_the_reminded_wait_for_the_deadline_and_its_grace() -> None:
    assert due(row(reminded=REMINDED), DEADLINE - DAY) == ("settle", DEADLINE + GRACE + SPREAD)


def test_the_complete_wait_for_the_windows_close_and_its_grace() -> None:
    assert due(row(missing_count=0), SAVED) == ("settle", CLOSES + GRACE + SPREAD)


@pytest.mark.parametrize("stage", [Stage.HELD, Stage.CANCELLED])
def test_the_held_and_the_cancelled_are_not_reminded(stage: Stage) -> None:
    assert due(row(stage=stage), SAVED)[0] == "settle"


def test_what_is_overdue_waits_no_longer() -> None:
    step = next_step(row(reminded=REMINDED), CALENDAR, DEADLINE + DAY, SEEN)
    assert (step.action, step.wait_seconds) == ("settle", 1.0)


def test_what_waits_to_be_judged_is_judged_soon() -> None:
    step = next_step(row(to_judge_count=1), CALENDAR, SAVED, SEEN)
    assert step.action == "judge"
    assert step.wait_seconds is not None
    assert step.wait_seconds <= 10


def test_nothing_is_asked_of_one_who_has_saved_nothing() -> None:
    step = next_step(row(registration_version=0, stage=Stage.ACTIVATED), CALENDAR, SAVED, SEEN)
    assert (step.ended, step.action, step.wait_seconds) == (False, None, None)


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.NOT_REGISTERED, Stage.WITHDRAWN])
def test_the_decided_end(stage: Stage) -> None:
    assert next_step(row(stage=stage), CALENDAR, DEADLINE + DAY, SEEN).ended


def test_the_cancelled_end_only_when_judged_on_their_present_evidence() -> None:
    settled = row(stage=Stage.CANCELLED, settled_rev=5, verdict=Verdict.INCOMPLETE)
    assert next_step(settled, CALENDAR, DEADLINE + DAY, SEEN).ended
    assert not next_step(settled.new_evidence(), CALENDAR, DEADLINE + DAY, SEEN).ended


def test_the_held_await_an_officer() -> None:
    step = next_step(
        row(stage=Stage.HELD, settled_rev=5, verdict=Verdict.HELD), CALENDAR, DEADLINE + DAY, SEEN
    )
    assert (step.ended, step.action) == (False, None)


def test_candidates_are_spread_over_the_half_hour_each_at_a_place_of_its_own() -> None:
    places = [share(uuid4()) for _ in range(200)]
    assert all(0 <= place < 1 for place in places)
    assert len({int(place * 10) for place in places}) == 10
    assert share(CANDIDATE_ID) == share(CANDIDATE_ID)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (CLOSES + GRACE - TICK, CLOSES + GRACE),
        (CLOSES + GRACE, DEADLINE + GRACE),
        (DEADLINE + GRACE - TICK, DEADLINE + GRACE),
        (DEADLINE + GRACE, None),
    ],
)
def test_a_session_is_settled_at_its_two_limits(now: datetime, at: datetime | None) -> None:
    step = session_step(CALENDAR, now, due=0, withheld=0)
    assert step.due_at == at
    assert step.action == ("settle" if at else None)


def test_a_session_with_rows_due_is_settled_now() -> None:
    assert session_step(CALENDAR, DEADLINE + DAY, due=3, withheld=2).wait_seconds == 0
