"""Log in and out: opaque sessions, always new, until the exam session ends (R2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts import throttle
from services.accounts.addresses import parse
from services.accounts.domain import passwords
from services.accounts.domain.errors import BadAddress, SessionOver, TooManyTries, WrongCredentials
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.accounts.tokens import digest, new_token
from services.chassis.identity import Identity
from services.contracts.events import Calendar


@dataclass(frozen=True, slots=True)
class Login:
    """A new session; `token` is told this once and kept nowhere."""

    token: str
    subject: str
    expires_at: datetime

    @property
    def candidate_id(self) -> UUID:
        return UUID(self.subject)


async def log_in(accounts: Accounts, email: str, password: str, arrived_at: datetime) -> Login:
    """Check address and password of an activated account.

    Raises:
        WrongCredentials: wrong, or not activated; the same work whichever it is.
        TooManyTries: for this address or for all.
        SessionOver: the exam session has ended.
        Overloaded: nothing was checked.
    """
    try:
        address = parse(email)
    except BadAddress:
        raise WrongCredentials from None
    accounts.failures.check(arrived_at)
    subject = accounts.throttled("login", address)
    full_until = await throttle.spend(accounts.database, subject, accounts.login_limit, arrived_at)
    if full_until is not None:
        raise TooManyTries(full_until, arrived_at)
    async with accounts.database.connection() as conn:
        row = await SQL.credentials(conn, email_key=address.key)
    password_hash = row["password_hash"] if row else None
    if not await accounts.passwords.verify(password_hash, passwords.normalised(password)):
        accounts.failures.count(arrived_at)
        raise WrongCredentials
    calendar = Calendar.model_validate(row["calendar"])
    if arrived_at >= calendar.ends_at:
        raise SessionOver
    login = Login(new_token(), str(row["id"]), calendar.ends_at)
    async with accounts.database.transaction() as conn:
        opened = await SQL.open_candidate_session(
            conn,
            token_sha256=digest(login.token),
            id=row["id"],
            password_hash=password_hash,
            now=arrived_at,
            expires_at=login.expires_at,
        )
    if opened is None:
        raise WrongCredentials
    await throttle.forget(accounts.database, subject)
    return login


async def log_in_officer(accounts: Accounts, officer: Identity, arrived_at: datetime) -> Login:
    """Open a session for whom the identity provider has vouched."""
    kept_for = timedelta(seconds=accounts.settings.officer_session_seconds)
    login = Login(new_token(), officer.subject, arrived_at + kept_for)
    async with accounts.database.transaction() as conn:
        await SQL.open_officer_session(
            conn,
            token_sha256=digest(login.token),
            subject=officer.subject,
            role=officer.role,
            portfolios=list(officer.portfolios),
            now=arrived_at,
            expires_at=login.expires_at,
        )
    return login


async def log_out(accounts: Accounts, token: str) -> None:
    """End the session of `token`, at once; an unknown one is no error."""
    async with accounts.database.transaction() as conn:
        await SQL.revoke(conn, token_sha256=digest(token))
