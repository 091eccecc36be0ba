"""Outages: spans in which candidates could not upload, and what they do to the rows (ours 7).

Each is kept and written on every row it concerns in one transaction. Who makes a row or moves a deadline
reads the outages kept under the shared lock; keeping one takes it alone, so that no row is missed in between.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.telemetry import log
from services.contracts.stages import Stage
from services.documents.domain.errors import NoSpan, Unknown
from services.documents.settings import Settings
from services.documents.statements import sql


@dataclass(frozen=True)
class Span:
    """`[from_at, to_at)`, for the deadlines that came after it began.

    deadlines_before: a short one is for those alone that came before this; None: for all.
    """

    from_at: datetime
    to_at: datetime
    deadlines_before: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """`touched`: the rows that this outage concerns anew; `cancelled`: those of them cancelled already."""

    outage_id: UUID
    touched: int
    cancelled: int


async def beat(ctx: Context[Settings]) -> datetime:
    """The service was just seen up; a silence before it may be an outage of the running sessions.

    The beat commits with what the outage does, so whoever has read the beat decides on rows that have it.
    """
    async with ctx.database.transaction() as conn:
        last = await sql.lock_beat(conn)
        now = await ctx.clock.now(conn)
        span = None if last is None else _silence(ctx.settings, last, now)
        if span is not None:
            await _notice(conn, span)
        await sql.write_beat(conn, now=now)
    return now


def _silence(settings: Settings, last: datetime, now: datetime) -> Span | None:
    """The outage that two beats have between them; None: too short for one.

    Where it lay in somebody's last minutes, when most are sent and there is no later, a shorter one is one.
    """
    silent = now - last
    if silent > timedelta(seconds=settings.outage_seconds):
        return Span(last, now)
    if silent > timedelta(seconds=settings.outage_near_deadline_seconds):
        return Span(last, now, deadlines_before=now + timedelta(seconds=settings.near_deadline_seconds))
    return None


async def _notice(conn: Connection, span: Span) -> None:
    await sql.alone_with_outages(conn)
    sessions = [r async for r in sql.running_sessions(conn, from_at=span.from_at, to_at=span.to_at)]
    for session in sessions:
        kept = await _keep(conn, session["session_id"], span, "noticed", span.to_at)
        log.error(
            "outage noticed",
            session=session["session_id"],
            from_at=span.from_at.isoformat(),
            to_at=span.to_at.isoformat(),
            brief=span.deadlines_before is not None,
            touched=kept.touched,
        )


async def declare(
    ctx: Context[Settings],
    session_id: str,
    from_at: datetime,
    to_at: datetime,
    *,
    reason: str,
    actor: str,
) -> Kept:
    """Keep an outage that the watch could not notice, with the officer's reason.

    Raises:
        Refused: Unknown, NoSpan.
    """
    async with ctx.database.transaction() as conn:
        await sql.alone_with_outages(conn)
        if await sql.read_session(conn, session_id=session_id) is None:
            raise Unknown("session")
        now = await ctx.clock.now(conn)
        if not from_at < to_at <= now:
            raise NoSpan
        kept = await _keep(conn, session_id, Span(from_at, to_at), "declared", now)
        await sql.add_session_act(
            conn,
            session_id=session_id,
            act="outage_declared",
            outage_id=kept.outage_id,
            reason=reason,
            actor=actor,
            at=now,
        )
    return kept


async def _keep(
    conn: Connection,
    session_id: str,
    span: Span,
    cause: Literal["noticed", "declared"],
    now: datetime,
) -> Kept:
    where = {"session_id": session_id, **vars(span)}
    outage_id: UUID = await sql.add_outage(conn, **where, cause=cause, kept_at=now)
    stages = [record["stage"] async for record in sql.apply_outage(conn, **where)]
    return Kept(outage_id, len(stages), stages.count(Stage.CANCELLED))
