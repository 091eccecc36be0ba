from datetime import datetime, timedelta

import pytest

from services.accounts.domain.errors import NoSession, WindowNotOpen
from services.accounts.domain.window import open_session, precedence
from services.accounts.problems import problem_of
from services.contracts.events import Calendar
from tests.unit.accounts.calendars import CLOSES_AT, MILLISECOND, OPENS_AT, session_2021

YEAR = timedelta(days=365)


@pytest.mark.parametrize("arrived_at", [OPENS_AT, OPENS_AT + MILLISECOND, CLOSES_AT - MILLISECOND])
def test_an_account_can_be_opened_within_the_window(arrived_at: datetime) -> None:
    assert open_session([session_2021()], arrived_at).session_id == "2021"


@pytest.mark.parametrize(
    ("arrived_at", "over"),
    [(OPENS_AT - MILLISECOND, False), (CLOSES_AT, True), (CLOSES_AT + MILLISECOND, True)],
)
def test_no_account_can_be_opened_outside_the_window(arrived_at: datetime, over: bool) -> None:
    with pytest.raises(WindowNotOpen) as refused:
        open_session([session_2021()], arrived_at)
    assert refused.value.over is over


def test_the_refusal_tells_the_dates_as_people_read_them() -> None:
    problem = problem_of(WindowNotOpen(session_2021(), over=True))
    assert "du lundi 2 novembre 2020 à 0 h 00 au dimanche 22 novembre 2020 à 23 h 59" in problem.detail
    assert problem.status == 409


def test_without_a_calendar_nobody_is_told_that_the_window_is_closed() -> None:
    with pytest.raises(NoSession):
        open_session([], OPENS_AT)
    assert problem_of(NoSession()).status == 503


def test_of_two_open_sessions_the_one_that_closes_first_is_meant() -> None:
    longer = session_2021(session_id="long", closes_at=CLOSES_AT + YEAR)
    assert open_session([longer, session_2021()], OPENS_AT).session_id == "2021"


def precedence_of(now: datetime, *calendars: Calendar) -> list[str]:
    return [c.session_id for c in sorted(calendars, key=lambda c: precedence(c, now))]


def test_an_address_means_its_account_of_the_running_session() -> None:
    last = session_2021()
    this = session_2021(
        session_id="2022", opens_at=OPENS_AT + YEAR, closes_at=CLOSES_AT + YEAR, ends_at=last.ends_at + YEAR
    )
    assert precedence_of(OPENS_AT + YEAR, last, this) == ["2022", "2021"]
    assert precedence_of(CLOSES_AT + YEAR, last, this) == ["2022", "2021"]


def test_of_two_open_sessions_an_address_means_the_one_that_closes_first() -> None:
    longer = session_2021(session_id="long", closes_at=CLOSES_AT + YEAR, ends_at=CLOSES_AT + 2 * YEAR)
    assert precedence_of(OPENS_AT, longer, session_2021()) == ["2021", "long"]


def test_of_two_closed_sessions_an_address_means_the_one_that_opened_last() -> None:
    later = session_2021(session_id="later", opens_at=OPENS_AT + MILLISECOND)
    assert precedence_of(CLOSES_AT, session_2021(), later) == ["later", "2021"]


def test_a_session_that_has_ended_comes_after_one_that_has_not() -> None:
    early = session_2021(session_id="early", opens_at=OPENS_AT - YEAR, ends_at=CLOSES_AT + 2 * YEAR)
    assert precedence_of(session_2021().ends_at, session_2021(), early) == ["early", "2021"]


def test_between_two_sessions_the_coming_one_is_told() -> None:
    coming = session_2021(session_id="2022", opens_at=OPENS_AT + YEAR, closes_at=CLOSES_AT + YEAR)
    with pytest.raises(WindowNotOpen) as refused:
        open_session([session_2021(), coming], CLOSES_AT)
    assert (refused.value.nearest.session_id, refused.value.over) == ("2022", False)
