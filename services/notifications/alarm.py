"""LISTEN on the database: rings when a mail is queued. It only wakes the poll: a lost ring loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg


class ListenerLost(Exception):
    """The listening connection is gone."""


class Alarm:
    """Rings by notification, or by `ring`."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()
        self._lost = False

    def ring(self, *_: Any) -> None:
        self._bell.set()

    def lose(self, *_: Any) -> None:
        self._lost = True
        self._bell.set()

    async def wait(self, seconds: float) -> None:
        """Until it rings, or `seconds` have passed.

        Raises:
            ListenerLost: see there.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        self._bell.clear()
        if self._lost:
            raise ListenerLost


@asynccontextmanager
async def listening(url: str, channel: str) -> AsyncIterator[Alarm]:
    """An alarm on `channel`, with a connection of its own."""
    alarm = Alarm()
    conn = await asyncpg.connect(url, timeout=10)
    try:
        conn.add_termination_listener(alarm.lose)
        await conn.add_listener(channel, alarm.ring)
        yield alarm
    finally:
        conn.remove_termination_listener(alarm.lose)
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await conn.close(timeout=2)
