"""The figures of what nobody would notice else, for Prometheus: verdicts that wait, and why.

Read from the database, so that every worker says the same and a start forgets nothing. The complete are seen
here from the window's close on; `registration` knows of them only by their verdict.
"""

import asyncio
from datetime import datetime

from prometheus_client import Gauge

from services.chassis.context import Context
from services.documents.settings import Settings
from services.documents.statements import read_seen, sql

_SECONDS = 30
SEEN_UP = Gauge("candidat_libre_seen_up_seconds", "Unix time of the last beat kept; 0: none")
PAUSED_SINCE = Gauge(
    "candidat_libre_settling_paused_since_seconds",
    "Unix time since which an officer keeps back every verdict; none: not paused",
    ["session"],
)
VERDICTS_WAITING = Gauge(
    "candidat_libre_verdicts_waiting",
    "Verdicts whose time has come: paused, not_seen_up since their deadline, logs_not_read, or due at once",
    ["session", "why"],
)
UNNAMED_SPARED = Gauge(
    "candidat_libre_unnamed_objects_spared", "Stored objects no file names, too many to be deleted"
)
UNDELETED = Gauge(
    "candidat_libre_undeleted_prefixes", "Erased people whose objects the store refused to delete so far"
)
OBJECTS_MISSING = Gauge(
    "candidat_libre_objects_missing", "Files of running sessions whose object the last look did not find"
)
OBJECTS_LOOKED_AT = Gauge(
    "candidat_libre_objects_looked_at_timestamp_seconds",
    "When the last look for missing objects ended; 0: none",
)
REASONS = ("paused", "not_seen_up", "logs_not_read", "due")


class Figures:
    """A part of the worker: reads the figures until cancelled."""

    name = "figures"

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        while True:
            await self.read()
            await asyncio.sleep(_SECONDS)

    async def read(self) -> None:
        async with self._ctx.database.connection() as conn:
            now, seen = await self._ctx.clock.now(conn), await read_seen(conn)
            sessions = [record["session_id"] async for record in sql.known_sessions(conn)]
            paused = {r["session_id"]: r["since"] async for r in sql.sessions_paused(conn)}
            waiting = {
                (record["session_id"], record["why"]): record["waiting"]
                async for record in sql.count_waiting(conn, now=now, **seen.values)
            }
            spared = await sql.spared_objects(conn)
            undeleted = await sql.undeleted_prefixes(conn)
            look = await sql.last_object_look(conn)
        SEEN_UP.set(_unix(seen.up_at))
        UNNAMED_SPARED.set(spared or 0)
        UNDELETED.set(undeleted)
        OBJECTS_MISSING.set(look["gone"] if look else 0)
        OBJECTS_LOOKED_AT.set(_unix(look["ended_at"] if look else None))
        PAUSED_SINCE.clear()
        for session, since in paused.items():
            PAUSED_SINCE.labels(session).set(_unix(since))
        for session in sessions:
            for why in REASONS:
                VERDICTS_WAITING.labels(session, why).set(waiting.get((session, why), 0))


def _unix(instant: datetime | None) -> float:
    return 0 if instant is None else instant.timestamp()
