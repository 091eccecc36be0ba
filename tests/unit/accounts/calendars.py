"""The calendar of session 2021, as the notice has it (domain, ours 1)."""

from datetime import UTC, datetime, timedelta

from services.contracts.events import Calendar

OPENS_AT = datetime(2020, 11, 1, 23, tzinfo=UTC)
CLOSES_AT = datetime(2020, 11, 22, 23, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def session_2021(**changes: object) -> Calendar:
    calendar = Calendar(
        session_id="2021",
        label="session 2021",
        opens_at=OPENS_AT,
        closes_at=CLOSES_AT,
        deadline_at=datetime(2020, 12, 7, 23, tzinfo=UTC),
        ends_at=datetime(2021, 7, 15, 22, tzinfo=UTC),
        activation_seconds=48 * 3600,
        undelivered_seconds=7 * 24 * 3600,
        grace_seconds=600,
        fault_window_seconds=24 * 3600,
        spread_seconds=1800,
        reminder_offsets_seconds=(604800, 172800),
        reminder_gap_seconds=72000,
        reminder_hour=9,
    )
    return calendar.model_copy(update=changes)
