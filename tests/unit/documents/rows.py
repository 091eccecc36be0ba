"""A candidate of session 2021 as `documents` has it, and the instants of that session."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.contracts.events import Calendar
from services.contracts.stages import Stage
from services.documents.domain.candidate import Candidate

CLOSES = datetime(2020, 11, 22, 23, tzinfo=UTC)
DEADLINE = datetime(2020, 12, 7, 23, tzinfo=UTC)
GRACE = timedelta(minutes=10)
TICK = timedelta(milliseconds=1)
DAY = timedelta(days=1)
CANDIDATE_ID = UUID("01890000-0000-7000-8000-00000000d0c5")
SAVED = datetime(2020, 11, 12, 9, tzinfo=UTC)

CALENDAR = Calendar(
    session_id="2021",
    label="Session 2021",
    opens_at=datetime(2020, 11, 1, 23, tzinfo=UTC),
    closes_at=CLOSES,
    deadline_at=DEADLINE,
    ends_at=datetime(2021, 7, 31, 22, tzinfo=UTC),
    activation_seconds=172_800,
    undelivered_seconds=604_800,
    grace_seconds=600,
    fault_window_seconds=86_400,
    spread_seconds=1800,
    reminder_offsets_seconds=(1_209_600, 604_800, 172_800, 86_400),
    reminder_gap_seconds=72_000,
    reminder_hour=10,
)

_ROW = Candidate(
    candidate_id=CANDIDATE_ID,
    session_id="2021",
    revision=3,
    registration_revision=4,
    releases_heard=0,
    stage=Stage.AWAITING_DOCUMENTS,
    closes_at=CLOSES,
    deadline_at=DEADLINE,
    own_deadline_at=None,
    grace_seconds=600,
    fault_window_seconds=86_400,
    checklist_revision=3,
    registration_version=1,
    version_saved_at=SAVED,
    missing_count=2,
    to_judge_count=0,
    lost_count=0,
    evidence_rev=5,
    faults={},
    fault_at=None,
    service_fault_at=None,
    hindered_from=None,
    hindered_until=None,
    released_at=None,
    open_dead_letters=0,
    unreachable=False,
    reminded_for=[],
    warned_for=[],
    reminder_due_at=None,
    settling_paused=False,
    settled_rev=-1,
    settled_version=None,
    settled_deadline_at=None,
    verdict=None,
    settled_at=None,
    reminded=[],
    last_reminded_at=None,
)


def row(**changes: Any) -> Candidate:
    """Version 1, two pieces missing, awaiting documents; never settled."""
    return replace(_ROW, **changes)
