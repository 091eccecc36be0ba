"""Reads the gateways' logs again and again. While it cannot, the verdicts on the incomplete wait."""

import asyncio
from datetime import timedelta
from pathlib import Path

from services.chassis.context import Context
from services.chassis.failures import is_infrastructure
from services.chassis.telemetry import describe, log
from services.documents.settings import Settings
from services.documents.statements import sql
from services.documents.turned_away import keeping, logs

_PART = "gateway-logs"
_LOOKS = 3
"""A look is good for so many of the times between two: a verdict that is due need not wait for the next."""


class LogReader:
    """A part of the worker: reads until cancelled, or says once that nothing is read."""

    name = "log-reader"

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx
        self._hindered = False

    async def run(self) -> None:
        if not self._ctx.settings.gateway_logs:
            await self._read_none()
            await asyncio.Event().wait()
        async with self._ctx.database.connection() as conn:
            await sql.begin_reading_logs(conn)
        try:
            while True:
                await self.look()
                await asyncio.sleep(self._ctx.settings.gateway_log_seconds)
        finally:
            self._ctx.readiness.report(_PART, None)

    async def look(self) -> bool:
        """Read all there is; true if all of it stands on the rows now."""
        try:
            await self._look()
        except Exception as error:
            if not (isinstance(error, OSError) or is_infrastructure(error)):
                raise
            self._tell(error)
            return False
        self._tell(None)
        return True

    async def _look(self) -> None:
        good_for = _LOOKS * timedelta(seconds=self._ctx.settings.gateway_log_seconds)
        async with self._ctx.database.connection() as conn:
            began = await self._ctx.clock.now(conn)
        await self._read_all()
        await keeping.keep_all(self._ctx)
        await keeping.were_read(self._ctx, began + good_for)

    async def _read_all(self) -> None:
        """Once more where a file was rolled meanwhile: its end may have been under a name not read yet."""
        files: list[Path] = []
        while files != (named := await asyncio.to_thread(logs.found, self._ctx.settings.gateway_logs)):
            files = named
            for path in files:
                await keeping.read_on(self._ctx, path)

    async def _read_none(self) -> None:
        async with self._ctx.database.connection() as conn:
            await sql.read_no_logs(conn)
        log.warning("no gateway's log is read: who is turned away on the way is not known")

    def _tell(self, error: Exception | None) -> None:
        self._ctx.readiness.report(_PART, None if error is None else type(error).__name__)
        if (error is not None) != self._hindered:
            self._hindered = error is not None
            if error is None:
                log.info("gateway logs read again")
            else:
                log.error("gateway logs not read: the incomplete wait", **describe(error))
