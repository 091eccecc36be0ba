"""The candidature's row: locked first, written once, with its journal and its facts.

Invariant: the row's lock is held before anything about the candidate is read for a decision or appended to
the outbox, and before the clock is read: who waited for the lock decides by the present. A row that exists is
not erased, since erasure deletes it under the same lock; where there is no row, an advisory lock stands in.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis import outbox
from services.chassis.database import Connection
from services.chassis.quarantine import count_open_of
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature, Step
from services.registration.domain.errors import Erased, Unknown
from services.registration.statements import COLUMNS, candidature_of, sql

_NEVER_REWRITTEN = frozenset({"session_id", "grace_seconds", "open_dead_letters"})
SYSTEM = "system"
CANDIDATE = "candidate"


async def lock(conn: Connection, candidate_id: UUID) -> Candidature:
    """Lock the candidate's row.

    Raises:
        Erased: the account is deleted or erased. Unknown: nothing was heard of it yet.
    """
    record = await sql.lock_candidature(conn, candidate_id=candidate_id)
    if record is None:
        if await sql.is_erased(conn, candidate_id=candidate_id):
            raise Erased
        raise Unknown("candidate")
    return candidature_of(record)


async def lock_or_create(conn: Connection, candidate_id: UUID, session_id: str, stage: Stage) -> Candidature:
    """Lock the candidate's row, made as `stage` if there is none yet.

    Raises:
        Erased, Unknown (the session).
    """
    record = await sql.lock_candidature(conn, candidate_id=candidate_id)
    if record is None:
        record = await _made(conn, candidate_id, session_id, stage)
    return candidature_of(record)


async def _made(conn: Connection, candidate_id: UUID, session_id: str, stage: Stage) -> asyncpg.Record:
    """The row made now, or the one that somebody else has made meanwhile, locked.

    The quarantine's lock comes first, as where a dead letter is opened or closed: one that is opened
    meanwhile finds no row to write to, so it has to be counted here.
    """
    open_dead_letters = await count_open_of(conn, candidate_id)
    await sql.serialise_missing(conn, candidate_id=candidate_id)
    if await sql.is_erased(conn, candidate_id=candidate_id):
        raise Erased
    record: asyncpg.Record | None = await sql.lock_candidature(conn, candidate_id=candidate_id)
    if record is None:
        record = await sql.create_candidature(
            conn,
            candidate_id=candidate_id,
            session_id=session_id,
            stage=stage,
            open_dead_letters=open_dead_letters,
        )
    if record is None:
        raise Unknown("session")
    return record


async def write(conn: Connection, row: Candidature) -> None:
    """Write the locked row as it became."""
    values = {column: getattr(row, column) for column in COLUMNS if column not in _NEVER_REWRITTEN}
    await sql.write_candidature(conn, **values)


async def take(
    conn: Connection, step: Step, *, at: datetime, actor: str, reason: str | None = None
) -> Candidature:
    """Write a step: the row, its line in the journal, its facts."""
    await write(conn, step.candidature)
    await note(conn, [step], at=at, actor=actor, reason=reason)
    await outbox.append_many(conn, step.events)
    return step.candidature


async def note(
    conn: Connection, steps: Iterable[Step], *, at: datetime, actor: str, reason: str | None = None
) -> None:
    """Write the journal's lines of several steps with one statement."""
    taken = list(steps)
    became = [step.candidature for step in taken]
    await sql.write_journal(
        conn,
        at=at,
        actor=actor,
        reason=reason,
        candidate_ids=[row.candidate_id for row in became],
        acts=[step.act for step in taken],
        revisions=[row.revision for row in became],
        stages=[row.stage.value for row in became],
        versions=[row.version for row in became],
        closes=[row.closes_at for row in became],
        deadlines=[row.deadline_at for row in became],
    )


async def count_dead_letters(conn: Connection, candidate_id: UUID, open_dead_letters: int) -> None:
    """The consumers' hook: how many events about the candidate could not be taken in."""
    await sql.count_dead_letters(conn, candidate_id=candidate_id, open_dead_letters=open_dead_letters)
