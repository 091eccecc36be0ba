"""When the clock should ask again: the answer to a life's workflow (services/contracts/life.py)."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from services.contracts.events import Calendar
from services.contracts.life import NextStep, SessionStep
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature

CLOSE_WINDOW = "close_window"
_NOT_YET_KNOWN_SECONDS = 30.0
_ACTIVATION_LATE_SECONDS = 3600.0
_BEFORE_CLOSE = frozenset({Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.REGISTERED, Stage.WITHDRAWN})
_ENDED = frozenset({Stage.CONFIRMED, Stage.CANCELLED, Stage.NOT_REGISTERED})

UNKNOWN = NextStep(ended=False, wait_seconds=_NOT_YET_KNOWN_SECONDS)
"""The consumer is behind: a life cannot end before its owners have heard of it."""
GONE = NextStep(ended=True, gone=True)


def next_step(row: Candidature, now: datetime, spread_seconds: int) -> NextStep:
    """What this owner awaits of the life.

    The window's end is asked for at close + grace, spread by a stable hash: the session's workflow decides
    for nearly all before. An account not activated by then is decided by its activation or its deletion; it
    is asked about each hour all the same, for an activation that was committing while the window ended.
    """
    shown = {
        "session_id": row.session_id,
        "stage": row.stage.value,
        "portfolio": None if row.portfolio is None else str(row.portfolio),
    }
    due_at = row.closes_at if now < row.closing_at else row.deadline_at
    if row.stage in _ENDED or (row.stage is Stage.WITHDRAWN and now >= row.closing_at):
        return NextStep(ended=True, **shown)
    waits_for_close = row.stage in _BEFORE_CLOSE and (
        now < row.closing_at or row.stage in (Stage.ACTIVATED, Stage.REGISTERED)
    )
    if row.stage is Stage.AWAITING_ACTIVATION and not waits_for_close:
        return NextStep(ended=False, wait_seconds=_ACTIVATION_LATE_SECONDS, due_at=due_at, **shown)
    if not waits_for_close:
        return NextStep(ended=False, due_at=due_at, **shown)
    wake_at = row.closing_at + share(row.candidate_id) * timedelta(seconds=spread_seconds)
    wait = max(1.0, (wake_at - now).total_seconds())
    return NextStep(ended=False, action=CLOSE_WINDOW, wait_seconds=wait, due_at=row.closes_at, **shown)


def session_step(calendar: Calendar, now: datetime, undecided: int) -> SessionStep:
    """The window's end for all: now when it has passed and rows are left, later when it is ahead."""
    closing_at = calendar.closes_at + timedelta(seconds=calendar.grace_seconds)
    if now < closing_at:
        wait = (closing_at - now).total_seconds()
        return SessionStep(action=CLOSE_WINDOW, wait_seconds=wait, due_at=closing_at)
    if undecided:
        return SessionStep(action=CLOSE_WINDOW, wait_seconds=0, due_at=closing_at)
    return SessionStep()


def share(candidate_id: UUID) -> float:
    """A stable part of the spread, in [0, 1)."""
    return int.from_bytes(hashlib.blake2s(candidate_id.bytes, digest_size=4).digest()) / 2**32
