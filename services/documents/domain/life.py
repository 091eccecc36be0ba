"""When the clock should ask again: the answer to a life's workflow (services/contracts/life.py)."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from services.contracts.events import Calendar
from services.contracts.life import NextStep, SessionStep
from services.contracts.stages import Stage
from services.documents.domain.candidate import Candidate
from services.documents.domain.reminders import next_reminder
from services.documents.domain.seeing import Seen

SETTLE = "settle"
REMIND = "remind"
JUDGE = "judge"
_NOT_YET_KNOWN_SECONDS = 30.0
_JUDGE_AGAIN_SECONDS = 10.0
_PAUSED_SECONDS = 3600.0
_UNSEEN_SECONDS = 15.0
_WITHHELD_SECONDS = 60.0
_DECIDED = frozenset({Stage.CONFIRMED, Stage.CANCELLED, Stage.NOT_REGISTERED, Stage.WITHDRAWN, Stage.DELETED})

UNKNOWN = NextStep(ended=False, wait_seconds=_NOT_YET_KNOWN_SECONDS)
"""The consumer is behind: a life cannot end before its owners have heard of it."""
GONE = NextStep(ended=True, gone=True)


def next_step(row: Candidate, calendar: Calendar, now: datetime, seen: Seen) -> NextStep:
    """The soonest of: judge what was stored while the deadline could not be asked, remind, settle.

    Where settling is due and withheld it is asked for again later: after an hour while it is paused.
    """
    ways: list[tuple[datetime, str]] = []
    if row.to_judge_count:
        ways.append((now + timedelta(seconds=_JUDGE_AGAIN_SECONDS), JUDGE))
    if row.unsettled:
        spread = timedelta(seconds=calendar.spread_seconds) * share(row.candidate_id)
        settle_at = row.settle_at + spread
        if not row.may_settle(seen):
            again = _PAUSED_SECONDS if row.settling_paused else _UNSEEN_SECONDS
            if settle_at <= now:
                settle_at = now + timedelta(seconds=again)
        ways.append((settle_at, SETTLE))
    if row.state == "incomplete" and row.stage in (Stage.REGISTERED, Stage.AWAITING_DOCUMENTS):
        reminder = next_reminder(calendar, row.deadline_at, row.reminded, row.last_reminded_at, now)
        if reminder is not None:
            ways.append((reminder.at, REMIND))
    if not ways:
        return NextStep(ended=row.stage in _DECIDED, session_id=row.session_id)
    at, action = min(ways)
    wait = max(1.0, (at - now).total_seconds())
    return NextStep(ended=False, action=action, wait_seconds=wait, due_at=at, session_id=row.session_id)


def session_step(calendar: Calendar, now: datetime, due: int, withheld: int) -> SessionStep:
    """The mass verdicts of a session: the complete at window close + grace, all at deadline + grace.

    Those withheld (settling is paused, or what hindered candidates is not known yet) are asked for
    again.
    """
    if due:
        return SessionStep(action=SETTLE, wait_seconds=0, due_at=now)
    grace = timedelta(seconds=calendar.grace_seconds)
    ahead = [at for at in (calendar.closes_at + grace, calendar.deadline_at + grace) if at > now]
    if withheld:
        ahead.append(now + timedelta(seconds=_WITHHELD_SECONDS))
    if not ahead:
        return SessionStep()
    at = min(ahead)
    return SessionStep(action=SETTLE, wait_seconds=(at - now).total_seconds(), due_at=at)


def share(candidate_id: UUID) -> float:
    """A stable part of the spread, in [0, 1)."""
    return int.from_bytes(hashlib.blake2s(candidate_id.bytes, digest_size=4).digest()) / 2**32
