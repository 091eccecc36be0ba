"""When a reminder is due: offsets before the deadline, at a humane hour, never two within the gap.

After an outage only the latest due one is sent; cause = (kind, deadline), each at most once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.contracts.events import Calendar

PARIS = ZoneInfo("Europe/Paris")
_DAY = 86_400


@dataclass(frozen=True)
class Reminder:
    kind: str
    at: datetime
    deadline_at: datetime

    @property
    def cause(self) -> str:
        return f"{self.kind}@{self.deadline_at.astimezone(UTC).isoformat()}"


def schedule(calendar: Calendar, deadline_at: datetime) -> list[Reminder]:
    """All reminders before `deadline_at`, the earliest first."""
    found = [
        Reminder(
            _kind(offset, place), _humane(deadline_at - timedelta(seconds=offset), calendar), deadline_at
        )
        for place, offset in enumerate(calendar.reminder_offsets_seconds, start=1)
    ]
    return sorted((one for one in found if one.at < deadline_at), key=lambda one: one.at)


def next_reminder(
    calendar: Calendar,
    deadline_at: datetime,
    reminded: list[str],
    last_reminded_at: datetime | None,
    now: datetime,
) -> Reminder | None:
    """The next reminder to decide, with the instant for it (in the past: now); None when none is left."""
    if now >= deadline_at:
        return None
    planned = schedule(calendar, deadline_at)
    due = [one for one in planned if one.at <= now]
    latest = due[-1:] if due and due[-1].cause not in reminded else []
    ahead = [one for one in planned if one.at > now]
    if last_reminded_at is None:
        earliest = None
    else:
        earliest = last_reminded_at + timedelta(seconds=calendar.reminder_gap_seconds)
    line: list[Reminder | None] = [*latest, *ahead, None]
    for one, following in pairwise(line):
        if one is None:
            break
        at = one.at if earliest is None else max(one.at, earliest)
        superseded = following is not None and at >= following.at
        if at < deadline_at and not superseded:
            return Reminder(one.kind, at, deadline_at)
    return None


def _kind(offset_seconds: int, place: int) -> str:
    days, rest = divmod(offset_seconds, _DAY)
    return f"J-{days}" if days and not rest else f"R-{place}"


def _humane(instant: datetime, calendar: Calendar) -> datetime:
    """The humane Paris hour of the day the offset means.

    A limit is an exclusive bound, shown as the last minute it includes (ours 1): one day before the end of
    Monday the 7th is the eve, Sunday the 6th, and not the 7th that begins 24 h before the bound.
    """
    if calendar.reminder_hour is None:
        return instant
    day = (instant - timedelta(microseconds=1)).astimezone(PARIS).date()
    return datetime.combine(day, time(calendar.reminder_hour), PARIS).astimezone(UTC)
