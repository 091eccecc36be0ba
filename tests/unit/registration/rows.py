"""Rows on the real calendar of session 2021."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.chassis.office import DEFAULT_FILE as OFFICE
from services.contracts.events import ChecklistSettled
from services.contracts.stages import Stage, Verdict
from services.registration.configuration import DATA, configuration
from services.registration.domain.candidature import Candidature

ID = UUID("01890000-0000-7000-8000-000000000001")
OPENS = datetime(2020, 11, 1, 23, tzinfo=UTC)
CLOSES = datetime(2020, 11, 22, 23, tzinfo=UTC)
DEADLINE = datetime(2020, 12, 7, 23, tzinfo=UTC)
GRACE = timedelta(minutes=10)
MS = timedelta(milliseconds=1)
AFTER = DEADLINE + GRACE
CONFIGURATION = configuration(DATA / "rules.toml", DATA / "specialities.toml", OFFICE)


def row(stage: Stage = Stage.AWAITING_DOCUMENTS, **changes: Any) -> Candidature:
    """A saved, eligible candidature of session 2021 unless told otherwise."""
    saved = stage not in (Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.NOT_REGISTERED)
    values: dict[str, Any] = {
        "candidate_id": ID,
        "session_id": "2021",
        "revision": 5,
        "stage": stage,
        "version": 2 if saved else 0,
        "closes_at": CLOSES,
        "deadline_at": DEADLINE,
        "grace_seconds": 600,
        "eligible": True if saved else None,
    }
    return Candidature(**(values | changes))


def settled(verdict: Verdict, **changes: Any) -> ChecklistSettled:
    """A verdict about the version and the deadline in force."""
    values: dict[str, Any] = {
        "revision": 9,
        "candidate_id": ID,
        "state": "complete" if verdict is Verdict.COMPLETE else "incomplete",
        "registration_version": 2,
        "evidence_rev": 7,
        "session_id": "2021",
        "deadline_at": DEADLINE,
        "verdict": verdict,
    }
    return ChecklistSettled(**(values | changes))
