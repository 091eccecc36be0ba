from datetime import UTC, datetime, timedelta

import pytest

from services.accounts.domain.activation import activation_period, next_step
from services.contracts.life import NextStep
from services.contracts.stages import AccountState
from tests.unit.accounts.calendars import MILLISECOND, session_2021

ACCEPTED_AT = datetime(2020, 11, 10, 9, 30, tzinfo=UTC)
DUE_AT = datetime(2020, 11, 12, 9, 40, tzinfo=UTC)


def test_the_48_hours_run_from_the_mail_servers_acceptance() -> None:
    assert activation_period(session_2021(), ACCEPTED_AT).expires_at == ACCEPTED_AT + timedelta(hours=48)


def test_the_deletion_waits_for_the_grace() -> None:
    assert activation_period(session_2021(), ACCEPTED_AT).due_at == DUE_AT


def test_an_account_of_the_last_evening_keeps_its_48_hours() -> None:
    calendar = session_2021()
    last_evening = calendar.closes_at - MILLISECOND
    assert activation_period(calendar, last_evening).expires_at == last_evening + timedelta(hours=48)


def step(
    state: AccountState | None, now: datetime = ACCEPTED_AT, due_at: datetime | None = DUE_AT
) -> NextStep:
    return next_step(state=state, session_id="2021", due_at=due_at, now=now)


def test_a_life_sleeps_until_the_grace_is_over() -> None:
    answer = step(AccountState.AWAITING_ACTIVATION, DUE_AT - timedelta(seconds=90))
    assert (answer.action, answer.wait_seconds, answer.due_at) == ("expire", 90, DUE_AT)
    assert not answer.ended


@pytest.mark.parametrize("late", [MILLISECOND * 0, MILLISECOND, timedelta(days=3)])
def test_a_wait_is_never_under_a_second(late: timedelta) -> None:
    assert step(AccountState.AWAITING_ACTIVATION, DUE_AT + late).wait_seconds == 1


def test_while_no_mail_has_left_only_an_event_changes_anything() -> None:
    answer = step(AccountState.AWAITING_ACTIVATION, due_at=None)
    assert (answer.ended, answer.action, answer.wait_seconds) == (False, None, None)


def test_an_activated_account_awaits_nothing() -> None:
    answer = step(AccountState.ACTIVATED)
    assert (answer.ended, answer.gone) == (True, False)


def test_a_deleted_account_ends_the_life() -> None:
    answer = step(AccountState.DELETED)
    assert (answer.ended, answer.gone) == (True, True)


def test_an_account_not_heard_of_yet_ends_no_life() -> None:
    answer = step(None)
    assert (answer.ended, answer.gone, answer.wait_seconds) == (False, False, 30)
