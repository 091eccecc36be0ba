"""The owner's clock: the database's, one for all processes of a service.

Arrival instants never come from here: the gateway stamps those (`services.chassis.requests`).
"""

from datetime import datetime
from typing import Protocol

from services.chassis.database import Connection


class Clock(Protocol):
    """Tells the present instant, aware, in UTC."""

    async def now(self, conn: Connection) -> datetime: ...


class DatabaseClock:
    """`clock_timestamp()` of the service's own database, so that two processes never disagree."""

    async def now(self, conn: Connection) -> datetime:
        instant: datetime = await conn.fetchval("SELECT clock_timestamp()")
        return instant
