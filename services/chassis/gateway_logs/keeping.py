"""What was read of a log, kept with the place it was read to; then put onto the rows by the service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.gateway_logs import logs
from services.chassis.gateway_logs.lines import TurnedAway, Unreadable, What, read
from services.chassis.sql import load
from services.chassis.telemetry import log
from services.contracts.internal import SessionHolders

Put: TypeAlias = Callable[[Connection, TurnedAway, UUID], Awaitable[None]]
"""Puts a request onto the row of one whose login it showed, within the transaction; nothing where that one is
erased. Raises `NotKnownYet`."""

_sql: Any = load(Path(__file__).parent)
_AT_ONCE = 200
_AGAIN = timedelta(seconds=5)
_UNKNOWN_FOR = timedelta(hours=1)
_FORGET_AFTER = timedelta(days=90)


class NotKnownYet(Exception):
    """The service has not heard of the candidate: asked again within the hour."""


async def read_on(ctx: Context[Any], what: What, path: Path) -> None:
    """Read a file to its end, for one kind. What was read stands with the place it was read to, or neither
    does.

    Raises:
        OSError: it may not be read.
    """
    known_by = await asyncio.to_thread(logs.beginning, path)
    while known_by is not None:
        async with ctx.database.connection() as conn:
            place: int = await _sql.log_place(conn, beginning=known_by) or 0
        new = await asyncio.to_thread(logs.new_in, path, known_by, place)
        if new is None:
            return
        if new.read_to != place and not await _take(ctx, what, known_by, place, new):
            continue
        if not new.more:
            return


async def _take(ctx: Context[Any], what: What, known_by: bytes, place: int, new: logs.New) -> bool:
    """False where another worker has read on meanwhile."""
    async with ctx.database.transaction() as conn:
        now = await ctx.clock.now(conn)
        moved = await _sql.move_log_place(
            conn, beginning=known_by, read_from=place, read_to=new.read_to, now=now
        )
        if moved is None:
            return False
        await _sql.forget_log_places(conn, before=now - _FORGET_AFTER)
        taken = _readable(new.lines, what)
        await _sql.add_turned_away(
            conn,
            [
                {
                    "attempt_id": one.attempt_id,
                    "arrived_at": one.arrived_at,
                    "ended_at": one.ended_at,
                    "shown": list(one.shown),
                    "asked": one.asked,
                    "read_at": now,
                }
                for one in taken
            ],
        )
    return True


def _readable(lines: Sequence[bytes], what: What) -> list[TurnedAway]:
    taken, unreadable = [], 0
    for line in lines:
        try:
            one = read(line, what)
        except Unreadable:
            unreadable += 1
        else:
            taken += [one] if one else []
    if unreadable:
        log.error("lines of a gateway's log could not be read", count=unreadable)
    return taken


async def keep_all(ctx: Context[Any], put: Put) -> None:
    """Put all that was read onto the rows. Who is not known here yet is asked for again, within the hour.

    Raises:
        httpx.HTTPError, PeerRefused: `accounts` cannot say whose session it was.
    """
    while True:
        async with ctx.database.connection() as conn:
            now = await ctx.clock.now(conn)
            waiting = _sql.waiting_turned_away(conn, again=now - _AGAIN, limit=_AT_ONCE)
            found = [record async for record in waiting]
        for record in found:
            await _keep(ctx, put, record, await _holders(ctx, record["shown"]))
        if len(found) < _AT_ONCE:
            return


async def _holders(ctx: Context[Any], shown: Sequence[str]) -> set[UUID]:
    told = [await ctx.peers.get("accounts", f"sessions/{one}/holders", SessionHolders) for one in shown]
    return {candidate_id for one in told for candidate_id in one.candidate_ids}


async def _keep(ctx: Context[Any], put: Put, record: Any, holders: set[UUID]) -> None:
    arrived_at = record["arrived_at"]
    turned = TurnedAway(
        record["attempt_id"],
        arrived_at,
        record["ended_at"] or arrived_at,
        tuple(record["shown"]),
        record["asked"],
    )
    async with ctx.database.transaction() as conn:
        await conn.execute("SET LOCAL lock_timeout = 0")
        unknown = False
        for candidate_id in sorted(holders):
            try:
                await put(conn, turned, candidate_id)
            except NotKnownYet:
                unknown = True
        now = await ctx.clock.now(conn)
        if unknown and now - record["read_at"] < _UNKNOWN_FOR:
            await _sql.try_turned_away_again(conn, attempt_id=turned.attempt_id, now=now)
        else:
            await _sql.forget_turned_away(conn, attempt_id=turned.attempt_id)
