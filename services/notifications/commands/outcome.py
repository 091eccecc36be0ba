"""Claiming mails and saying what became of them; each statement tests only the row it locks.

A claimed mail is leased. Whoever ends it or puts it back must still hold the lease, except after a 250:
that is a fact, whoever holds the lease by then. MailSent is published once in any case.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.database import Connection, Database
from services.chassis.outbox import append
from services.contracts.events import Calendar, MailBounced, MailSent
from services.notifications.commands.reachability import tell_reachability
from services.notifications.commands.rows import lock_candidate
from services.notifications.domain import Facts, wait_after
from services.notifications.kinds import REMINDER
from services.notifications.statements import SQL


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that this sender alone may send until its lease ends."""

    id: UUID
    candidate_id: UUID
    kind: str
    cause: str
    facts: Facts
    message_id: str
    traceparent: str | None
    attempts: int
    refusals: int
    lease_id: UUID
    created_at: datetime
    calendar: Calendar | None

    @property
    def _named(self) -> dict[str, Any]:
        """What every event about it says."""
        return {
            "candidate_id": self.candidate_id,
            "mail_id": self.id,
            "kind": self.kind,
            "cause": self.cause,
        }

    def sent(self, revision: int, accepted_at: datetime) -> MailSent:
        warned_of = self.facts.deadline_at if self.kind == REMINDER else None
        if warned_of is not None and accepted_at >= warned_of:
            warned_of = None
        return MailSent(revision=revision, accepted_at=accepted_at, warned_of=warned_of, **self._named)

    def bounced(self, revision: int, status: int | None) -> MailBounced:
        return MailBounced(revision=revision, state="failed", status=status, **self._named)


async def claim(
    database: Database,
    places: int,
    lease: timedelta,
    *,
    in_hand: Collection[UUID] = (),
    inherit: bool = True,
) -> list[ClaimedMail]:
    """Lease up to `places` mails that are due.

    in_hand: mails of the caller's own, never leased to it again, their lease over or not.
    inherit: take also the mails whose lease is over, since their sender is dead.
    """
    async with database.transaction() as conn:
        rows = SQL.claim(
            conn,
            places=places,
            lease_seconds=lease.total_seconds(),
            in_hand=list(in_hand),
            inherit=inherit,
        )
        return [_claimed(row) async for row in rows]


async def seconds_to_next(
    database: Database, *, in_hand: Collection[UUID] = (), inherit: bool = True
) -> float | None:
    """How long until a mail can be claimed; None when none waits."""
    async with database.connection() as conn:
        seconds: float | None = await SQL.seconds_to_next(conn, in_hand=list(in_hand), inherit=inherit)
    return seconds


async def record_sent(database: Database, clock: Clock, mail: ClaimedMail, ago: timedelta) -> bool:
    """The server answered 250 `ago`. False when the mail had ended before."""
    async with database.transaction() as conn:
        await _lock(conn, mail)
        accepted_at = await clock.now(conn) - ago
        if await SQL.mark_sent(conn, id=mail.id, accepted_at=accepted_at) is None:
            return False
        await append(conn, mail.sent(await _next_revision(conn, mail), accepted_at))
        await _tell_reachability(conn, mail)
    return True


async def record_failed(database: Database, mail: ClaimedMail, error: str, status: int | None) -> bool:
    """It is final that the mail cannot be delivered. False when the lease was lost."""
    async with database.transaction() as conn:
        await _lock(conn, mail)
        marked = await SQL.mark_failed(conn, id=mail.id, lease_id=mail.lease_id, error=error, status=status)
        if marked is None:
            return False
        await append(conn, mail.bounced(await _next_revision(conn, mail), status))
        await _tell_reachability(conn, mail)
    return True


async def record_moot(database: Database, mail: ClaimedMail, reason: str) -> bool:
    """The mail no longer makes sense. False when the lease was lost."""
    async with database.transaction() as conn:
        await _lock(conn, mail)
        if await SQL.mark_moot(conn, id=mail.id, lease_id=mail.lease_id, error=reason) is None:
            return False
        await _tell_reachability(conn, mail)
    return True


async def wait_until(database: Database, mail: ClaimedMail, until: datetime) -> bool:
    """Its time has not come. False: lease lost."""
    async with database.transaction() as conn:
        await _lock(conn, mail)
        return await SQL.wait_until(conn, id=mail.id, lease_id=mail.lease_id, until=until) is not None


async def put_back(
    database: Database, mail: ClaimedMail, error: str, *, by_server: bool, status: int | None = None
) -> bool:
    """Try again later; `by_server`: it was the mail server that did not take it. False: lease lost."""
    async with database.transaction() as conn:
        await _lock(conn, mail)
        marked = await SQL.put_back(
            conn,
            id=mail.id,
            lease_id=mail.lease_id,
            wait_seconds=wait_after(mail.attempts).total_seconds(),
            until=mail.facts.deadline_at if mail.kind == REMINDER else None,
            refusals=int(by_server),
            status=status,
            error=error,
        )
        return marked is not None


async def _lock(conn: Connection, mail: ClaimedMail) -> None:
    await lock_candidate(conn, mail.candidate_id)


async def _tell_reachability(conn: Connection, mail: ClaimedMail) -> None:
    if mail.kind == REMINDER:
        await tell_reachability(conn, mail.candidate_id)


async def _next_revision(conn: Connection, mail: ClaimedMail) -> int:
    revision: int = await SQL.next_revision(conn, candidate_id=mail.candidate_id)
    return revision


def _claimed(row: Any) -> ClaimedMail:
    fields = dict(row)
    fields["facts"] = Facts.model_validate(fields["facts"])
    if fields["calendar"] is not None:
        fields["calendar"] = Calendar.model_validate(fields["calendar"])
    return ClaimedMail(**fields)
