"""The end of the window (R1, R5), decided at close + grace: for one candidate and set-based for many."""

from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis import outbox
from services.chassis.context import Context
from services.chassis.database import Connection
from services.contracts.events import CandidatureEvent, CandidatureNotRegistered, CandidatureWindowClosed
from services.contracts.life import BatchResult
from services.contracts.stages import Stage
from services.registration.commands import rows
from services.registration.domain.candidature import Candidature, Step, facts
from services.registration.domain.outcome import judged
from services.registration.settings import Settings
from services.registration.statements import candidature_of, sql

_FACTS: dict[Stage, type[CandidatureEvent]] = {
    Stage.NOT_REGISTERED: CandidatureNotRegistered,
    Stage.AWAITING_DOCUMENTS: CandidatureWindowClosed,
}


async def close_window_of(ctx: Context[Settings], candidate_id: UUID) -> bool:
    """Decide one candidate's window; False when nothing was to decide (any more, or yet)."""
    async with ctx.database.transaction() as conn:
        now = await ctx.clock.now(conn)
        record = await sql.close_window_of(conn, candidate_id=candidate_id, now=now)
        await _tell(conn, [record] if record else [], now)
        return record is not None


async def close_window(ctx: Context[Settings], session_id: str, limit: int) -> BatchResult:
    """Decide up to `limit` candidates; `remaining` is a plain count, rows held by others included."""
    async with ctx.database.transaction() as conn:
        now = await ctx.clock.now(conn)
        records = [
            record
            async for record in sql.close_window_batch(conn, session_id=session_id, now=now, limit=limit)
        ]
        await _tell(conn, records, now)
    async with ctx.database.connection() as conn:
        remaining = await sql.count_window_due(conn, session_id=session_id, now=now)
    return BatchResult(decided=len(records), remaining=remaining)


async def _tell(conn: Connection, records: list[asyncpg.Record], now: datetime) -> None:
    """The facts and the journal of rows the statement has changed; then verdicts that came before it."""
    steps = [_step(candidature_of(record)) for record in records]
    if not steps:
        return
    await rows.note(conn, steps, at=now, actor=rows.SYSTEM)
    await outbox.append_many(conn, [event for step in steps for event in step.events])
    for step in steps:
        judgement = judged(step.candidature, now)
        if judgement is not None:
            await rows.take(conn, judgement, at=now, actor=rows.SYSTEM)


def _step(row: Candidature) -> Step:
    act = "window_closed" if row.stage is Stage.AWAITING_DOCUMENTS else "not_registered"
    return Step(row, act, facts(row, (_FACTS[row.stage],)))
