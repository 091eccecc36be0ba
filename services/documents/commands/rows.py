"""The candidate's row: locked first, written with its evidence counted anew and its facts.

Invariant: the row's lock is held before anything about the candidate is read for a decision or appended to
the outbox. A row that exists is not erased, since erasure deletes it under the same lock; where there is no
row, an advisory lock stands in for it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from services.chassis import outbox
from services.chassis.clock import Clock
from services.chassis.database import Connection
from services.chassis.failures import PartUnavailable
from services.chassis.quarantine import count_open_of
from services.contracts.events import (
    Calendar,
    ChecklistCompleted,
    ChecklistReopened,
    ChecklistSettled,
    DocumentEvent,
)
from services.contracts.stages import Verdict
from services.documents.domain.candidate import Candidate
from services.documents.domain.errors import Erased, Unknown
from services.documents.domain.reminders import next_reminder
from services.documents.statements import COLUMNS, candidate_of, read_seen, sql

E = TypeVar("E", bound=DocumentEvent)
Fact = Callable[[Candidate], DocumentEvent]
_NEVER_REWRITTEN = frozenset(
    {
        "session_id",
        "grace_seconds",
        "fault_window_seconds",
        "open_dead_letters",
        "settled_rev",
        "settled_version",
        "settled_deadline_at",
        "verdict",
        "settled_at",
        "settling_paused",
        "reminded",
        "reminded_for",
        "last_reminded_at",
    }
)


async def lock(conn: Connection, candidate_id: UUID) -> Candidate:
    """Lock the candidate's row.

    Raises:
        Erased: the account is deleted or erased. Unknown: nothing was heard of it yet.
    """
    record = await sql.lock_candidate(conn, candidate_id=candidate_id)
    if record is None:
        if await sql.is_erased(conn, candidate_id=candidate_id):
            raise Erased
        raise Unknown("candidate")
    return candidate_of(record)


async def lock_or_create(conn: Connection, candidate_id: UUID, session_id: str) -> Candidate:
    """Lock the candidate's row, made if there is none yet.

    Raises:
        Erased. PartUnavailable: the session's calendar has not arrived; it travels on another partition.
    """
    await sql.share_outages(conn)
    record = await sql.lock_candidate(conn, candidate_id=candidate_id)
    if record is None:
        record = await _made(conn, candidate_id, session_id)
    return candidate_of(record)


async def _made(conn: Connection, candidate_id: UUID, session_id: str) -> asyncpg.Record:
    """The row made now, or the one that somebody else has made meanwhile, locked.

    The quarantine's lock comes first, as where a dead letter is opened or closed: one that is opened
    meanwhile finds no row to write to, so it has to be counted here.
    """
    open_dead_letters = await count_open_of(conn, candidate_id)
    await sql.serialise_missing(conn, candidate_id=candidate_id)
    if await sql.is_erased(conn, candidate_id=candidate_id):
        raise Erased
    record: asyncpg.Record | None = await sql.lock_candidate(conn, candidate_id=candidate_id)
    if record is None:
        record = await sql.create_candidate(
            conn, candidate_id=candidate_id, session_id=session_id, open_dead_letters=open_dead_letters
        )
    if record is None:
        raise PartUnavailable("calendar")
    return record


async def read(conn: Connection, candidate_id: UUID) -> Candidate:
    """The row without its lock: for showing, never for deciding.

    Raises:
        Erased, Unknown.
    """
    record = await sql.read_candidate(conn, candidate_id=candidate_id)
    if record is None:
        if await sql.is_erased(conn, candidate_id=candidate_id):
            raise Erased
        raise Unknown("candidate")
    return candidate_of(record)


async def calendar_of(conn: Connection, session_id: str) -> Calendar:
    """The session's calendar as last heard.

    Raises:
        Unknown: it has not arrived.
    """
    calendar = await sql.read_calendar(conn, session_id=session_id)
    if calendar is None:
        raise Unknown("session")
    return Calendar.model_validate(calendar)


async def write(conn: Connection, row: Candidate) -> Candidate:
    """Write the locked row as it became, without any fact."""
    values = {column: getattr(row, column) for column in COLUMNS if column not in _NEVER_REWRITTEN}
    await sql.write_candidate(conn, **values)
    return row


async def take(conn: Connection, before: Candidate, row: Candidate, clock: Clock, *facts: Fact) -> Candidate:
    """Write the locked row after a change of its evidence, with its facts; settle it if that is due.

    The evidence is counted from the pieces and files, so call this after they were written. `facts` come
    first, then the checklist's own change of state, then a verdict. The clock is read here, under the lock:
    a verdict given while the lock was waited for must not make this one seem too early. Where the deadline
    was moved, `share_outages` came before the row's lock. For another deadline the candidate is to be warned
    again: that nobody could may have been forgotten for the one before, and is not told again.
    """
    row = await counted(conn, row)
    if row.state == "complete":
        row = replace(row, reminder_due_at=None)
    elif row.begins_to_miss(before):
        row = replace(row, reminder_due_at=await _reminder_due(conn, before, row, clock))
    if (row.deadline_at, row.released_at) != (before.deadline_at, before.released_at):
        row = replace(row, service_fault_at=await _service_fault(conn, row))
    if row.deadline_at != before.deadline_at:
        row = replace(row, unreachable=bool(await sql.last_reachability(conn, candidate_id=row.candidate_id)))
    events: list[DocumentEvent] = []
    made = [*facts, *_turn(before, row)]
    for fact in made:
        row = replace(row, revision=row.revision + 1)
        events.append(fact(row))
    await write(conn, row)
    await outbox.append_many(conn, events)
    return await _settle(conn, row, await clock.now(conn)) or row


async def _settle(conn: Connection, row: Candidate, now: datetime) -> Candidate | None:
    """Give the verdict on the locked row if it is due: the same statement as the clock's."""
    seen = await read_seen(conn)
    record = await sql.settle_one(conn, candidate_id=row.candidate_id, now=now, **seen.values)
    if record is None:
        return None
    settled = candidate_of(record)
    await outbox.append(conn, verdict_of(settled))
    return settled


def fact(kind: type[E], row: Candidate, /, **members: Any) -> E:
    """A fact about the row as it now stands; `members` are the kind's own."""
    return kind(
        revision=row.revision,
        candidate_id=row.candidate_id,
        state=row.state,
        registration_version=row.registration_version,
        evidence_rev=row.evidence_rev,
        **members,
    )


def verdict_of(row: Candidate) -> ChecklistSettled:
    """The fact of a row that was just settled."""
    if row.verdict is None:
        raise ValueError("not settled")
    return fact(
        ChecklistSettled,
        row,
        session_id=row.session_id,
        deadline_at=row.deadline_at,
        verdict=Verdict(row.verdict),
    )


async def count_dead_letters(conn: Connection, candidate_id: UUID, open_dead_letters: int) -> None:
    """The consumers' hook: how many events about the candidate could not be taken in."""
    await sql.count_dead_letters(conn, candidate_id=candidate_id, open_dead_letters=open_dead_letters)


async def counted(conn: Connection, row: Candidate) -> Candidate:
    """The locked row with its evidence as the pieces and files have it now."""
    if row.registration_version == 0:
        return row
    found = await sql.count_evidence(
        conn,
        candidate_id=row.candidate_id,
        version=row.registration_version,
        version_saved_at=row.version_saved_at,
    )
    return replace(
        row, missing_count=found["missing"], to_judge_count=found["to_judge"], lost_count=found["lost"]
    )


async def _service_fault(conn: Connection, row: Candidate) -> datetime | None:
    """The last instant before the deadline in an outage that the last release could not know of."""
    fault_at: datetime | None = await sql.service_fault(
        conn, session_id=row.session_id, deadline_at=row.deadline_at, released_at=row.released_at
    )
    return fault_at


async def _reminder_due(conn: Connection, before: Candidate, row: Candidate, clock: Clock) -> datetime | None:
    """When the first reminder is to be decided. A save may be heard of late: it missed something at once."""
    saved_at = row.version_saved_at if before.registration_version == 0 else None
    since = saved_at or await clock.now(conn)
    calendar = await calendar_of(conn, row.session_id)
    found = next_reminder(calendar, row.deadline_at, row.reminded, row.last_reminded_at, since)
    return None if found is None else found.at


def _turn(before: Candidate, row: Candidate) -> list[Fact]:
    if before.state == row.state:
        return []
    if row.state == "complete":
        return [lambda now: fact(ChecklistCompleted, now)]
    if before.state == "complete":
        return [lambda now: fact(ChecklistReopened, now)]
    return []
