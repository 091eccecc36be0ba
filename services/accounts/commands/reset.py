"""A forgotten password: a link by mail, good once and for an hour, and all sessions end."""

from datetime import datetime, timedelta

from services.accounts import throttle
from services.accounts.addresses import Address, parse
from services.accounts.domain import passwords
from services.accounts.domain.errors import LinkExpired, LinkUsed, UnknownLink
from services.accounts.domain.links import Link
from services.accounts.queries import is_buried
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.chassis.database import Connection
from services.contracts.events import PasswordResetRequested
from services.contracts.stages import AccountState


async def request_reset(accounts: Accounts, email: str, arrived_at: datetime) -> None:
    """Have the link sent to an activated account.

    Raises:
        BadAddress: not an address; nothing was done.
    """
    address = parse(email)
    subject = accounts.throttled("password-reset", address)
    full = await throttle.spend(accounts.database, subject, accounts.mail_limit, arrived_at)
    if full is not None:
        return
    expires_at = arrived_at + timedelta(seconds=accounts.settings.reset_seconds)
    async with accounts.database.transaction() as conn:
        row = await SQL.request_reset(conn, email_key=address.key, expires_at=expires_at)
        if row is None:
            await SQL.decoy(conn, subject=subject)
        else:
            await outbox.append(
                conn,
                PasswordResetRequested(
                    candidate_id=row["id"],
                    revision=row["revision"],
                    state=AccountState.ACTIVATED,
                    issue=row["issue"],
                ),
            )


async def complete_reset(accounts: Accounts, token: str, password: str, arrived_at: datetime) -> None:
    """Set a new password; every session of the account and every other link ends.

    Raises:
        UnknownLink, LinkExpired, LinkUsed, WeakPassword, Overloaded: nothing was changed.
    """
    link = accounts.links.read("password_reset", token)
    password = passwords.normalised(password)
    async with accounts.database.transaction() as conn:
        address = await _lock_usable(conn, link, arrived_at)
    passwords.check(password, address.email)
    password_hash = await accounts.passwords.hash(password)
    async with accounts.database.transaction() as conn:
        await _lock_usable(conn, link, arrived_at)
        await SQL.use_resets(conn, id=link.account_id)
        await SQL.set_password(conn, id=link.account_id, password_hash=password_hash)
        await SQL.revoke_all(conn, id=link.account_id)
    await throttle.forget(accounts.database, accounts.throttled("login", address))


async def check_reset(accounts: Accounts, token: str, arrived_at: datetime) -> None:
    """Whether the link can still be used, for the page that asks for the new password.

    Raises:
        UnknownLink, LinkExpired, LinkUsed: it cannot.
    """
    link = accounts.links.read("password_reset", token)
    async with accounts.database.transaction() as conn:
        await _lock_usable(conn, link, arrived_at)


async def _lock_usable(conn: Connection, link: Link, arrived_at: datetime) -> Address:
    account = await SQL.lock_account(conn, id=link.account_id)
    if account is None:
        raise LinkExpired if await is_buried(conn, link.account_id) else UnknownLink
    reset = await SQL.reset(conn, id=link.account_id, issue=link.issue)
    if reset is None:
        raise UnknownLink
    if reset["used_at"] is not None:
        raise LinkUsed
    if reset["expires_at"] <= arrived_at:
        raise LinkExpired
    return Address(account["email"], account["email_key"])
