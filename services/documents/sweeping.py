"""Deletes objects that must not be: those of erased people, and those that no file names.

An object is stored before the transaction that names it, so a commit that fails leaves one behind.
"""

import asyncio
from datetime import timedelta

from services.chassis.context import Context
from services.chassis.telemetry import log
from services.documents.objects import Objects
from services.documents.settings import Settings
from services.documents.statements import sql

_AT_ONCE = 100
_SECONDS = 30
_UNNAMED_AT_ONCE = 1000
_DAY = timedelta(days=1)


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
        """Delete the objects of up to a hundred erased people. Returns how many people were listed."""
        async with self._ctx.database.connection() as conn:
            now = await self._ctx.clock.now(conn)
            doomed = [record async for record in sql.doomed_prefixes(conn, now=now, limit=_AT_ONCE)]
        for record in doomed:
            candidate_id = record["candidate_id"]
            async for keys in self._objects.of(candidate_id):
                for key in keys:
                    await self._objects.delete(key)
            async with self._ctx.database.connection() as conn:
                if record["last"]:
                    await sql.forget_prefix(conn, candidate_id=candidate_id)
                else:
                    await sql.sweep_once_more(conn, candidate_id=candidate_id, now=now)
        return len(doomed)


class UnnamedSweeper:
    """A part of the worker: once a day, deletes what is older than a day and named by no file."""

    name = "unnamed-sweeper"

    def __init__(self, ctx: Context[Settings], objects: Objects) -> None:
        self._ctx = ctx
        self._objects = objects

    async def run(self) -> None:
        while True:
            await self.sweep()
            await asyncio.sleep(_DAY.total_seconds())

    async def sweep(self) -> int:
        """Delete at most a thousand; more at once look like a wrong database and wait for a person's eyes."""
        async with self._ctx.database.connection() as conn:
            before = await self._ctx.clock.now(conn) - _DAY
        deleted = 0
        async for keys in self._objects.older_than(before):
            async with self._ctx.database.connection() as conn:
                unnamed = [record["key"] async for record in sql.unnamed_objects(conn, keys=keys)]
            for key in unnamed[: _UNNAMED_AT_ONCE - deleted]:
                await self._objects.delete(key)
                deleted += 1
            if deleted == _UNNAMED_AT_ONCE:
                log.warning("more unnamed objects than are deleted in a day", deleted=deleted)
                return deleted
        if deleted:
            log.info("unnamed objects deleted", deleted=deleted)
        return deleted
