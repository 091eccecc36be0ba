"""What was read of a log, kept with the place it was read to; then its fault, on the candidate's row."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.telemetry import log
from services.contracts.internal import SessionHolders
from services.documents.commands.faults import Fault, put_fault
from services.documents.domain.candidate import GATEWAY
from services.documents.domain.errors import Erased, Unknown
from services.documents.settings import Settings
from services.documents.statements import sql
from services.documents.turned_away import logs
from services.documents.turned_away.lines import TurnedAway, Unreadable, named, read

_AT_ONCE = 200
_AGAIN = timedelta(seconds=5)
_UNKNOWN_FOR = timedelta(hours=1)
_FORGET_AFTER = timedelta(days=90)


async def read_on(ctx: Context[Settings], path: Path) -> None:
    """Read a file to its end. What was read stands with the place it was read to, or neither does.

    Raises:
        OSError: it may not be read.
    """
    known_by = await asyncio.to_thread(logs.beginning, path)
    while known_by is not None:
        async with ctx.database.connection() as conn:
            place: int = await sql.log_place(conn, beginning=known_by) or 0
        new = await asyncio.to_thread(logs.new_in, path, known_by, place)
        if new is None:
            return
        if new.read_to != place and not await _take(ctx, known_by, place, new):
            continue
        if not new.more:
            return


async def _take(ctx: Context[Settings], known_by: bytes, place: int, new: logs.New) -> bool:
    """False where another worker has read on meanwhile."""
    async with ctx.database.transaction() as conn:
        now = await ctx.clock.now(conn)
        moved = await sql.move_log_place(
            conn, beginning=known_by, read_from=place, read_to=new.read_to, now=now
        )
        if moved is None:
            return False
        await sql.forget_log_places(conn, before=now - _FORGET_AFTER)
        taken = _readable(new.lines)
        await sql.add_turned_away(
            conn,
            [
                {
                    "attempt_id": one.attempt_id,
                    "arrived_at": one.arrived_at,
                    "shown": list(one.shown),
                    "asked": one.asked,
                    "read_at": now,
                }
                for one in taken
            ],
        )
    return True


def _readable(lines: Sequence[bytes]) -> list[TurnedAway]:
    taken, unreadable = [], 0
    for line in lines:
        try:
            one = read(line)
        except Unreadable:
            unreadable += 1
        else:
            taken += [one] if one else []
    if unreadable:
        log.error("lines of a gateway's log could not be read", count=unreadable)
    return taken


async def keep_all(ctx: Context[Settings]) -> None:
    """Put all that was read onto the rows. Who is not known here yet is asked for again, within the hour.

    Raises:
        httpx.HTTPError, PeerRefused: `accounts` cannot say whose session it was.
    """
    while True:
        async with ctx.database.connection() as conn:
            now = await ctx.clock.now(conn)
            waiting = sql.waiting_turned_away(conn, again=now - _AGAIN, limit=_AT_ONCE)
            found = [record async for record in waiting]
        for record in found:
            await _keep(ctx, record, await _holders(ctx, record["shown"]))
        if len(found) < _AT_ONCE:
            return


async def _holders(ctx: Context[Settings], shown: Sequence[str]) -> set[UUID]:
    told = [await ctx.peers.get("accounts", f"sessions/{one}/holders", SessionHolders) for one in shown]
    return {candidate_id for one in told for candidate_id in one.candidate_ids}


async def _keep(ctx: Context[Settings], turned: Any, holders: set[UUID]) -> None:
    async with ctx.database.transaction() as conn:
        await conn.execute("SET LOCAL lock_timeout = 0")
        unknown = False
        for candidate_id in sorted(holders):
            try:
                await _fault(conn, ctx, turned, candidate_id)
            except Erased:
                continue
            except Unknown:
                unknown = True
        now = await ctx.clock.now(conn)
        this = {"attempt_id": turned["attempt_id"]}
        if unknown and now - turned["read_at"] < _UNKNOWN_FOR:
            await sql.try_turned_away_again(conn, **this, now=now)
        else:
            await sql.forget_turned_away(conn, **this)


async def _fault(conn: Connection, ctx: Context[Settings], turned: Any, candidate_id: UUID) -> None:
    pieces = [(row["piece"], row["file_id"]) async for row in sql.asked_for(conn, candidate_id=candidate_id)]
    meant = named(turned["asked"], pieces)
    fault = Fault(
        turned["attempt_id"],
        candidate_id,
        turned["arrived_at"],
        piece=meant.piece,
        file_id=meant.file_id,
        by=GATEWAY,
        asked=turned["asked"],
    )
    await put_fault(conn, ctx.clock, fault)


async def were_read(ctx: Context[Settings], at: datetime) -> None:
    """Take the logs for read until then."""
    async with ctx.database.transaction() as conn:
        await sql.logs_were_read(conn, read_at=at)
