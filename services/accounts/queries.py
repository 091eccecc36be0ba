"""Reads of accounts."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.accounts.domain.activation import next_step
from services.accounts.domain.window import precedence
from services.accounts.statements import SQL
from services.chassis.database import Connection
from services.contracts.events import Calendar
from services.contracts.life import NextStep
from services.contracts.stages import AccountState

_MOST_UNDELIVERED = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as it is now."""

    id: UUID
    email: str
    state: AccountState
    session_id: str
    issue: int
    reset_issue: int
    activation_expires_at: datetime | None
    expiry_due_at: datetime | None
    activated_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountOfAddress:
    """One of the accounts of an address: it may have one in each exam session."""

    id: UUID
    state: AccountState
    password_hash: str | None
    activation_expires_at: datetime | None
    calendar: Calendar

    def is_activated(self) -> bool:
        return self.state is AccountState.ACTIVATED

    def can_be_activated(self, arrived_at: datetime) -> bool:
        return not self.is_activated() and (
            self.activation_expires_at is None or arrived_at < self.activation_expires_at
        )


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An account that no activation mail could reach. The address may hold a typing error."""

    candidate_id: UUID
    email: str
    session_id: str
    mails_asked: int
    created_at: datetime


async def calendars(conn: Connection) -> list[Calendar]:
    return [Calendar.model_validate(row["calendar"]) async for row in SQL.calendars(conn)]


async def accounts_of(conn: Connection, email_key: str, arrived_at: datetime) -> list[AccountOfAddress]:
    """The accounts of an address, the one that a login means first."""
    found = [
        AccountOfAddress(
            row["id"],
            AccountState(row["state"]),
            row["password_hash"],
            row["activation_expires_at"],
            Calendar.model_validate(row["calendar"]),
        )
        async for row in SQL.accounts_of_address(conn, email_key=email_key)
    ]
    return sorted(found, key=lambda account: precedence(account.calendar, arrived_at))


async def calendar_of(conn: Connection, candidate_id: UUID) -> Calendar:
    """The calendar of the account's exam session."""
    return Calendar.model_validate(await SQL.calendar_of_account(conn, id=candidate_id))


async def activation_passwords(conn: Connection, candidate_id: UUID) -> list[str]:
    """The hashes of the passwords that were chosen for an account that waits, the newest first."""
    return [row["password_hash"] async for row in SQL.activation_passwords(conn, id=candidate_id)]


async def standing(conn: Connection, candidate_id: UUID) -> Standing | None:
    row = await SQL.standing(conn, id=candidate_id)
    return None if row is None else Standing(**(dict(row) | {"state": AccountState(row["state"])}))


async def is_buried(conn: Connection, candidate_id: UUID) -> bool:
    """Whether this candidate was deleted."""
    found: bool = await SQL.is_buried(conn, id=candidate_id)
    return found


async def holders_of(conn: Connection, beginning: bytes) -> list[UUID]:
    """The candidates with a login whose digest, of token or cookie, begins so; of ended ones for a day."""
    last = beginning + b"\xff" * (hashlib.sha256().digest_size - len(beginning))
    return [row["account_id"] async for row in SQL.holders_of(conn, first=beginning, last=last)]


async def farewell_address(conn: Connection, candidate_id: UUID, now: datetime) -> str | None:
    found: str | None = await SQL.farewell_address(conn, id=candidate_id, now=now)
    return found


async def reset_expiry(conn: Connection, candidate_id: UUID, issue: int) -> datetime | None:
    """Until when reset link `issue` can be used; None when it was used or never asked for."""
    row = await SQL.reset(conn, id=candidate_id, issue=issue)
    return None if row is None or row["used_at"] is not None else row["expires_at"]


async def undelivered(conn: Connection, now: datetime) -> list[Undelivered]:
    """Oldest first, at most 500."""
    return [
        Undelivered(row["id"], row["email"], row["session_id"], row["issue"], row["created_at"])
        async for row in SQL.undelivered(conn, now=now, most=_MOST_UNDELIVERED)
    ]


async def next_step_of(conn: Connection, candidate_id: UUID, now: datetime) -> NextStep:
    """What this owner awaits of the candidate's life."""
    row = await standing(conn, candidate_id)
    if row is not None:
        return next_step(state=row.state, session_id=row.session_id, due_at=row.expiry_due_at, now=now)
    state = AccountState.DELETED if await is_buried(conn, candidate_id) else None
    return next_step(state=state, session_id=None, due_at=None, now=now)
