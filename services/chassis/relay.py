"""The relay: publishes what the outbox holds, in the order of each key, and loses nothing.

One relay per service works, chosen by a session advisory lock. Lock, reads and marks share one connection;
losing it ends this life of the relay, and the worker starts another after a wait. That connection must be a
direct one: a pooler in transaction mode would share the lock.

- Pending rows are found by `published_at IS NULL`, never by an id seen last: a lower id may commit later.
- Rows of a key leave one after the other, each acknowledged before the next; keys leave side by side.
- A row is marked after the broker has it, so a crash in between publishes it twice, with the same `ce_id`.
- A broker that is away is waited for without limit, not ready. A row that the broker will not take stops
  its key alone, is tried again every few minutes, and raises an alert.
- LISTEN only wakes the poll.
- Whoever waits for the lock looks at the age of what waits too: the one that holds it may hang.
- While the log is being published again (`refill`), nothing new leaves; while that of some keys is, nothing
  new of these. A topic that holds less than was published is refilled without being asked.
"""

import asyncio
import json
from collections.abc import Awaitable, Collection, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnsupportedForMessageFormatError,
)

from services.chassis import refill
from services.chassis.context import Context
from services.chassis.failpoints import Failpoint, reach
from services.chassis.kafka import KafkaSettings, Message, Publisher
from services.chassis.messaging_metrics import OUTBOX_BLOCKED_KEYS, OUTBOX_OLDEST_SECONDS, OUTBOX_PUBLISHED
from services.chassis.readiness import Readiness
from services.chassis.telemetry import describe, log

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOCK = 0x6F7574626F78  # 'outbox'; advisory locks are per database, so one number does for all services
_UPKEEP_SECONDS = 3600
_LONGEST_WAIT_SECONDS = 30
_GOODBYE_SECONDS = 5
_ROW_ERRORS = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    InvalidTimestampError,
    UnsupportedForMessageFormatError,
    TypeError,
    ValueError,
    AssertionError,
)

_COLUMNS = "id, created_at, key, type, topic, payload, headers::text AS headers"
_PENDING = f"""
SELECT {_COLUMNS} FROM outbox
WHERE published_at IS NULL AND retry_at IS NULL AND key <> ALL($2::uuid[])
ORDER BY id LIMIT $1
"""
_BLOCKED = f"""
SELECT {_COLUMNS}, retry_at <= now() AS due FROM outbox
WHERE published_at IS NULL AND retry_at IS NOT NULL ORDER BY id
"""
# The bounds on created_at let the planner leave out the months that the batch does not touch.
_MARK = """
UPDATE outbox SET published_at = clock_timestamp()
FROM unnest($1::bigint[], $2::timestamptz[]) AS sent (id, created_at)
WHERE outbox.id = sent.id AND outbox.created_at = sent.created_at
  AND outbox.created_at BETWEEN $3 AND $4 AND outbox.published_at IS NULL
"""
_BLOCK = """
UPDATE outbox SET attempts = attempts + 1, last_error = $3,
       retry_at = clock_timestamp() + make_interval(secs => least(300, 2 ^ least(attempts + 1, 20)))
WHERE id = $1 AND created_at = $2
"""
_OLDEST = """
SELECT extract(epoch FROM clock_timestamp() - created_at)::float FROM outbox
WHERE published_at IS NULL AND retry_at IS NULL ORDER BY id LIMIT 1
"""


class ConnectionLost(Exception):
    """The relay's one connection is gone, and the lock with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of the outbox, ready to leave."""

    id: int
    created_at: datetime
    key: UUID
    type: str
    message: Message

    @classmethod
    def of(cls, record: asyncpg.Record) -> "Row":
        headers = [(name, value.encode()) for name, value in json.loads(record["headers"]).items()]
        key: UUID = record["key"]
        message = Message(record["topic"], str(key).encode(), record["payload"], headers)
        return cls(record["id"], record["created_at"], key, record["type"], message)


@dataclass(slots=True)
class Outcome:
    """What became of some rows; rows in neither list were not tried or not answered."""

    published: list[Row] = field(default_factory=list)
    refused: list[tuple[Row, Exception]] = field(default_factory=list)
    failure: Exception | None = None


class Relay:
    """A part of a service's worker: `run` until cancelled."""

    name = "relay"

    def __init__(
        self,
        *,
        service: str,
        database_url: str,
        kafka: KafkaSettings,
        readiness: Readiness,
        batch_size: int = 500,
        poll_seconds: float = 1.0,
        stalled_seconds: float = 5.0,
    ) -> None:
        self._service = service
        self._database_url = database_url
        self._publisher = Publisher(kafka)
        self._readiness = readiness
        self._batch_size = batch_size
        self._poll_seconds = poll_seconds
        self._stalled_seconds = stalled_seconds
        self._late_seconds = kafka.late_seconds
        self._losses = refill.Losses(service, kafka, readiness)
        self._failures = 0
        self.working = False
        """Whether this relay holds the lock."""

    @classmethod
    def of(cls, context: Context[Any], kafka: KafkaSettings) -> "Relay":
        """The relay of a worker process."""
        return cls(
            service=context.settings.service_name,
            database_url=context.settings.database_url.get_secret_value(),
            kafka=kafka,
            readiness=context.readiness,
        )

    async def run(self) -> None:
        """One life: ends by cancellation or with the error that ended it.

        Raises:
            ConnectionLost: the server or the network closed the connection.
            asyncpg.PostgresError, OSError: the database did not answer as it should.
        """
        conn = await asyncpg.connect(
            self._database_url,
            command_timeout=30,
            server_settings={
                "application_name": f"{self._service}-relay",
                # A relay whose machine is gone gives the lock up within half a minute.
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
            },
        )
        lost = asyncio.Event()
        conn.add_termination_listener(lambda _: lost.set())
        try:
            await _unless(lost, self._serve(conn))
        finally:
            self.working = False
            self._readiness.report("outbox", None)  # whoever takes over looks anew
            await self._publisher.close()
            with suppress(OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError):
                await conn.close(timeout=2)

    async def _serve(self, conn: Connection) -> None:
        await self._take_over(conn)
        wake = asyncio.Event()
        await conn.add_listener("outbox", lambda *_: wake.set())
        upkeep_at = 0.0
        clock = asyncio.get_running_loop().time
        while True:
            wake.clear()
            if clock() >= upkeep_at:
                await self._upkeep(conn)
                upkeep_at = clock() + _UPKEEP_SECONDS
            await self._losses.look(conn)
            full = await self._turn(conn)
            await self._measure(conn)
            if self._failures:
                await asyncio.sleep(min(_LONGEST_WAIT_SECONDS, 0.25 * 2**self._failures))
            elif not full:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_seconds):
                        await wake.wait()

    async def _take_over(self, conn: Connection) -> None:
        # Asked again and again, not waited for: a waiting statement would not notice a dead server.
        while not await conn.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            await self._measure(conn)
            await asyncio.sleep(self._poll_seconds)
        self.working = True
        log.info("relay works")

    async def _turn(self, conn: Connection) -> bool:
        """Publish a page of the refill that is open, and what waits of the keys it is not about."""
        asked = await refill.open_refill(conn)
        self._readiness.report("refill", "refilling" if asked and asked.keys is None else None)
        if asked is None:
            return await self._round(conn)
        await self._refill(conn, asked)
        if asked.keys is not None and not self._failures:
            await self._round(conn, apart_from=asked.keys)
        return True

    async def _refill(self, conn: Connection, asked: refill.Refill) -> None:
        rows = [Row.of(record) for record in await refill.page(conn, asked, self._batch_size)]
        if rows and not await self._publish_again(conn, rows):
            return
        await refill.advance(conn, asked, rows[-1].id if rows else asked.last_id, len(rows))
        if len(rows) < self._batch_size:
            await refill.end(conn, asked)
            keys = "all" if asked.keys is None else len(asked.keys)
            log.info("refilled", refill_id=str(asked.refill_id), keys=keys)

    async def _publish_again(self, conn: Connection, rows: Sequence[Row]) -> bool:
        """False: the broker did not answer, so the page is to be sent again. A refused row is passed over."""
        outcome = await self._publish(conn, rows)
        if outcome.refused and outcome.failure is None:
            # What stands behind a refused row was not tried: all again, one after the other.
            for row in rows:
                outcome = await self._publish(conn, [row])
                for _, error in outcome.refused:
                    log.error("outbox row cannot be published again", outbox_id=row.id, **describe(error))
                if outcome.failure is not None:
                    break
        return outcome.failure is None

    async def _round(self, conn: Connection, apart_from: Collection[UUID] = ()) -> bool:
        """Publish one batch; True when there may be more."""
        blocked = await conn.fetch(_BLOCKED)
        stopped = [*apart_from, *(record["key"] for record in blocked)]
        due = [Row.of(record) for record in blocked if record["due"] and record["key"] not in apart_from]
        rows = [Row.of(record) for record in await conn.fetch(_PENDING, self._batch_size, stopped)]
        # One at a time: a refusal is then this row's own, not that of the batch it travelled in.
        for row in due:
            await self._publish_alone(conn, row)
        if not rows:
            if not due:
                self._settle_down(None)
            return False
        outcome = await self._publish(conn, rows)
        for row, _ in outcome.refused:
            await self._publish_alone(conn, row)
        return len(rows) == self._batch_size

    async def _publish_alone(self, conn: Connection, row: Row) -> None:
        outcome = await self._publish(conn, [row])
        for _, error in outcome.refused:
            await conn.execute(_BLOCK, row.id, row.created_at, type(error).__name__)
            log.error(
                "outbox row cannot be published, its key is stopped",
                outbox_id=row.id,
                key=str(row.key),
                type=row.type,
                **describe(error),
            )

    async def _publish(self, conn: Connection, rows: Sequence[Row]) -> Outcome:
        reach(Failpoint.RELAY_BEFORE_SEND)
        outcome = Outcome()
        sending = asyncio.create_task(send_in_key_order(self._publisher, rows, outcome))
        try:
            while not sending.done():
                await asyncio.wait({sending}, timeout=self._stalled_seconds)
                if not sending.done():
                    self._readiness.report(self.name, "kafka-away")
                    await self._measure(conn)
        finally:
            # Also when the process has to go: what the broker has need not be published again. But nothing
            # is sent a moment longer than the lock is held.
            if _has_to_go() and not conn.is_closed():
                await asyncio.wait({sending}, timeout=_GOODBYE_SECONDS)
            await _cancel(sending)
            if outcome.published and not conn.is_closed():
                reach(Failpoint.RELAY_BEFORE_MARK)
                await self._mark(conn, outcome.published)
        if outcome.failure or outcome.refused:
            await self._publisher.renew()
        self._settle_down(outcome.failure)
        return outcome

    async def _mark(self, conn: Connection, rows: Sequence[Row]) -> None:
        """To its end, also when the process has to go meanwhile."""
        marking = asyncio.create_task(mark(conn, rows))
        try:
            await asyncio.wait({marking}, timeout=_GOODBYE_SECONDS if _has_to_go() else None)
        finally:
            if not marking.done():
                await asyncio.wait({marking}, timeout=_GOODBYE_SECONDS)
                await _cancel(marking)
        marking.result()
        OUTBOX_PUBLISHED.labels(self._service).inc(len(rows))

    def _settle_down(self, failure: Exception | None) -> None:
        if failure is None:
            self._failures = 0
            self._readiness.report(self.name, None)
            return
        self._failures = min(self._failures + 1, 10)
        self._losses.look_soon()  # before anything leaves: what comes back may be empty
        self._readiness.report(self.name, type(failure).__name__)
        log.warning("kafka away, the outbox waits", **describe(failure))

    async def _measure(self, conn: Connection) -> None:
        oldest = await conn.fetchval(_OLDEST) or 0
        OUTBOX_OLDEST_SECONDS.labels(self._service).set(oldest)
        self._readiness.report("outbox", "late" if oldest > self._late_seconds else None)
        OUTBOX_BLOCKED_KEYS.labels(self._service).set(len(await conn.fetch(_BLOCKED)))

    async def _upkeep(self, conn: Connection) -> None:
        # Without its partition a month's rows go to the default one: nothing is lost by waiting.
        try:
            async with conn.transaction():
                await conn.execute("SET LOCAL lock_timeout = '2s'")
                await conn.fetchval("SELECT outbox_upkeep()")
        except (asyncpg.LockNotAvailableError, asyncpg.InsufficientPrivilegeError) as error:
            log.warning("outbox partitions were not made, trying again in an hour", **describe(error))


async def send_in_key_order(publisher: Publisher, rows: Iterable[Row], outcome: Outcome) -> None:
    """Publish `rows`: one after the other within a key, keys side by side; fills `outcome`."""
    by_key: dict[UUID, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    results = await asyncio.gather(
        *(_send_key(publisher, chain, outcome) for chain in by_key.values()), return_exceptions=True
    )
    for result in results:
        if isinstance(result, Exception):
            outcome.failure = result
        elif isinstance(result, BaseException):
            raise result


async def _send_key(publisher: Publisher, chain: Sequence[Row], outcome: Outcome) -> None:
    for row in chain:
        try:
            await publisher.send(row.message)
        except _ROW_ERRORS as error:
            outcome.refused.append((row, error))
            return
        outcome.published.append(row)


async def mark(conn: Connection, rows: Sequence[Row]) -> None:
    """Say that the broker has these rows."""
    instants = [row.created_at for row in rows]
    await conn.execute(_MARK, [row.id for row in rows], instants, min(instants), max(instants))


async def _unless(lost: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Run `work`, but end it at once when the connection is lost."""
    working, losing = asyncio.create_task(work), asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ConnectionLost
    finally:
        await _cancel(working)
        await _cancel(losing)


def _has_to_go() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _cancel(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    waiting: Awaitable[Any] = asyncio.gather(task, return_exceptions=True)
    await waiting
