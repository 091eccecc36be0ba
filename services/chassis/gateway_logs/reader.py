"""Reads the gateways' logs again and again, and has the service put what it finds onto its rows."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.failures import is_infrastructure
from services.chassis.gateway_logs import keeping, logs
from services.chassis.gateway_logs.lines import What
from services.chassis.telemetry import describe, log

_PART = "gateway-logs"
_LOOKS = 3
"""A look is good for so many of the times between two: what waits for it need not wait for the next."""


class Waiting(Protocol):
    """What waits in a service until the logs were read."""

    async def begin(self, conn: Connection) -> None:
        """They are read from here on."""

    async def read_none(self, conn: Connection) -> None:
        """None is read: nothing is to wait."""

    async def were_read(self, conn: Connection, until: datetime) -> None:
        """All that arrived until then stands on the rows."""


class LogReader:
    """A part of a worker: reads the lines of one kind until cancelled, or says once that nothing is read.

    The settings are `LogSettings`, the tables `gateway_log` and `turned_away` are the service's own.
    """

    name = "log-reader"

    def __init__(
        self, ctx: Context[Any], what: What, put: keeping.Put, waiting: Waiting | None = None
    ) -> None:
        self._ctx = ctx
        self._what = what
        self._put = put
        self._waiting = waiting
        self._hindered = False

    async def run(self) -> None:
        if not self._ctx.settings.gateway_logs:
            await self._read_none()
            await asyncio.Event().wait()
        if self._waiting is not None:
            async with self._ctx.database.connection() as conn:
                await self._waiting.begin(conn)
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
        await keeping.keep_all(self._ctx, self._put)
        if self._waiting is not None:
            async with self._ctx.database.transaction() as conn:
                await self._waiting.were_read(conn, began + good_for)

    async def _read_all(self) -> None:
        """Once more where a file was rolled meanwhile: its end may have been under a name not read yet."""
        files: list[Path] = []
        while files != (named := await asyncio.to_thread(logs.found, self._ctx.settings.gateway_logs)):
            files = named
            for path in files:
                await keeping.read_on(self._ctx, self._what, path)

    async def _read_none(self) -> None:
        if self._waiting is not None:
            async with self._ctx.database.connection() as conn:
                await self._waiting.read_none(conn)
        log.warning("no gateway's log is read: who is turned away on the way is not known")

    def _tell(self, error: Exception | None) -> None:
        self._ctx.readiness.report(_PART, None if error is None else type(error).__name__)
        if (error is not None) != self._hindered:
            self._hindered = error is not None
            if error is None:
                log.info("gateway logs read again")
            else:
                log.error("gateway logs not read", **describe(error))
