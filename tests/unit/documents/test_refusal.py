"""Ours 5: a refusal less than 5 working days before the deadline gives a deadline of its own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.documents.domain.refusal import own_deadline
from tests.unit.documents.rows import DEADLINE, TICK

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2020, 12, 1, tzinfo=PARIS)


def test_five_working_days_before_the_deadline_it_stays() -> None:
    """Monday the 30th: the 1st, 2nd, 3rd, 4th and 7th are left."""
    assert own_deadline(TUESDAY - TICK, DEADLINE) is None


def test_one_working_day_less_gives_one_more() -> None:
    assert own_deadline(TUESDAY, DEADLINE) == datetime(2020, 12, 8, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("refused", "ends"),
    [
        (datetime(2020, 12, 7, 22, tzinfo=PARIS), datetime(2020, 12, 15, tzinfo=PARIS)),
        (datetime(2020, 12, 9, 8, tzinfo=PARIS), datetime(2020, 12, 17, tzinfo=PARIS)),
        (datetime(2020, 12, 12, 8, tzinfo=PARIS), datetime(2020, 12, 19, tzinfo=PARIS)),
        (datetime(2020, 12, 18, 8, tzinfo=PARIS), datetime(2020, 12, 29, tzinfo=PARIS)),
        (datetime(2020, 12, 28, 8, tzinfo=PARIS), datetime(2021, 1, 6, tzinfo=PARIS)),
        (datetime(2021, 3, 26, 8, tzinfo=PARIS), datetime(2021, 4, 3, tzinfo=PARIS)),
        (datetime(2021, 4, 2, 8, tzinfo=PARIS), datetime(2021, 4, 13, tzinfo=PARIS)),
    ],
    ids=["last day", "after", "saturday", "christmas", "new year", "summer time begins", "easter monday"],
)
def test_it_ends_with_the_fifth_working_day_in_paris(refused: datetime, ends: datetime) -> None:
    assert own_deadline(refused, DEADLINE) == ends


def test_a_deadline_that_was_moved_past_it_stays() -> None:
    assert own_deadline(datetime(2020, 12, 9, 8, tzinfo=PARIS), datetime(2020, 12, 17, tzinfo=PARIS)) is None
