"""Open an account (R2), or ask again for its activation mail."""

from datetime import datetime

from services.accounts import throttle
from services.accounts.addresses import parse
from services.accounts.domain import passwords, window
from services.accounts.queries import calendars
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.contracts.events import (
    AccountCreated,
    AccountCreationRepeated,
    AccountEvent,
    ActivationMailRequested,
)
from services.contracts.stages import AccountState


async def create_account(accounts: Accounts, email: str, password: str, arrived_at: datetime) -> None:
    """Open an account that waits for its activation. Answers the same for an address that has one.

    For an address that waits for its activation it is one more request: a further link, which activates with
    the password given here; the links before keep theirs. The owner of an activated address is told by mail.

    Raises:
        NoSession, WindowNotOpen, BadAddress, WeakPassword, Overloaded: nothing was done.
    """
    async with accounts.database.connection() as conn:
        session = window.open_session(await calendars(conn), arrived_at)
    address = parse(email)
    password = passwords.normalised(password)
    passwords.check(password, address.email)
    password_hash = await accounts.passwords.hash(password)
    subject = accounts.throttled("create", address)
    full = await throttle.spend(accounts.database, subject, accounts.mail_limit, arrived_at)
    async with accounts.database.transaction() as conn:
        row = await SQL.create(
            conn,
            email=address.email,
            email_key=address.key,
            session_id=session.session_id,
            password_hash=password_hash,
            mail=full is None,
            now=arrived_at,
        )
        event: AccountEvent
        facts = {"candidate_id": row["id"], "revision": row["revision"], "state": AccountState(row["state"])}
        if row["revision"] == 1:
            event = AccountCreated(**facts, session_id=row["session_id"], issue=row["issue"])
        elif full is not None:
            return
        elif row["state"] == AccountState.AWAITING_ACTIVATION:
            event = ActivationMailRequested(**facts, issue=row["issue"])
        else:
            event = AccountCreationRepeated(**facts)
        await outbox.append(conn, event)


async def request_activation_mail(accounts: Accounts, email: str, arrived_at: datetime) -> None:
    """Send the link again to an account that waits for it; it extends nothing (ours 3).

    Raises:
        BadAddress: not an address; nothing was done.
    """
    address = parse(email)
    subject = accounts.throttled("activation-mail", address)
    full = await throttle.spend(accounts.database, subject, accounts.mail_limit, arrived_at)
    async with accounts.database.transaction() as conn:
        await SQL.lock_address(conn, email_key=address.key)
        if full is not None:
            return
        row = await SQL.renew_activation(conn, email_key=address.key, arrived_at=arrived_at)
        if row is None:
            await SQL.decoy(conn, subject=subject)
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
