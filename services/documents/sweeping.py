"""Deletes the objects of erased people: listed in the transaction that erased them, removed afterwards."""

import asyncio

from services.chassis.context import Context
from services.documents.objects import Objects
from services.documents.settings import Settings
from services.documents.statements import sql

_AT_ONCE = 100
_SECONDS = 30


class Sweeper:
    """A part of the worker: sweeps until cancelled."""

    name = "sweeper"

    def __init__(self, ctx: Context[Settings], objects: Objects) -> None:
        self._ctx = ctx
        self._objects = objects

    async def run(self) -> None:
        while True:
            if await self.sweep() < _AT_ONCE:
                await asyncio.sleep(_SECONDS)

    async def sweep(self) -> int:
        """Delete up to a hundred objects; one already gone is fine. Returns how many were listed."""
        async with self._ctx.database.connection() as conn:
            doomed = [record["object_key"] async for record in sql.doomed_objects(conn, limit=_AT_ONCE)]
        for key in doomed:
            await self._objects.delete(key)
            async with self._ctx.database.connection() as conn:
                await sql.forget_object(conn, object_key=key)
        return len(doomed)
