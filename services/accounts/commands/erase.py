"""Erase an account, by its owner or by the office: at any time, whatever became of the candidature.

The fact that it is deleted has every service erase what it keeps of the person. The address stays apart until
the mail that says so has left: its owner should hear of it, above all if it was somebody else who asked.

Why the office erased somebody is one of a few reasons, since words of an officer's own could name them.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.accounts.commands.prove import no_longer_so, prove
from services.accounts.erasure import erasure_of
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.chassis.database import Connection
from services.chassis.failpoints import Failpoint, reach
from services.contracts.events import AccountDeleted
from services.contracts.stages import AccountState


class Reason(StrEnum):
    """Why the office erases: asked by the person, opened by mistake, decided elsewhere, kept long enough."""

    REQUEST = "request"
    MISTAKE = "mistake"
    DECISION = "decision"
    RETENTION = "retention"


async def erase(accounts: Accounts, candidate_id: UUID, password: str, arrived_at: datetime) -> None:
    """Erase it, at once and for good.

    Raises:
        AccountGone, WrongPassword, TooManyTries, Overloaded: nothing was changed.
    """
    checked_hash = await prove(accounts, candidate_id, password, arrived_at)
    kept_for = timedelta(seconds=accounts.settings.farewell_seconds)
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        row = await SQL.erase(conn, id=candidate_id, checked_hash=checked_hash, now=now, until=now + kept_for)
        if row is None:
            raise await no_longer_so(conn, candidate_id)
        await _tell(conn, candidate_id, row["revision"])
    reach(Failpoint.ERASURE_BEFORE_ANSWER)


async def erase_by_officer(accounts: Accounts, candidate_id: UUID, reason: Reason, actor: str) -> bool:
    """Erase it, at once and for good; False where it was erased or deleted before.

    Also whom `accounts` has forgotten, restored from a backup, and another service knows: the fact alone then
    has the others erase what they keep.

    Raises:
        NoSuchCandidate, KeptElsewhere: nothing was changed.
    """
    if await _erase_account(accounts, candidate_id, reason, actor):
        return True
    if (await erasure_of(accounts, candidate_id)).erased_at is not None:
        return False
    return await _bury_forgotten(accounts, candidate_id, reason, actor)


async def _erase_account(accounts: Accounts, candidate_id: UUID, reason: Reason, actor: str) -> bool:
    """False without an account."""
    kept_for = timedelta(seconds=accounts.settings.farewell_seconds)
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        row = await SQL.erase_by_officer(conn, id=candidate_id, now=now, until=now + kept_for)
        if row is None:
            return False
        await SQL.note_erasure(conn, id=candidate_id, reason=reason.value, actor=actor)
        await _tell(conn, candidate_id, row["revision"])
        return True


async def _bury_forgotten(accounts: Accounts, candidate_id: UUID, reason: Reason, actor: str) -> bool:
    """False where another act came first. Which revision was told last is lost; no deletion depends on it."""
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        if await SQL.bury(conn, id=candidate_id, now=now) is None:
            return False
        await SQL.note_erasure(conn, id=candidate_id, reason=reason.value, actor=actor)
        await _tell(conn, candidate_id, revision=0)
        return True


async def _tell(conn: Connection, candidate_id: UUID, revision: int) -> None:
    await outbox.append(
        conn,
        AccountDeleted(
            candidate_id=candidate_id, revision=revision + 1, state=AccountState.DELETED, reason="erased"
        ),
    )
