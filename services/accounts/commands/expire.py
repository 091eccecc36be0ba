"""The 48 h: when they start, and the deletion of an account that was not activated in them (R2, ours 3)."""

from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.domain.activation import activation_period
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.chassis.database import Connection
from services.contracts.events import AccountDeleted, ActivationPeriodStarted, Calendar
from services.contracts.stages import AccountState


async def start_activation_period(conn: Connection, candidate_id: UUID, accepted_at: datetime) -> bool:
    """The mail server took an activation mail: the first one starts the 48 h, later ones change nothing.

    Not guarded by the mail's revision: the row itself says whether the 48 h have begun, and a mail's event
    that comes after a later one (a replayed dead letter) must still begin them.
    """
    calendar = await SQL.calendar_of_account(conn, id=candidate_id)
    if calendar is None:
        return False
    period = activation_period(Calendar.model_validate(calendar), accepted_at)
    row = await SQL.start_activation_period(
        conn, id=candidate_id, accepted_at=accepted_at, expires_at=period.expires_at, due_at=period.due_at
    )
    if row is None:
        return False
    event = ActivationPeriodStarted(
        candidate_id=candidate_id,
        revision=row["revision"],
        state=AccountState.AWAITING_ACTIVATION,
        expires_at=period.expires_at,
    )
    await outbox.append(conn, event)
    return True


async def expire(accounts: Accounts, candidate_id: UUID) -> bool:
    """Delete the account unless it is activated, or its time with the grace not over. Whether it did."""
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        row = await SQL.expire(conn, id=candidate_id, now=now)
        if row is None:
            return False
        kept_for = timedelta(seconds=accounts.settings.farewell_seconds)
        await SQL.bury(conn, id=candidate_id, email=row["email"], now=now, until=now + kept_for)
        event = AccountDeleted(
            candidate_id=candidate_id,
            revision=row["revision"] + 1,
            state=AccountState.DELETED,
            reason="not_activated",
        )
        await outbox.append(conn, event)
        return True
