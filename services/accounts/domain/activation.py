"""The 48 h to activate (R2): from the mail server's 250 on the first activation mail (ours 3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.events import Calendar
from services.contracts.life import NextStep
from services.contracts.stages import AccountState

EXPIRE = "expire"
"""The one act of this owner in a candidate's life."""

_UNKNOWN_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class ActivationPeriod:
    """`expires_at` bounds, exclusively, when a click may arrive; at `due_at` the account is deleted."""

    expires_at: datetime
    due_at: datetime


def activation_period(calendar: Calendar, accepted_at: datetime) -> ActivationPeriod:
    expires_at = accepted_at + timedelta(seconds=calendar.activation_seconds)
    return ActivationPeriod(expires_at, expires_at + timedelta(seconds=calendar.grace_seconds))


def next_step(
    *, state: AccountState | None, session_id: str | None, due_at: datetime | None, now: datetime
) -> NextStep:
    """What this owner awaits of a life. `state` None: not heard of yet, nor deleted."""
    match state:
        case None:
            return NextStep(ended=False, wait_seconds=_UNKNOWN_WAIT_SECONDS)
        case AccountState.DELETED:
            return NextStep(ended=True, gone=True, stage=state)
        case AccountState.ACTIVATED:
            return NextStep(ended=True, session_id=session_id, stage=state)
        case AccountState.AWAITING_ACTIVATION if due_at is None:
            # No mail has left: only the event that one did changes anything (ours 3).
            return NextStep(ended=False, session_id=session_id, stage=state)
        case AccountState.AWAITING_ACTIVATION:
            return NextStep(
                ended=False,
                action=EXPIRE,
                wait_seconds=max(1.0, (due_at - now).total_seconds()),
                due_at=due_at,
                session_id=session_id,
                stage=state,
            )
