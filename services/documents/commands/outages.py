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
class Kept:
    """`touched`: the rows that this outage concerns anew; `cancelled`: those of them cancelled already."""

    outage_id: UUID
    touched: int
    cancelled: int


async def beat(ctx: Context[Settings]) -> datetime:
    """The service was just seen up; too long a silence before it is an outage of the running sessions.

    The beat commits with what the outage does, so whoever has read the beat decides on rows that have it.
    """
    async with ctx.database.transaction() as conn:
        last = await sql.lock_beat(conn)
        now = await ctx.clock.now(conn)
        if last is not None and now - last > timedelta(seconds=ctx.settings.outage_seconds):
            await sql.alone_with_outages(conn)
            sessions = [record async for record in sql.running_sessions(conn, from_at=last, to_at=now)]
            for session in sessions:
                kept = await _keep(conn, session["session_id"], last, now, "noticed", now)
                log.error(
                    "outage noticed",
                    session=session["session_id"],
                    from_at=last.isoformat(),
                    to_at=now.isoformat(),
                    touched=kept.touched,
                )
        await sql.write_beat(conn, now=now)
    return now


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
        kept = await _keep(conn, session_id, from_at, to_at, "declared", now)
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
    from_at: datetime,
    to_at: datetime,
    cause: Literal["noticed", "declared"],
    now: datetime,
) -> Kept:
    span = {"session_id": session_id, "from_at": from_at, "to_at": to_at}
    outage_id: UUID = await sql.add_outage(conn, **span, cause=cause, kept_at=now)
    stages = [record["stage"] async for record in sql.apply_outage(conn, **span)]
    return Kept(outage_id, len(stages), stages.count(Stage.CANCELLED))
