"""The calendar of a round: one exam session that passes in less than a minute.

`pace` stretches it, for a machine that is slow or shared: the lives and the strikes spread out with it.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.calendar import DemoCalendar
from tests.faults.strikes import Timeline

_WINDOW, _DOCUMENTS, _GRACE, _ACTIVATION = 26, 16, 3, 9
_REMINDERS = (12, 6)


def timeline(pace: float) -> Timeline:
    window, documents = math.ceil(_WINDOW * pace), math.ceil(_DOCUMENTS * pace)
    return Timeline(window, window + documents, window + documents + _GRACE)


def calendar(session_id: str, lead_seconds: float, pace: float) -> DemoCalendar:
    """Its window opens now, and is the timeline's after a lead: the time in which it becomes known."""
    of = timeline(pace)
    return DemoCalendar(
        opens_at=datetime.now(UTC),
        session_id=session_id,
        window=math.ceil(lead_seconds + of.closes),
        documents=math.ceil(of.deadline - of.closes),
        activation=math.ceil(_ACTIVATION * pace),
        grace=_GRACE,
        reminders=tuple(math.ceil(one * pace) for one in _REMINDERS),
    )


def begins_at(of: DemoCalendar, pace: float) -> datetime:
    """When the round begins: its window's rest is the timeline's."""
    return of.closes_at - timedelta(seconds=timeline(pace).closes)


def told(of: DemoCalendar) -> dict[str, Any]:
    """As the witness reads it."""
    return {
        "session_id": of.session_id,
        "opens_at": of.opens_at.isoformat(),
        "closes_at": of.closes_at.isoformat(),
        "deadline_at": of.deadline_at.isoformat(),
        "activation_seconds": of.activation,
        "grace_seconds": of.grace,
        "reminders": list(of.reminders),
        "fault_window_seconds": 60,
    }
