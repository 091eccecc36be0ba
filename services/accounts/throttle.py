"""How often: tries of one address, network or browser, counted in the database for all processes.

An unknown address is counted like a known one, and everything under a name that only we can derive from it.
What all together fail is only watched: refusing it would let anybody lock everybody out.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Counter

from services.accounts.domain.errors import TooManyTries
from services.accounts.statements import SQL
from services.chassis.database import Database
from services.chassis.telemetry import log

REFUSED = Counter("candidat_libre_tries_refused", "Requests refused because too many came", ["purpose"])
FAILURES = Counter("candidat_libre_login_failures", "Logins with a wrong address or password")
ALARMS = Counter("candidat_libre_login_alarms", "Minutes in which more logins failed than people mistype")


@dataclass(frozen=True, slots=True)
class Limit:
    tries: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Count:
    """Tries under one name. `purpose` names the kind of count, for the metric."""

    purpose: str
    subject: bytes
    limit: Limit


async def spend(database: Database, count: Count, now: datetime) -> datetime | None:
    """Count one try. None if it is within the limit, else when the window ends."""
    ends_at = await _spend(database, count, now)
    if ends_at is not None:
        REFUSED.labels(count.purpose).inc()
    return ends_at


async def demand(database: Database, count: Count, now: datetime) -> None:
    """Count one try. Raises `TooManyTries` over the limit."""
    full_until = await spend(database, count, now)
    if full_until is not None:
        raise TooManyTries(full_until, now)


async def demand_of_network(database: Database, network: Count, spare: Count, now: datetime) -> list[Count]:
    """Count one try of a network; a full one leaves each address that is tried from it the few of `spare`.

    A network is many people's: without them one of those could keep all the others out. Returns what was
    counted. Raises `TooManyTries` over both limits.
    """
    if await _spend(database, network, now) is None:
        return [network]
    await demand(database, spare, now)
    return [network, spare]


async def give_back(database: Database, count: Count) -> None:
    """The try was none that the limit is for."""
    async with database.connection() as conn:
        await SQL.give_back(conn, subject=count.subject)


async def forget(database: Database, count: Count) -> None:
    async with database.connection() as conn:
        await SQL.forget_tries(conn, subject=count.subject)


async def _spend(database: Database, count: Count, now: datetime) -> datetime | None:
    async with database.connection() as conn:
        row = await SQL.spend(conn, subject=count.subject, window=count.limit.window, now=now)
    ends_at: datetime = row["window_ends_at"]
    return None if row["tries"] <= count.limit.tries else ends_at


class FailureMeter:
    """Failures of the last minute in this process, whoever's: an alarm once a minute, never a refusal."""

    _WINDOW = timedelta(minutes=1)

    def __init__(self, per_minute: int) -> None:
        self._recent: deque[datetime] = deque(maxlen=per_minute)
        self._alarmed_at: datetime | None = None

    def count(self, now: datetime) -> bool:
        """Whether this one raised the alarm."""
        FAILURES.inc()
        self._recent.append(now)
        if len(self._recent) < (self._recent.maxlen or 0) or now - self._recent[0] >= self._WINDOW:
            return False
        if self._alarmed_at is not None and now - self._alarmed_at < self._WINDOW:
            return False
        self._alarmed_at = now
        ALARMS.inc()
        log.error("many logins fail", within_a_minute=len(self._recent))
        return True
