"""Deletes objects that must not be: those of erased people, and those that no file names.

An object is stored before the transaction that names it, so a commit that fails leaves one behind. Those are
few. Many of them mean that the database is not the one of this store, or an older state of it, and that they
are acknowledged uploads: then none is deleted, and an operator is told.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.context import Context
from services.chassis.telemetry import describe, log
from services.documents.objects import Objects
from services.documents.settings import Settings
from services.documents.statements import sql

_AT_ONCE = 100
_SECONDS = 30
_LONGEST_SECONDS = 300
"""For one person's objects. A store that gives no answer stops nobody else's erasure either."""
_ASK_SECONDS = 600
_OLD = timedelta(days=30)
"""Time to notice that an older state of the database was restored: what it has forgotten is still there."""
_FEW = 20
_SHARE = 0.1


class Sweeper:
    """A part of the worker: deletes what lies under the ids of the erased, until cancelled."""

    name = "sweeper"

    def __init__(self, ctx: Context[Settings], objects: Objects) -> None:
        self._ctx = ctx
        self._objects = objects

    async def run(self) -> None:
        while True:
            if await self.sweep() < _AT_ONCE:
                await asyncio.sleep(_SECONDS)

    async def sweep(self) -> int:
        """Delete the objects of up to a hundred erased people. Returns how many people were listed.

        Whose cannot be deleted comes again later (`put_off_prefix`), behind the others.
        """
        async with self._ctx.database.connection() as conn:
            now = await self._ctx.clock.now(conn)
            doomed = [record async for record in sql.doomed_prefixes(conn, now=now, limit=_AT_ONCE)]
        for record in doomed:
            await self._sweep_one(record["candidate_id"], now, last=record["last"])
        return len(doomed)

    async def _sweep_one(self, candidate_id: UUID, now: datetime, *, last: bool) -> None:
        deleted = await self._deleted(candidate_id)
        async with self._ctx.database.connection() as conn:
            if not deleted:
                await sql.put_off_prefix(conn, candidate_id=candidate_id, now=now)
            elif last:
                await sql.forget_prefix(conn, candidate_id=candidate_id)
            else:
                await sql.sweep_once_more(conn, candidate_id=candidate_id, now=now)

    async def _deleted(self, candidate_id: UUID) -> bool:
        """Whether nothing is left. What the store refuses is told, and keeps nobody else's objects there."""
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                await self._objects.erase(candidate_id)
        except Exception as error:  # noqa: BLE001 - whatever hinders it, the others' objects are to go
            log.error("objects of somebody erased not deleted", key=str(candidate_id), **describe(error))
            return False
        return True


class UnnamedSweeper:
    """A part of the worker: once a day, deletes what is older than a month and named by no file."""

    name = "unnamed-sweeper"

    def __init__(self, ctx: Context[Settings], objects: Objects) -> None:
        self._ctx = ctx
        self._objects = objects

    async def run(self) -> None:
        while True:
            await self.sweep_if_due()
            await asyncio.sleep(_ASK_SECONDS)

    async def sweep_if_due(self) -> int:
        """Sweep unless a worker did within the last day. Returns how many objects were deleted."""
        async with self._ctx.database.transaction() as conn:
            now = await self._ctx.clock.now(conn)
            if await sql.begin_unnamed_sweep(conn, now=now) is None:
                return 0
        return await self._sweep(now - _OLD)

    async def _sweep(self, before: datetime) -> int:
        looked_at, unnamed = await self._unnamed(before)
        believed = len(unnamed) <= _FEW and len(unnamed) <= _SHARE * looked_at
        async with self._ctx.database.transaction() as conn:
            await sql.note_spared(conn, spared=0 if believed else len(unnamed))
        if not believed:
            log.error("too many unnamed objects, none deleted", unnamed=len(unnamed), looked_at=looked_at)
            return 0
        deleted = [key for key in unnamed if await self._deleted(key)]
        if unnamed:
            log.info("unnamed objects deleted", deleted=len(deleted))
        return len(deleted)

    async def _deleted(self, key: str) -> bool:
        """What the store refuses is told, and met again tomorrow; the others go."""
        try:
            await self._objects.delete(key)
        except Exception as error:  # noqa: BLE001 - whatever hinders it, the others are to go
            log.error("unnamed object not deleted", object=key, **describe(error))
            return False
        return True

    async def _unnamed(self, before: datetime) -> tuple[int, list[str]]:
        """How many were looked at, and which of them no file names: all of them, before any is deleted."""
        looked_at, unnamed = 0, []
        async for keys in self._objects.older_than(before):
            looked_at += len(keys)
            async with self._ctx.database.connection() as conn:
                unnamed += [record["key"] async for record in sql.unnamed_objects(conn, keys=keys)]
        return looked_at, unnamed
