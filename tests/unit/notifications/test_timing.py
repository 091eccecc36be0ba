"""When the reminders that are queued ahead are due, on the real calendar of session 2021."""

from datetime import UTC, datetime, timedelta

from services.notifications.domain import Facts
from services.notifications.timing import Timing, due_at
from tests.unit.notifications.samples import CALENDAR, CLOSES_AT

DAY = 24 * 3600
CALENDAR_2021 = CALENDAR.model_copy(
    update={"reminder_offsets_seconds": (14 * DAY, 7 * DAY, 2 * DAY, DAY), "reminder_hour": 10}
)


def due(queued_at: datetime) -> datetime | None:
    return due_at(Timing.BEFORE_CLOSE, Facts(), CALENDAR_2021, queued_at)


def test_the_activation_is_recalled_at_half_of_its_time() -> None:
    expires = datetime(2020, 11, 12, 9, tzinfo=UTC)
    facts = Facts(deadline_at=expires)
    at = due_at(Timing.HALF_ACTIVATION, facts, CALENDAR_2021, expires - timedelta(hours=48))
    assert at == expires - timedelta(hours=24)


def test_a_missing_save_is_recalled_two_days_before_the_window_closes_at_a_humane_hour() -> None:
    assert due(datetime(2020, 11, 3, tzinfo=UTC)) == datetime(2020, 11, 20, 9, tzinfo=UTC)


EVE, LAST_MORNING = datetime(2020, 11, 21, 9, tzinfo=UTC), datetime(2020, 11, 22, 9, tzinfo=UTC)
GAP, SECOND = timedelta(seconds=CALENDAR_2021.reminder_gap_seconds), timedelta(seconds=1)


def test_whoever_activated_late_is_reminded_on_the_eve_or_the_last_morning_and_never_within_the_gap() -> None:
    assert due(EVE - GAP) == EVE
    assert due(EVE - GAP + SECOND) == LAST_MORNING
    assert due(LAST_MORNING - GAP) == LAST_MORNING


def test_whoever_activates_too_late_for_a_reminder_is_told_at_once() -> None:
    for activated in (LAST_MORNING - GAP + SECOND, LAST_MORNING, CLOSES_AT - SECOND):
        assert due(activated) == activated


def test_a_compressed_calendar_is_followed_to_the_second() -> None:
    short = CALENDAR.model_copy(update={"reminder_offsets_seconds": (30, 12), "reminder_gap_seconds": 8})
    opened = CLOSES_AT - timedelta(seconds=80)
    assert due_at(Timing.BEFORE_CLOSE, Facts(), short, opened) == CLOSES_AT - timedelta(seconds=30)
    late = CLOSES_AT - timedelta(seconds=25)
    assert due_at(Timing.BEFORE_CLOSE, Facts(), short, late) == CLOSES_AT - timedelta(seconds=12)
    last = CLOSES_AT - timedelta(seconds=15)
    assert due_at(Timing.BEFORE_CLOSE, Facts(), short, last) == last


def test_a_calendar_without_reminders_has_none() -> None:
    none = CALENDAR.model_copy(update={"reminder_offsets_seconds": ()})
    assert due_at(Timing.BEFORE_CLOSE, Facts(), none, CLOSES_AT - timedelta(days=9)) is None
