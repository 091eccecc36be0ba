"""The pool of one service's own database, and its transactions."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:  # asyncpg's classes are generic for type checkers only
    Connection = asyncpg.Connection | PoolConnectionProxy


_GOODBYE_SECONDS = 3


async def prepare(conn: Any) -> None:
    """Give a connection the chassis's codecs: jsonb travels as Python objects."""
    for name in ("json", "jsonb"):
        await conn.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


class Database:
    """A pool and the one way to open a transaction on it.

    A use case (`commands.py`) owns one transaction: state change and outbox rows together.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.pool = pool

    @classmethod
    async def connect(cls, url: str, *, min_size: int = 1, max_size: int = 10) -> "Database":
        """Open the pool; statements give up after 30 s, locks and connects after 10 s.

        A transaction in which nothing is asked for a minute is ended by the server: its process is frozen or
        cut off, and what it has written must not become true later than others count on
        (`COMMITTED_WITHIN_SECONDS`, decision 0010).
        """
        pool = await asyncpg.create_pool(
            url,
            min_size=min_size,
            max_size=max_size,
            init=prepare,
            timeout=10,
            command_timeout=30,
            server_settings={
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "60s",
                "timezone": "UTC",
            },
        )
        return cls(pool)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside one READ COMMITTED transaction: committed on exit, rolled back on error."""
        async with self.pool.acquire() as conn, conn.transaction():
            yield conn

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection for reads."""
        async with self.pool.acquire() as conn:
            yield conn

    async def close(self) -> None:
        """Give back every connection; those that hang in a server that does not answer are cut."""
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()
