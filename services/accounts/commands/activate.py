"""Activate an account: the click in the mail, judged by when it arrived."""

from datetime import datetime

from services.accounts.domain.errors import LinkExpired, LinkUsed, UnknownLink
from services.accounts.domain.links import Link
from services.accounts.queries import is_buried, standing
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.chassis.database import Connection
from services.contracts.events import AccountActivated, Calendar
from services.contracts.stages import AccountState


async def activate(accounts: Accounts, token: str, arrived_at: datetime) -> Calendar:
    """Activate, once; nobody is logged in by it. Returns the calendar of the account's session.

    Raises:
        UnknownLink, LinkExpired, LinkUsed: nothing was changed.
    """
    link = accounts.links.read("activation", token)
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        row = await SQL.activate(conn, id=link.account_id, issue=link.issue, arrived_at=arrived_at, now=now)
        if row is None:
            await judge(conn, link, arrived_at)
            raise LinkExpired
        await SQL.forget_activation_issues(conn, id=link.account_id)
        event = AccountActivated(
            candidate_id=link.account_id,
            revision=row["revision"],
            state=AccountState.ACTIVATED,
            session_id=row["session_id"],
        )
        await outbox.append(conn, event)
        return Calendar.model_validate(await SQL.calendar_of_account(conn, id=link.account_id))


async def judge(conn: Connection, link: Link, arrived_at: datetime) -> None:
    """Say why a link does not activate; returns when it would.

    Raises:
        UnknownLink, LinkExpired, LinkUsed: see there.
    """
    row = await standing(conn, link.account_id)
    if row is None:
        raise LinkExpired if await is_buried(conn, link.account_id) else UnknownLink
    if row.state is AccountState.ACTIVATED:
        raise LinkUsed
    if link.issue > row.issue:
        raise UnknownLink
    if row.activation_expires_at is not None and row.activation_expires_at <= arrived_at:
        raise LinkExpired
