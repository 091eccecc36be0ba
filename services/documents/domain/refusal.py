"""The deadline a refusal gives (ours 5): made less than 5 working days before the deadline, or after it, it
gives that candidate 5 working days more. It never cancels by itself.

A working day is Monday to Friday without the French public holidays; the day ends at midnight in Paris.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")
WORKING_DAYS = 5


def own_deadline(refused_at: datetime, deadline_at: datetime) -> datetime | None:
    """The exclusive end of the 5th working day after the refusal, if the present deadline comes before it."""
    day = refused_at.astimezone(PARIS).date()
    left = WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= _works(day)
    end = datetime.combine(day + timedelta(days=1), time(), PARIS).astimezone(UTC)
    return end if deadline_at < end else None


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays()


@lru_cache(maxsize=1)
def _holidays() -> "holidays.HolidayBase":
    return holidays.country_holidays("FR")
