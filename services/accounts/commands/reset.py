"""A forgotten password: a link by mail, good once and for an hour, and all sessions end.

An account that waits for its activation has it too: the link is sent to the same address and shows as much
as the one that activates, so the new password activates it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts import browsers, throttle
from services.accounts.addresses import Address, parse
from services.accounts.commands.activate import activate_row
from services.accounts.domain import passwords
from services.accounts.domain.errors import LinkExpired, LinkUsed, UnknownLink
from services.accounts.domain.links import Link
from services.accounts.networks import UNKNOWN
from services.accounts.queries import accounts_of, calendar_of, is_buried
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.accounts.throttle import Count
from services.chassis import outbox
from services.chassis.database import Connection
from services.contracts.events import Calendar, PasswordChanged, PasswordResetRequested
from services.contracts.stages import AccountState


async def request_reset(
    accounts: Accounts,
    email: str,
    arrived_at: datetime,
    network: str = UNKNOWN,
    *,
    candidate_id: UUID | None = None,
) -> None:
    """Have the link sent: for the account that a login would take, else for one that can still be activated.

    Args:
        candidate_id: of the one account that is meant, where that is known.

    Raises:
        BadAddress: not an address; nothing was done.
        TooManyTries: of this network, and with this address; nothing was done.
    """
    address = parse(email)
    shared, spare = accounts.mail_requests_from(network), accounts.spare_mail_requests(address, network)
    async with throttle.counting(accounts.database, arrived_at) as tries:
        await tries.demand_of_network(shared, spare)
        mails = accounts.mails_to(address, "password-reset")
        if await tries.spend(mails) is None:
            await _ask(accounts, address, arrived_at, mails, candidate_id)


async def _ask(
    accounts: Accounts, address: Address, arrived_at: datetime, mails: Count, candidate_id: UUID | None
) -> None:
    expires_at = arrived_at + timedelta(seconds=accounts.settings.reset_seconds)
    async with accounts.database.transaction() as conn:
        every = await accounts_of(conn, address.key, arrived_at)
        found = [account for account in every if candidate_id in (None, account.id)]
        meant = next((a for a in found if a.is_activated() and arrived_at < a.calendar.ends_at), None)
        meant = meant or next((a for a in found if a.can_be_activated(arrived_at)), None)
        row = await SQL.request_reset(conn, id=meant and meant.id, expires_at=expires_at)
        if row is None:
            await SQL.decoy(conn, subject=mails.subject)
        else:
            await outbox.append(
                conn,
                PasswordResetRequested(
                    candidate_id=row["id"],
                    revision=row["revision"],
                    state=AccountState(row["state"]),
                    issue=row["issue"],
                ),
            )


@dataclass(frozen=True, slots=True)
class Reset:
    """`activated`: of the session, where the account was activated, too. `browser`: the cookie by which the
    browser is known from now on."""

    activated: Calendar | None
    browser: str


async def complete_reset(
    accounts: Accounts, token: str, password: str, arrived_at: datetime, network: str = UNKNOWN
) -> Reset:
    """Set a new password; every session of the account and every other link ends.

    Raises:
        UnknownLink, LinkExpired, LinkUsed, WeakPassword, Overloaded: nothing was changed.
    """
    link = accounts.links.read("password_reset", token)
    password = passwords.normalised(password)
    async with accounts.database.transaction() as conn:
        address = (await _lock_usable(conn, link, arrived_at)).address
    passwords.check(password, address.email)
    password_hash = await accounts.passwords.hash(password)
    async with accounts.database.transaction() as conn:
        usable = await _lock_usable(conn, link, arrived_at)
        activated: Calendar | None = None
        await SQL.use_resets(conn, id=link.account_id)
        if not usable.activated:
            await activate_row(conn, accounts, link.account_id, password_hash, arrived_at)
            activated = await calendar_of(conn, link.account_id)
        else:
            revision = await SQL.set_password(conn, id=link.account_id, password_hash=password_hash)
            await SQL.revoke_all(conn, id=link.account_id)
            await outbox.append(
                conn,
                PasswordChanged(
                    candidate_id=link.account_id, revision=revision, state=AccountState.ACTIVATED
                ),
            )
    await throttle.forget(accounts.database, accounts.logins_to(address, network))
    return Reset(activated, browsers.new_cookie(accounts.links, address, arrived_at))


async def check_reset(accounts: Accounts, token: str, arrived_at: datetime) -> None:
    """Whether the link can still be used, for the page that asks for the new password.

    Raises:
        UnknownLink, LinkExpired, LinkUsed: it cannot.
    """
    link = accounts.links.read("password_reset", token)
    async with accounts.database.transaction() as conn:
        await _lock_usable(conn, link, arrived_at)


@dataclass(frozen=True, slots=True)
class _Usable:
    address: Address
    activated: bool


async def _lock_usable(conn: Connection, link: Link, arrived_at: datetime) -> _Usable:
    account = await SQL.lock_account(conn, id=link.account_id)
    if account is None:
        raise LinkExpired if await is_buried(conn, link.account_id) else UnknownLink
    reset = await SQL.reset(conn, id=link.account_id, issue=link.issue)
    if reset is None:
        raise UnknownLink
    if reset["used_at"] is not None:
        raise LinkUsed
    activated = account["state"] == AccountState.ACTIVATED
    until = None if activated else account["activation_expires_at"]
    if min(reset["expires_at"], until or reset["expires_at"]) <= arrived_at:
        raise LinkExpired
    return _Usable(Address(account["email"], account["email_key"]), activated)
