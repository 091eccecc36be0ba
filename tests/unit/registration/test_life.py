"""When the clock asks again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.contracts.stages import Stage
from services.registration.configuration import DATA, calendar
from services.registration.domain.life import next_step, session_step, share
from tests.unit.registration.rows import AFTER, CLOSES, DEADLINE, GRACE, MS, row

SPREAD = 1800
CALENDAR = calendar(DATA / "session-2021.toml")


@pytest.mark.parametrize("stage", [Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.REGISTERED])
def test_before_the_close_it_sleeps_until_its_share_of_the_spread(stage: Stage) -> None:
    one = row(stage)
    now = CLOSES - timedelta(days=3)
    found = next_step(one, now, SPREAD)
    assert found.action == "close_window"
    expected = (CLOSES + GRACE - now).total_seconds() + share(one.candidate_id) * SPREAD
    assert found.wait_seconds == pytest.approx(expected)
    assert (found.ended, found.due_at, found.stage, found.session_id) == (False, CLOSES, stage, "2021")


def test_a_late_wake_up_asks_at_once_but_never_under_a_second() -> None:
    found = next_step(row(Stage.REGISTERED), AFTER, SPREAD)
    assert (found.action, found.wait_seconds) == ("close_window", 1)


def test_an_account_not_activated_at_the_close_is_asked_about_each_hour() -> None:
    found = next_step(row(Stage.AWAITING_ACTIVATION), CLOSES + GRACE, SPREAD)
    assert (found.ended, found.action, found.wait_seconds) == (False, None, 3600)


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.CANCELLED, Stage.NOT_REGISTERED])
def test_an_outcome_ends_the_life(stage: Stage) -> None:
    assert next_step(row(stage), AFTER, SPREAD).ended


def test_a_hold_does_not_end_the_life() -> None:
    found = next_step(row(Stage.HELD, hold_cause="ours"), AFTER, SPREAD)
    assert (found.ended, found.action) == (False, None)


def test_a_withdrawal_ends_the_life_once_it_cannot_be_undone_by_saving() -> None:
    before = next_step(row(Stage.WITHDRAWN), CLOSES + GRACE - MS, SPREAD)
    assert (before.ended, before.action) == (False, "close_window")
    assert next_step(row(Stage.WITHDRAWN), CLOSES + GRACE, SPREAD).ended


def test_documents_awaited_are_the_deadlines_matter() -> None:
    found = next_step(row(Stage.AWAITING_DOCUMENTS, portfolio=12), CLOSES + GRACE, SPREAD)
    assert (found.ended, found.action, found.due_at, found.portfolio) == (False, None, DEADLINE, "12")


def test_the_spread_is_stable_and_even() -> None:
    ids = [uuid4() for _ in range(2000)]
    shares = [share(one) for one in ids]
    assert all(0 <= one < 1 for one in shares)
    assert shares == [share(one) for one in ids]
    assert 0.45 < sum(shares) / len(shares) < 0.55


def test_a_session_is_closed_at_close_and_grace_while_rows_are_left() -> None:
    ahead = session_step(CALENDAR, CLOSES + GRACE - MS, 3)
    assert (ahead.action, ahead.wait_seconds) == ("close_window", 0.001)
    assert session_step(CALENDAR, CLOSES + GRACE, 3).wait_seconds == 0
    assert session_step(CALENDAR, CLOSES + GRACE, 0).action is None
