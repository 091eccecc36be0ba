"""How often: tries of one address (in the database, for all processes) and failures of all (in this one).

An unknown address is counted like a known one, by a name that only we can derive from it.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.accounts.domain.errors import TooManyTries
from services.accounts.statements import SQL
from services.chassis.database import Database


@dataclass(frozen=True, slots=True)
class Limit:
    tries: int
    window: timedelta


async def spend(database: Database, subject: bytes, limit: Limit, now: datetime) -> datetime | None:
    """Count one try. None if it is within the limit, else when the window ends."""
    async with database.connection() as conn:
        row = await SQL.spend(conn, subject=subject, window=limit.window, now=now)
    return row["window_ends_at"] if row["tries"] > limit.tries else None


async def forget(database: Database, subject: bytes) -> None:
    async with database.connection() as conn:
        await SQL.forget_tries(conn, subject=subject)


class FailureMeter:
    """Failures of the last minute in this process, whoever's: many addresses tried once each are slowed."""

    _WINDOW = timedelta(minutes=1)

    def __init__(self, per_minute: int) -> None:
        self._recent: deque[datetime] = deque(maxlen=per_minute)

    def check(self, now: datetime) -> None:
        """Raises `TooManyTries` while the limit is reached."""
        if len(self._recent) == self._recent.maxlen and now - self._recent[0] < self._WINDOW:
            raise TooManyTries(self._recent[0] + self._WINDOW, now)

    def count(self, now: datetime) -> None:
        self._recent.append(now)
