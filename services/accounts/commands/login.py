"""Log in and out: opaque sessions, always new, until the exam session ends (R2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.accounts import browsers, throttle
from services.accounts.addresses import Address, parse
from services.accounts.domain import passwords
from services.accounts.domain.errors import BadAddress, SessionOver, WrongCredentials
from services.accounts.networks import UNKNOWN
from services.accounts.queries import AccountOfAddress, accounts_of
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.accounts.throttle import Tries
from services.accounts.tokens import digest, new_token
from services.chassis.identity import Identity


@dataclass(frozen=True, slots=True)
class Login:
    """A new session; `token` and `cookie` are told this once and kept nowhere.

    `browser`: the cookie by which the browser is known from now on.
    """

    token: str
    cookie: str
    subject: str
    expires_at: datetime
    browser: str = ""

    @property
    def candidate_id(self) -> UUID:
        return UUID(self.subject)


async def log_in(
    accounts: Accounts,
    email: str,
    password: str,
    arrived_at: datetime,
    network: str = UNKNOWN,
    *,
    browser: str = "",
    session_id: str | None = None,
    longer: bool = False,
) -> Login:
    """Check address and password of an activated account.

    Args:
        network: where the request comes from; its failures are counted, and those of the address from there.
        browser: the cookie of a browser known for this address; then only its own failures count.
        session_id: of which exam session, where the address has several accounts; else the running one's, or
            the last whose session has not ended.
        longer: whether the cookie has the longer time without use, which the candidate has to ask for.

    Raises:
        WrongCredentials: wrong, or not activated; the same work whichever it is.
        TooManyTries: of this browser; or of the address from this network, fewer where the network is full.
        SessionOver: the exam session has ended.
        Overloaded: nothing was checked, and the try is not counted.
    """
    try:
        address = parse(email)
    except BadAddress:
        raise WrongCredentials from None
    async with throttle.counting(accounts.database, arrived_at) as tries:
        await _demand(accounts, tries, address, arrived_at, network, browser)
        login = await _checked(accounts, address, password, arrived_at, session_id, longer=longer)
        own, *others = tries.counted
        await throttle.forget(accounts.database, own)
        for count in others:
            await throttle.give_back(accounts.database, count)
    return login


async def _checked(
    accounts: Accounts,
    address: Address,
    password: str,
    arrived_at: datetime,
    session_id: str | None,
    *,
    longer: bool,
) -> Login:
    """The session that address and password open. Raises what `log_in` does, but `TooManyTries`."""
    async with accounts.database.connection() as conn:
        found = await accounts_of(conn, address.key, arrived_at)
    meant = next((account for account in found if _is_meant(account, session_id)), None)
    password_hash = meant.password_hash if meant else None
    if not await accounts.passwords.verify(password_hash, passwords.normalised(password)) or meant is None:
        accounts.failures.count(arrived_at)
        raise WrongCredentials
    if arrived_at >= meant.calendar.ends_at:
        raise SessionOver
    login = Login(
        new_token(),
        new_token(),
        str(meant.id),
        meant.calendar.ends_at,
        browsers.new_cookie(accounts.links, address, arrived_at),
    )
    async with accounts.database.transaction() as conn:
        opened = await SQL.open_candidate_session(
            conn,
            token_sha256=digest(login.token),
            cookie_sha256=digest(login.cookie),
            id=meant.id,
            password_hash=password_hash,
            now=arrived_at,
            expires_at=login.expires_at,
            longer=longer,
        )
    if opened is None:
        raise WrongCredentials
    return login


def _is_meant(account: AccountOfAddress, session_id: str | None) -> bool:
    return account.is_activated() and session_id in (None, account.calendar.session_id)


async def _demand(
    accounts: Accounts, tries: Tries, address: Address, arrived_at: datetime, network: str, browser: str
) -> None:
    """Count the try: first under the name that a success forgets, then under those it is none of."""
    known = browsers.known(accounts.links, browser, address, arrived_at)
    await tries.demand(accounts.logins_to(address, network) if known is None else accounts.logins_of(known))
    if known is None:
        shared, spare = accounts.logins_from(network), accounts.spare_logins(address, network)
        await tries.demand_of_network(shared, spare)


async def log_in_officer(accounts: Accounts, officer: Identity, arrived_at: datetime) -> Login:
    """Open a session for whom the identity provider has vouched."""
    kept_for = timedelta(seconds=accounts.settings.officer_session_seconds)
    login = Login(new_token(), new_token(), officer.subject, arrived_at + kept_for)
    async with accounts.database.transaction() as conn:
        await SQL.open_officer_session(
            conn,
            token_sha256=digest(login.token),
            cookie_sha256=digest(login.cookie),
            subject=officer.subject,
            role=officer.role,
            portfolios=list(officer.portfolios),
            now=arrived_at,
            expires_at=login.expires_at,
        )
    return login


async def log_out(accounts: Accounts, token: str) -> None:
    """End the session of `token` or cookie, at once and both; an unknown one is no error."""
    async with accounts.database.transaction() as conn:
        await SQL.revoke(conn, sha256=digest(token))
