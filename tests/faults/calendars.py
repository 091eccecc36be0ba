"""The calendar of a round: one exam session that passes in three quarters of a minute."""

from datetime import UTC, datetime
from typing import Any

from deploy.demo.calendar import DemoCalendar
from tests.faults.strikes import Timeline

_WINDOW, _DOCUMENTS, _GRACE, _ACTIVATION = 26, 16, 3, 9
_REMINDERS = (12, 6)
TIMELINE = Timeline(closes=_WINDOW, deadline=_WINDOW + _DOCUMENTS, decided=_WINDOW + _DOCUMENTS + _GRACE)


def calendar(session_id: str) -> DemoCalendar:
    """Its window opens now."""
    return DemoCalendar(
        opens_at=datetime.now(UTC),
        session_id=session_id,
        window=_WINDOW,
        documents=_DOCUMENTS,
        activation=_ACTIVATION,
        grace=_GRACE,
        reminders=_REMINDERS,
    )


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
