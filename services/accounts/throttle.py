"""How often: tries of one address, network or browser, counted in the database for all processes.

An unknown address is counted like a known one, and everything under a name that only we can derive from it.
What all together fail is only watched: refusing it would let anybody lock everybody out.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Counter

from services.accounts.domain.errors import AccountsError, Overloaded, TooManyTries
from services.accounts.statements import SQL
from services.chassis.database import Database
from services.chassis.telemetry import describe, log

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


class Tries:
    """What one request has counted, first things first. Opened by `counting`."""

    def __init__(self, database: Database, now: datetime) -> None:
        self._database = database
        self._now = now
        self._wrong = False
        self.counted: list[Count] = []

    async def spend(self, count: Count) -> datetime | None:
        """Count one try. None if it is within the limit, else when the window ends."""
        ends_at = await self._spend(count)
        if ends_at is not None:
            REFUSED.labels(count.purpose).inc()
        return ends_at

    async def demand(self, count: Count) -> None:
        """Count one try. Raises `TooManyTries` over the limit."""
        full_until = await self.spend(count)
        if full_until is not None:
            raise TooManyTries(full_until, self._now)

    async def demand_of_network(self, network: Count, spare: Count) -> None:
        """Count one try of a network; a full one leaves each address tried from it the few of `spare`.

        A network is many people's: without them one of those could keep all the others out.
        Raises `TooManyTries` over both limits.
        """
        if await self._spend(network) is not None:
            await self.demand(spare)

    def stand(self) -> None:
        """What was tried is wrong: it stays counted, whatever comes."""
        self._wrong = True

    async def give_back(self) -> None:
        """Nothing was tried, for a fault of ours."""
        if self._wrong:
            return
        for count in self.counted:
            await give_back(self._database, count)

    async def _spend(self, count: Count) -> datetime | None:
        async with self._database.connection() as conn:
            row = await SQL.spend(conn, subject=count.subject, window=count.limit.window, now=self._now)
        self.counted.append(count)
        ends_at: datetime = row["window_ends_at"]
        return None if row["tries"] <= count.limit.tries else ends_at


@asynccontextmanager
async def counting(database: Database, now: datetime) -> AsyncIterator[Tries]:
    """Count a request's tries; they are given back if it fails by a fault of ours, as far as can be.

    A refusal is no such fault: what was refused stays counted. Nor is it one that the request was cancelled,
    since its password may have been checked by then.
    """
    tries = Tries(database, now)
    try:
        yield tries
    except Exception as error:
        if isinstance(error, Overloaded) or not isinstance(error, AccountsError):
            await _give_back_if_possible(tries)
        raise


async def _give_back_if_possible(tries: Tries) -> None:
    """The part that is away may be the one that counts."""
    try:
        await tries.give_back()
    except Exception as error:  # noqa: BLE001 - what the candidate is told is the first one
        log.warning("tries not given back", **describe(error))


async def give_back(database: Database, count: Count) -> None:
    """The try was none that the limit is for."""
    async with database.connection() as conn:
        await SQL.give_back(conn, subject=count.subject)


async def forget(database: Database, count: Count) -> None:
    async with database.connection() as conn:
        await SQL.forget_tries(conn, subject=count.subject)


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
