"""The candidate's draft: kept step by step, never a registration. It is erased with the person.

The candidate's row is locked first, as everywhere: a draft cannot be written past an erasure, and two screens
that write the same draft are told apart by its revision.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.context import Context
from services.chassis.database import Connection
from services.contracts.stages import Stage
from services.registration.commands import rows
from services.registration.commands.turned_away import kept_in_mind
from services.registration.domain.drafting import may_keep, seen, unstorable
from services.registration.domain.errors import Incorrect
from services.registration.queries import current_session, session_of
from services.registration.settings import Settings
from services.registration.statements import sql


@dataclass(frozen=True, slots=True)
class Draft:
    """`base_version`: the saved version it was begun from, 0 for none."""

    revision: int
    base_version: int
    content: dict[str, Any]
    updated_at: datetime


async def read_draft(conn: Connection, candidate_id: UUID) -> Draft | None:
    record = await sql.read_draft(conn, candidate_id=candidate_id)
    return None if record is None else _draft(record)


async def keep(
    ctx: Context[Settings],
    candidate_id: UUID,
    content: dict[str, Any],
    *,
    arrived_at: datetime,
    expected_revision: int,
) -> Draft:
    """Keep `content` in place of the draft of `expected_revision` (0: there is none).

    A retry whose first answer was lost finds its own content there and changes nothing. One that came in time
    and finds the window's end decided is kept in mind, as of a save (decision 0014).

    Raises:
        WindowShut, TooSlow, NotAllowed, DraftMismatch, Incorrect, Erased, Unknown.
    """
    if wrong := unstorable(content):
        raise Incorrect(wrong)
    async with kept_in_mind(ctx, candidate_id, arrived_at), ctx.database.transaction() as conn:
        session = await current_session(conn, arrived_at)
        row = await rows.lock_or_create(conn, candidate_id, session.session_id, Stage.ACTIVATED)
        present = await read_draft(conn, candidate_id)
        if present is not None and present.revision != expected_revision and present.content == content:
            return present
        opens_at = (await session_of(conn, row.session_id)).opens_at
        may_keep(row, arrived_at=arrived_at, opens_at=opens_at)
        seen(expected_revision, present.revision if present else 0)
        record = await sql.write_draft(
            conn,
            candidate_id=candidate_id,
            base_version=row.version,
            content=content,
            updated_at=await ctx.clock.now(conn),
        )
        return _draft(record)


async def drop(ctx: Context[Settings], candidate_id: UUID, *, expected_revision: int) -> None:
    """Forget the draft of this revision; no draft is what was asked for already.

    Raises:
        DraftMismatch, Erased, Unknown.
    """
    async with ctx.database.transaction() as conn:
        await rows.lock(conn, candidate_id)
        present = await read_draft(conn, candidate_id)
        if present is not None:
            seen(expected_revision, present.revision)
            await sql.delete_draft(conn, candidate_id=candidate_id)


async def used(conn: Connection, candidate_id: UUID, revision: int) -> None:
    """In a save's transaction: the draft it was made of goes, unless somebody wrote on it meanwhile."""
    present = await read_draft(conn, candidate_id)
    if present is not None and present.revision == revision:
        await sql.delete_draft(conn, candidate_id=candidate_id)


def _draft(record: asyncpg.Record) -> Draft:
    return Draft(record["revision"], record["base_version"], record["content"], record["updated_at"])
