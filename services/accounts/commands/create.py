"""Open an account (R2), or ask again for its activation mail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.accounts import throttle
from services.accounts.addresses import Address, parse
from services.accounts.commands.expire import expire_row
from services.accounts.domain import passwords, window
from services.accounts.domain.pending import MOST, MOST_OF_NETWORK, Pending
from services.accounts.networks import UNKNOWN
from services.accounts.queries import calendars
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.accounts.throttle import Count
from services.chassis import outbox
from services.chassis.database import Connection
from services.contracts.events import (
    AccountCreated,
    AccountCreationRepeated,
    AccountEvent,
    ActivationMailRequested,
)
from services.contracts.stages import AccountState


async def create_account(
    accounts: Accounts, email: str, password: str, arrived_at: datetime, network: str = UNKNOWN
) -> None:
    """Open an account that waits for its activation. Answers the same for an address that has one.

    For an address that waits for its activation it is one more request: its password is kept beside the
    others, and a further link is sent. Is the time of that account over, a new one starts: at once, or within
    the grace, in which an activation that came in time may still be written, when the old one is deleted. The
    owner of an activated address is told by mail.

    Raises:
        NoSession, WindowNotOpen, BadAddress, WeakPassword, Overloaded: nothing was done.
        TooManyTries: of this network; nothing was done.
    """
    async with accounts.database.connection() as conn:
        session = window.open_session(await calendars(conn), arrived_at)
    address = parse(email)
    password = passwords.normalised(password)
    passwords.check(password, address.email)
    async with throttle.counting(accounts.database, arrived_at) as tries:
        await tries.demand(accounts.creations_from(network))
        password_hash = await accounts.passwords.hash(password)
        asked = Pending(accounts.links.secret_name("pending", network), password_hash, arrived_at)
        mails = accounts.mails_to(address, "create")
        full = await tries.spend(mails)
        await _write(accounts, address, session.session_id, asked, mails, mail=full is None)


async def _write(
    accounts: Accounts, address: Address, session_id: str, asked: Pending, mails: Count, *, mail: bool
) -> None:
    """One transaction, and a write in it in any case."""
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        old = await SQL.lock_address(conn, email_key=address.key, session_id=session_id)
        expired = await expire_row(conn, accounts, old and old["id"], now)
        pending = [*expired.again, asked] if expired else [asked]
        events: list[AccountEvent] = [expired.event] if expired else []
        events += await _ask(conn, address, session_id, pending, asked.asked_at, mail=mail)
        if events:
            await outbox.append_many(conn, events)
        else:
            await SQL.decoy(conn, subject=mails.subject)


async def _ask(
    conn: Connection,
    address: Address,
    session_id: str,
    pending: Sequence[Pending],
    arrived_at: datetime,
    *,
    mail: bool,
) -> list[AccountEvent]:
    """Write the request down; the facts it makes."""
    row = await SQL.create(
        conn,
        email=address.email,
        email_key=address.key,
        session_id=session_id,
        mail=mail,
        arrived_at=arrived_at,
        **Pending.columns(pending),
    )
    candidate_id: UUID = row["id"]
    await SQL.trim_passwords(conn, id=candidate_id, most_of_network=MOST_OF_NETWORK, most=MOST)
    state = AccountState(row["state"])
    revision: int = row["revision"]
    if revision == 1:
        return [
            AccountCreated(
                candidate_id=candidate_id,
                revision=revision,
                state=state,
                session_id=session_id,
                issue=row["issue"],
            )
        ]
    if not mail:
        return []
    if row["lapsed"] and state is AccountState.AWAITING_ACTIVATION:
        return []  # the deletion starts the new account
    if state is AccountState.AWAITING_ACTIVATION:
        return [
            ActivationMailRequested(
                candidate_id=candidate_id, revision=revision, state=state, issue=row["issue"]
            )
        ]
    return [AccountCreationRepeated(candidate_id=candidate_id, revision=revision, state=state)]


async def request_activation_mail(
    accounts: Accounts, email: str, arrived_at: datetime, network: str = UNKNOWN
) -> None:
    """Send the link again to an account that waits for it; it extends nothing (ours 3).

    Raises:
        BadAddress: not an address; nothing was done.
        TooManyTries: of this network, and with this address; nothing was done.
    """
    address = parse(email)
    shared, spare = accounts.mail_requests_from(network), accounts.spare_mail_requests(address, network)
    async with throttle.counting(accounts.database, arrived_at) as tries:
        await tries.demand_of_network(shared, spare)
        mails = accounts.mails_to(address, "activation-mail")
        if await tries.spend(mails) is None:
            await _renew(accounts, address, arrived_at, mails)


async def _renew(accounts: Accounts, address: Address, arrived_at: datetime, mails: Count) -> None:
    async with accounts.database.transaction() as conn:
        row = await SQL.renew_activation(conn, email_key=address.key, arrived_at=arrived_at)
        if row is None:
            await SQL.decoy(conn, subject=mails.subject)
        else:
            await outbox.append(
                conn,
                ActivationMailRequested(
                    candidate_id=row["id"],
                    revision=row["revision"],
                    state=AccountState.AWAITING_ACTIVATION,
                    issue=row["issue"],
                ),
            )
