"""What the parts of one process share: settings, database, clock, peers, readiness. Opened once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import asyncpg
import httpx

from services.chassis.clock import Clock, DatabaseClock
from services.chassis.database import Database
from services.chassis.peers import Peers
from services.chassis.readiness import Readiness
from services.chassis.settings import Settings
from services.chassis.telemetry import describe, log
from services.chassis.tls import trusted

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Context(Generic[S]):
    """The open resources of a process. `clock` is replaced in tests only."""

    settings: S
    database: Database
    peers: Peers
    client: httpx.AsyncClient
    readiness: Readiness
    clock: Clock


@asynccontextmanager
async def open_context(
    settings: S, *, clock: Clock | None = None, readiness: Readiness | None = None
) -> AsyncIterator[Context[S]]:
    """Open pool and HTTP client; waits, without limit and not ready, for a database that is away."""
    readiness = readiness or Readiness()
    database = await _connect(settings.database_url.get_secret_value(), readiness)
    readiness.probe("database", lambda: _ask(database))
    try:
        async with httpx.AsyncClient(timeout=httpx.Timeout(10), verify=trusted()) as client:
            yield Context(
                settings=settings,
                database=database,
                peers=Peers(settings, client),
                client=client,
                readiness=readiness,
                clock=clock or DatabaseClock(),
            )
    finally:
        await database.close()


async def _connect(url: str, readiness: Readiness) -> Database:
    wait = 0.2
    readiness.report("database", "connecting")  # one that hangs does not answer for a while
    while True:
        try:
            database = await Database.connect(url)
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresConnectionError,
            asyncpg.CannotConnectNowError,
        ) as error:
            readiness.report("database", type(error).__name__)
            log.warning("database away, waiting", **describe(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5)
        else:
            readiness.report("database", None)
            return database


async def _ask(database: Database) -> None:
    async with asyncio.timeout(2), database.connection() as conn:
        await conn.fetchval("SELECT 1")
