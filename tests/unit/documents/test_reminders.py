"""Reminders: offsets before the deadline at a humane hour, only the latest due, never two within the gap."""

from datetime import UTC, datetime, timedelta

import pytest

from services.documents.domain.reminders import Reminder, next_reminder, schedule
from tests.unit.documents.rows import CALENDAR, DAY, DEADLINE, TICK

# 10 h in Paris in winter.
J14 = datetime(2020, 11, 23, 9, tzinfo=UTC)
J7 = datetime(2020, 11, 30, 9, tzinfo=UTC)
J2 = datetime(2020, 12, 5, 9, tzinfo=UTC)
J1 = datetime(2020, 12, 6, 9, tzinfo=UTC)


def ask(
    now: datetime, reminded: list[Reminder] | None = None, last: datetime | None = None
) -> Reminder | None:
    causes = [one.cause for one in reminded or []]
    return next_reminder(CALENDAR, DEADLINE, causes, last, now)


def planned(kind: str) -> Reminder:
    return next(one for one in schedule(CALENDAR, DEADLINE) if one.kind == kind)


def test_they_are_14_7_2_and_1_days_before_the_deadline_at_10_in_paris() -> None:
    assert [(one.kind, one.at) for one in schedule(CALENDAR, DEADLINE)] == [
        ("J-14", J14),
        ("J-7", J7),
        ("J-2", J2),
        ("J-1", J1),
    ]


def test_the_humane_hour_is_that_of_paris_in_summer_too() -> None:
    summer = schedule(CALENDAR, datetime(2021, 6, 30, 22, tzinfo=UTC))
    assert summer[-1].at == datetime(2021, 6, 29, 8, tzinfo=UTC)


def test_without_a_humane_hour_the_offset_is_exact_and_named_by_its_place() -> None:
    compressed = CALENDAR.model_copy(
        update={"reminder_hour": None, "reminder_offsets_seconds": (40, 20), "reminder_gap_seconds": 5}
    )
    assert [(one.kind, DEADLINE - one.at) for one in schedule(compressed, DEADLINE)] == [
        ("R-1", timedelta(seconds=40)),
        ("R-2", timedelta(seconds=20)),
    ]


def test_the_first_is_awaited() -> None:
    found = ask(J14 - DAY)
    assert found is not None
    assert (found.kind, found.at) == ("J-14", J14)


@pytest.mark.parametrize(("now", "kind"), [(J7 - TICK, "J-14"), (J7, "J-7"), (J7 + DAY, "J-7")])
def test_after_an_outage_only_the_latest_due_is_left(now: datetime, kind: str) -> None:
    found = ask(now)
    assert found is not None
    assert found.kind == kind
    assert found.at <= now


def test_a_reminder_given_is_not_given_again() -> None:
    found = ask(J7 + DAY, [planned("J-7")], J7)
    assert found is not None
    assert found.kind == "J-2"


def test_one_given_late_pushes_the_next_to_the_end_of_the_gap() -> None:
    late = J2 + timedelta(hours=12)
    found = ask(late, [planned("J-2")], late)
    assert found is not None
    assert (found.kind, found.at) == ("J-1", late + timedelta(hours=20))


def test_one_the_gap_pushes_past_the_next_is_left_out() -> None:
    given = J2 - timedelta(minutes=1)
    close = CALENDAR.model_copy(update={"reminder_gap_seconds": 2 * 86_400})
    found = next_reminder(close, DEADLINE, [planned("J-7").cause], given, given)
    assert found is not None
    assert (found.kind, found.at) == ("J-1", given + 2 * DAY)


def test_none_is_given_at_the_deadline_or_after_it() -> None:
    assert ask(DEADLINE - TICK, [planned("J-1")], J1) is None
    late = DEADLINE - timedelta(hours=1)
    assert ask(DEADLINE - TICK, [], late) is None


def test_a_missed_reminder_does_not_stand_before_the_verdict() -> None:
    """A life that slept over the deadline asks for the verdict, not for the reminder it missed."""
    assert next_reminder(CALENDAR, DEADLINE, [], None, DEADLINE - TICK) is not None
    assert next_reminder(CALENDAR, DEADLINE, [], None, DEADLINE) is None
    assert next_reminder(CALENDAR, DEADLINE, [], None, DEADLINE + DAY) is None


def test_a_moved_deadline_has_reminders_of_its_own() -> None:
    moved = DEADLINE + 30 * DAY
    causes = [one.cause for one in schedule(CALENDAR, DEADLINE)]
    found = next_reminder(CALENDAR, moved, causes, J1, DEADLINE)
    assert found is not None
    assert (found.kind, found.deadline_at) == ("J-14", moved)
