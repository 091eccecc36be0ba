"""What `accounts` tells, applied inside the consumer's transaction. An older revision changes nothing."""

from dataclasses import replace
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.database import Connection
from services.contracts.events import AccountActivated, AccountCreated, AccountDeleted
from services.contracts.stages import Stage
from services.registration.commands import rows
from services.registration.domain.errors import Erased
from services.registration.domain.window import activated
from services.registration.statements import sql

ACCOUNTS = "accounts"


async def account_created(conn: Connection, event: AccountCreated) -> None:
    try:
        row = await rows.lock_or_create(conn, event.candidate_id, event.session_id, Stage.AWAITING_ACTIVATION)
    except Erased:
        return
    if event.revision > row.accounts_revision:
        await rows.write(conn, replace(row, accounts_revision=event.revision))


async def account_activated(conn: Connection, event: AccountActivated, clock: Clock) -> None:
    """The account may be used; one activated after the window's end is not registered (ours 3)."""
    try:
        row = await rows.lock_or_create(conn, event.candidate_id, event.session_id, Stage.AWAITING_ACTIVATION)
    except Erased:
        return
    if event.revision <= row.accounts_revision:
        return
    row = replace(row, accounts_revision=event.revision)
    now = await clock.now(conn)
    step = activated(row, now)
    if step is None:
        await rows.write(conn, row)
    else:
        await rows.take(conn, step, at=now, actor=ACCOUNTS)


async def account_deleted(conn: Connection, event: AccountDeleted) -> None:
    await erase(conn, event.candidate_id)


async def erase(conn: Connection, candidate_id: UUID) -> None:
    """Delete all that is known of the person; the tombstone keeps the id and nothing else."""
    await sql.serialise_missing(conn, candidate_id=candidate_id)
    await sql.lock_candidature(conn, candidate_id=candidate_id)
    await sql.bury(conn, candidate_id=candidate_id)
    await sql.erase_candidature(conn, candidate_id=candidate_id)
