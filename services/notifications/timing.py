"""When a mail queued ahead of its time is due: a reminder that no event asks for at its time.

Pure. A kind with a timing is queued by the event that starts the wait and looked at again when it is due; the
owners then say whether it still makes sense, so that nothing depends on a timer that was awake that night.
"""

from datetime import datetime, time, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from services.contracts.events import Calendar
from services.notifications.domain import Facts

_PARIS = ZoneInfo("Europe/Paris")


class Timing(Enum):
    """What the instant is counted from."""

    HALF_ACTIVATION = auto()
    """Half of the activation's time before its end, which the facts have: the same hour of the day (R2)."""
    BEFORE_CLOSE = auto()
    """Before the window closes: the first of these that leaves the reminders' gap after the activation.

    The last but one offset of the session's reminders, the last one, the morning of the last day. Where none
    does, at once: it then is the answer to the candidate's own act, as the mail of a save is.
    """


def due_at(timing: Timing, facts: Facts, calendar: Calendar, queued_at: datetime) -> datetime | None:
    """The instant; None where there is none."""
    if timing is Timing.HALF_ACTIVATION:
        if facts.deadline_at is None:
            return None
        return facts.deadline_at - timedelta(seconds=calendar.activation_seconds) / 2
    offsets = sorted(calendar.reminder_offsets_seconds, reverse=True)[-2:]
    if not offsets:
        return None
    earliest = queued_at + timedelta(seconds=calendar.reminder_gap_seconds)
    instants = [_humane(calendar.closes_at - timedelta(seconds=offset), calendar) for offset in (*offsets, 0)]
    return next((one for one in instants if earliest <= one < calendar.closes_at), queued_at)


def _humane(instant: datetime, calendar: Calendar) -> datetime:
    """The humane Paris hour of the day the offset means: a limit belongs to the day before it (ours 1)."""
    if calendar.reminder_hour is None:
        return instant
    day = (instant - timedelta(microseconds=1)).astimezone(_PARIS).date()
    return datetime.combine(day, time(calendar.reminder_hour), _PARIS)
