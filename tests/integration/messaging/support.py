"""Tools of these tests: events, records, a door before the database, a part that runs as in the worker."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

from aiokafka import TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from services.chassis.consumer import Consumers
from services.chassis.database import Connection, Database
from services.chassis.dlq import Record
from services.chassis.kafka import KafkaSettings, Message, Publisher, partition_counts, reader
from services.chassis.outbox import new_ce_id
from services.chassis.readiness import Readiness
from services.chassis.worker import Part
from services.contracts.envelope import Envelope, headers_of, value_of
from services.contracts.events import DocumentUploaded, Event
from services.contracts.recovery import Lines, Page
from services.contracts.topics import Topic


def uploaded(candidate_id: UUID, revision: int = 1) -> DocumentUploaded:
    """Any event will do; this one is short."""
    return DocumentUploaded(
        candidate_id=candidate_id,
        revision=revision,
        state="incomplete",
        registration_version=1,
        evidence_rev=revision,
        file_id=uuid4(),
    )


def message(
    topic: Topic,
    event: Event,
    ce_id: UUID | None = None,
    traceparent: str | None = None,
    *,
    made_at: datetime | None = None,
) -> Message:
    """The record of `event` on a topic of the test's own; made now, where nothing else is said."""
    headers = headers_of(event, ce_id or new_ce_id(), made_at or datetime.now(UTC), traceparent)
    return Message(topic.name, str(event.key).encode(), value_of(event), headers)


def keys_on(partitions: int, count: int = 1) -> list[list[UUID]]:
    """For each partition, `count` candidates whose records go there."""
    choose = DefaultPartitioner()
    found: list[list[UUID]] = [[] for _ in range(partitions)]
    everywhere = list(range(partitions))
    while any(len(keys) < count for keys in found):
        key = uuid4()
        place = choose(str(key).encode(), everywhere, everywhere)
        if len(found[place]) < count:
            found[place].append(key)
    return found


async def publish(kafka: KafkaSettings, *messages: Message) -> None:
    publisher = Publisher(kafka)
    try:
        for one in messages:
            await publisher.send_within(one, 20)
    finally:
        await publisher.close()


async def read_all(kafka: KafkaSettings, topic: str) -> list[Record]:
    """Everything on `topic` now, partition by partition."""
    consumer = reader(kafka)
    await consumer.start()
    try:
        counts = await partition_counts(kafka)
        places = [TopicPartition(topic, number) for number in range(counts[topic])]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = []
        for place in places:
            consumer.seek(place, 0)
            while await consumer.position(place) < ends[place]:
                batch = await consumer.getmany(place, timeout_ms=500)
                found += [
                    Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers))
                    for raw in batch.get(place, [])
                ]
        return found
    finally:
        await consumer.stop()


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what changes is in other processes
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(*parts: Part) -> AsyncIterator[None]:
    """Run parts as the worker does: one that fails is started again."""

    async def keep(part: Part) -> None:
        while True:
            with contextlib.suppress(Exception):
                await part.run()
            await asyncio.sleep(0.3)

    tasks = [asyncio.create_task(keep(part)) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


class Door:
    """A TCP door before a database. Shut, it refuses everybody and throws out who is inside."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._inside: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """The database's URL, through the door."""
        who = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(self._parts._replace(netloc=f"{who}@127.0.0.1:{self._port}"))

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._inside):
            writer.transport.abort()
        await eventually(self._empty)

    async def _empty(self) -> bool:
        return not self._inside

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shut()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        both = {writer, there_writer}
        self._inside |= both
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        for one in both:
            with contextlib.suppress(OSError):
                await one.wait_closed()
        self._inside -= both


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@dataclass
class Service:
    """A service with one consumer whose effect is a row; what it refuses can be changed while it runs."""

    name: str
    topic: Topic
    consumers: Consumers
    readiness: Readiness
    refuse: Callable[[Event], Exception | None] = lambda _: None
    seen: list[Envelope] = field(default_factory=list)

    async def handle(self, conn: Connection, envelope: Envelope) -> None:
        self.seen.append(envelope)
        if error := self.refuse(envelope.event):
            raise error
        await conn.execute(
            "INSERT INTO effect (consumer, candidate_id, revision, ce_id) VALUES ($1, $2, $3, $4)",
            self.name,
            envelope.event.key,
            envelope.event.revision,
            envelope.ce_id,
        )


async def effects(database: Database, consumer: str | None = None) -> list[tuple[UUID, int]]:
    """`(candidate, revision)` in the order of the effects."""
    async with database.connection() as conn:
        rows = await conn.fetch(
            "SELECT candidate_id, revision FROM effect"
            " WHERE consumer = coalesce($1, consumer) ORDER BY place",
            consumer,
        )
    return [(row["candidate_id"], row["revision"]) for row in rows]


async def holds(database: Database) -> dict[UUID, int]:
    """Candidate → open dead letters, as the service's hook was told."""
    async with database.connection() as conn:
        return {
            row["candidate_id"]: row["open_dead_letters"] for row in await conn.fetch("SELECT * FROM hold")
        }


async def hold(conn: Connection, candidate_id: UUID, open_dead_letters: int) -> None:
    """A service's `on_quarantine`."""
    await conn.execute(
        "INSERT INTO hold VALUES ($1, $2) ON CONFLICT (candidate_id) DO UPDATE SET open_dead_letters = $2",
        candidate_id,
        open_dead_letters,
    )


async def no_lines(page: Page) -> Lines:
    """For a `Recovery` of which no comparison is asked: only what it publishes or misses is tried."""
    raise AssertionError(f"nobody asks for lines here, and yet a page was: {page}")
