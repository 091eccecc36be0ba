"""Publishing the event log again: asked for by a row, done by the relay, the one publisher of a service.

While a key is refilled nothing new of it leaves, so it keeps its order: first what was published, then what
waits. A refill of all keys stops them all; one of some lets the others move on. A refill is resumed where it
was; what was sent twice, the inboxes pass over.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import Counter

from services.chassis.kafka import KafkaSettings, partition_counts, reader
from services.chassis.readiness import Readiness
from services.chassis.telemetry import describe, log

_COLUMNS = "id, created_at, key, type, topic, payload, headers::text AS headers"
_ASK = """
INSERT INTO refill (refill_id, why, keys, since) VALUES ($1, $2, $3, $4) ON CONFLICT (refill_id) DO NOTHING
"""
_STATE = "SELECT republished, done_at FROM refill WHERE refill_id = $1"
_OPEN = """
SELECT refill_id, keys, since, last_id FROM refill WHERE done_at IS NULL
ORDER BY keys IS NOT NULL, asked_at, refill_id LIMIT 1
"""
_LOG = f"""
SELECT {_COLUMNS} FROM outbox
WHERE published_at IS NOT NULL AND id > $1 AND ($2::timestamptz IS NULL OR created_at >= $2)
ORDER BY id LIMIT $3
"""
_LOG_OF_KEYS = f"""
SELECT {_COLUMNS} FROM outbox
WHERE key = ANY($4::uuid[]) AND published_at IS NOT NULL AND id > $1
  AND ($2::timestamptz IS NULL OR created_at >= $2)
ORDER BY id LIMIT $3
"""
_ADVANCE = "UPDATE refill SET last_id = $2, republished = republished + $3 WHERE refill_id = $1"
_END = "UPDATE refill SET done_at = clock_timestamp() WHERE refill_id = $1"
_PUBLISHED = """
SELECT topic, count(*) AS rows FROM outbox WHERE published_at IS NOT NULL GROUP BY topic
"""
_ENDS_SECONDS = 10
_LOOK_SECONDS = 15.0

BROKER_LOSSES = Counter(
    "candidat_libre_broker_losses", "Times a topic held less than was published to it", ["service"]
)


class TopicMissing(Exception):
    """A topic to which facts were published is not there at all: whoever makes topics has to."""


@dataclass(frozen=True, slots=True)
class Refill:
    """One that is open; without `keys`: of all."""

    refill_id: UUID
    keys: list[UUID] | None
    since: datetime | None
    last_id: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A topic holds fewer records than were published."""

    topic: str
    published: int
    held: int


async def ask(
    conn: Any,
    refill_id: UUID,
    *,
    keys: Collection[UUID] | None = None,
    since: datetime | None = None,
    lost: bool = False,
) -> None:
    """Ask the relay; asking again with the same id is harmless."""
    wanted = None if keys is None else list(keys)
    await conn.execute(_ASK, refill_id, "lost" if lost else "asked", wanted, since)


async def state(conn: Any, refill_id: UUID) -> tuple[int, bool]:
    """How many were published again, and whether that is all."""
    row = await conn.fetchrow(_STATE, refill_id)
    return (0, False) if row is None else (row["republished"], row["done_at"] is not None)


async def open_refill(conn: Any) -> Refill | None:
    """Whose turn it is: one of everybody goes first, since nothing new may leave before it."""
    row = await conn.fetchrow(_OPEN)
    return None if row is None else Refill(**dict(row))


async def page(conn: Any, refill: Refill, limit: int) -> list[asyncpg.Record]:
    """The next rows of it, in their order."""
    if refill.keys is None:
        found: list[asyncpg.Record] = await conn.fetch(_LOG, refill.last_id, refill.since, limit)
    else:
        found = await conn.fetch(_LOG_OF_KEYS, refill.last_id, refill.since, limit, refill.keys)
    return found


async def advance(conn: Any, refill: Refill, last_id: int, count: int) -> None:
    await conn.execute(_ADVANCE, refill.refill_id, last_id, count)


async def end(conn: Any, refill: Refill) -> None:
    await conn.execute(_END, refill.refill_id)


async def losses(conn: Any, kafka: KafkaSettings) -> list[Loss]:
    """The topics that hold less than the log says was published: for whole topics that were made anew.

    Every published row was acknowledged by the broker at least once, so the sum of the end offsets is at
    least their number; retention moves the beginnings, never the ends. The sum is also all that is looked at:
    a topic that was refilled once holds about twice as much, and what is lost of it then, or of one partition
    alone, is found by reconciliation, from the inboxes.

    Raises:
        TopicMissing. KafkaError, TimeoutError: the broker does not answer.
    """
    published: dict[str, int] = {row["topic"]: row["rows"] for row in await conn.fetch(_PUBLISHED)}
    if not published:
        return []
    async with asyncio.timeout(_ENDS_SECONDS):
        counts = await partition_counts(kafka)
        if missing := sorted(set(published) - set(counts)):
            raise TopicMissing(", ".join(missing))
        held = await _held(kafka, {topic: counts[topic] for topic in published})
    return [Loss(topic, rows, held[topic]) for topic, rows in published.items() if held[topic] < rows]


async def _held(kafka: KafkaSettings, counts: dict[str, int]) -> dict[str, int]:
    consumer = reader(kafka)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        ends = await consumer.end_offsets(places)
    finally:
        await consumer.stop()
    return {topic: sum(end for place, end in ends.items() if place.topic == topic) for topic in counts}


class Losses:
    """Looks now and then whether the topics still hold what was published; asks for a refill if not."""

    def __init__(self, service: str, kafka: KafkaSettings, readiness: Readiness) -> None:
        self._service = service
        self._kafka = kafka
        self._readiness = readiness
        self._next_look = 0.0

    def look_soon(self) -> None:
        self._next_look = 0.0

    async def look(self, conn: Any) -> None:
        """A broker that does not answer is looked at again; an open refill of everybody is waited for."""
        clock = asyncio.get_running_loop().time
        if clock() < self._next_look:
            return
        under_way = await open_refill(conn)
        if under_way is not None and under_way.keys is None:
            return
        try:
            found = await losses(conn, self._kafka)
        except TopicMissing as missing:
            log.error("a topic is missing", topics=str(missing))
            self._readiness.report("topics", "missing")
        except (KafkaError, OSError) as error:
            log.warning("kafka away, its topics were not looked at", **describe(error))
        else:
            self._readiness.report("topics", None)
            if found:
                await self._refill(conn, found)
        self._next_look = clock() + _LOOK_SECONDS

    async def _refill(self, conn: Any, found: list[Loss]) -> None:
        BROKER_LOSSES.labels(self._service).inc()
        for loss in found:
            log.error(
                "a topic lost records, publishing the log again",
                topic=loss.topic,
                published=loss.published,
                held=loss.held,
            )
        await ask(conn, uuid4(), lost=True)
