"""Activate an account: the click in the mail, judged by when it arrived, with the password that was chosen.

The link shows that the address is the reader's own; the password, that the reader asked for the account.
Without it whoever asks first for another person's address would have that person activate their password.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.accounts import browsers, throttle
from services.accounts.addresses import Address
from services.accounts.domain import passwords
from services.accounts.domain.errors import LinkExpired, LinkUsed, NotThePassword, UnknownLink
from services.accounts.domain.links import Link
from services.accounts.queries import Standing, activation_passwords, calendar_of, is_buried, standing
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.chassis.database import Connection
from services.chassis.failpoints import Failpoint, reach
from services.contracts.events import AccountActivated, AccountCreationRepeated, AccountEvent, Calendar
from services.contracts.stages import AccountState


@dataclass(frozen=True, slots=True)
class Activation:
    """`calendar`: of the account's session. `browser`: the cookie by which it is known from now on."""

    calendar: Calendar
    browser: str


async def activate(accounts: Accounts, token: str, password: str, arrived_at: datetime) -> Activation:
    """Activate, once; nobody is logged in by it.

    Raises:
        UnknownLink, LinkExpired, LinkUsed: nothing was changed.
        NotThePassword: of none of the requests for this account; nothing was changed.
        TooManyTries, Overloaded: nothing was checked.
    """
    link = accounts.links.read("activation", token)
    async with accounts.database.connection() as conn:
        await judge(conn, link, arrived_at)
        hashes = await activation_passwords(conn, link.account_id)
    own = accounts.activations_of(link.account_id)
    async with throttle.counting(accounts.database, arrived_at) as tries:
        await tries.demand(own)
        password_hash = await accounts.passwords.first_match(hashes, passwords.normalised(password))
        if password_hash is None:
            tries.stand()
            async with accounts.database.connection() as conn:
                await judge(conn, link, arrived_at)  # used or over meanwhile: its passwords are gone
            raise NotThePassword
        async with accounts.database.transaction() as conn:
            await SQL.lock_account(conn, id=link.account_id)
            if not await activate_row(conn, accounts, link.account_id, password_hash, arrived_at):
                await judge(conn, link, arrived_at)
                raise LinkExpired
            calendar = await calendar_of(conn, link.account_id)
            row = await SQL.address_of(conn, id=link.account_id)
    reach(Failpoint.ACTIVATION_BEFORE_ANSWER)
    await throttle.forget(accounts.database, own)
    address = Address(row["email"], row["email_key"])
    return Activation(calendar, browsers.new_cookie(accounts.links, address, arrived_at))


async def activate_row(
    conn: Connection, accounts: Accounts, candidate_id: UUID, password_hash: str, arrived_at: datetime
) -> bool:
    """The state and its fact; False when it waits no more, or the request came too late.

    The caller has locked the row by a statement of its own, as for `expire_row`.
    """
    now = await accounts.clock.now(conn)
    row = await SQL.activate(
        conn, id=candidate_id, password_hash=password_hash, arrived_at=arrived_at, now=now
    )
    if row is None:
        return False
    await SQL.forget_activation_passwords(conn, id=candidate_id)
    state = AccountState.ACTIVATED
    events: list[AccountEvent] = [
        AccountActivated(
            candidate_id=candidate_id, revision=row["revision"], state=state, session_id=row["session_id"]
        )
    ]
    if row["asked_again"]:  # they were told that a message comes
        revision = await SQL.raise_revision(conn, id=candidate_id)
        events.append(AccountCreationRepeated(candidate_id=candidate_id, revision=revision, state=state))
    await outbox.append_many(conn, events)
    return True


async def judge(conn: Connection, link: Link, arrived_at: datetime) -> Standing:
    """Say why a link does not activate; the account as it stands, when it would.

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
    return row
