"""The 48 h: when they start, and the deletion of an account that was not activated in them (R2, ours 3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.domain.activation import activation_period
from services.accounts.domain.pending import Pending
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.chassis.database import Connection
from services.contracts.events import AccountCreated, AccountDeleted, ActivationPeriodStarted, Calendar
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


@dataclass(frozen=True, slots=True)
class Expired:
    """An account that was deleted in this transaction; `again` are the requests that outlive it."""

    event: AccountDeleted
    email: str
    email_key: str
    session_id: str
    again: list[Pending]


async def expire(accounts: Accounts, candidate_id: UUID) -> bool:
    """Delete the account unless it is activated, or its time with the grace not over. Whether it did.

    Who asked again once the 48 h were over was told that a message comes: their new account starts here.
    """
    async with accounts.database.transaction() as conn:
        await SQL.lock_account(conn, id=candidate_id)
        expired = await expire_row(conn, accounts, candidate_id, await accounts.clock.now(conn))
        if expired is None:
            return False
        events: list[AccountDeleted | AccountCreated] = [expired.event]
        if expired.again:
            row = await SQL.create(
                conn,
                email=expired.email,
                email_key=expired.email_key,
                session_id=expired.session_id,
                mail=True,
                arrived_at=expired.again[-1].asked_at,
                **Pending.columns(expired.again),
            )
            events.append(
                AccountCreated(
                    candidate_id=row["id"],
                    revision=row["revision"],
                    state=AccountState.AWAITING_ACTIVATION,
                    session_id=expired.session_id,
                    issue=row["issue"],
                )
            )
        await outbox.append_many(conn, events)
        return True


async def expire_row(
    conn: Connection, accounts: Accounts, candidate_id: UUID | None, now: datetime
) -> Expired | None:
    """Delete the row if it is due, leaving id and address as long as told; the caller appends the event.

    The caller has locked it by a statement of its own: one that waits for the lock reads what was asked
    meanwhile, in another table, as it was before the wait.
    """
    kept_for = timedelta(seconds=accounts.settings.farewell_seconds)
    row = await SQL.expire(conn, id=candidate_id, now=now, until=now + kept_for)
    if row is None:
        return None
    event = AccountDeleted(
        candidate_id=row["id"],
        revision=row["revision"] + 1,
        state=AccountState.DELETED,
        reason="not_activated",
    )
    again = Pending.of_columns(row["networks"], row["password_hashes"], row["asked_at"])
    return Expired(event, row["email"], row["email_key"], row["session_id"], again)
