"""Dead letters that their topic lost: known from the quarantine, and put there again.

An operator lists and treats dead letters by `<topic>.dlq` alone. Where that topic was made anew, the
quarantine would hold candidates for events that nobody can see, replay or discard. So whoever consumes looks
now and then whether each of its open ones stands there, and writes it again from its record. Where that
record is gone too, it comes back without its value: the refill of its topic brings the fact again, and what
was no fact can be discarded.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition

from services.chassis.database import Database
from services.chassis.dead_letters import list_dead_letters
from services.chassis.dlq import DeadLetter, Record, State, id_of, open_on_topic
from services.chassis.kafka import KafkaSettings, Publisher, TopicsNotAsDeclared, check_topics, reader
from services.chassis.messaging_metrics import DEAD_LETTERS_PUT_BACK
from services.chassis.readiness import Readiness
from services.chassis.telemetry import describe, log
from services.contracts.topics import Topic

_COLUMNS = """
consumer, dead_letter_id, candidate_id, topic, partition, record_offset, error, sqlstate, opened_at
"""
_OPEN = f"SELECT {_COLUMNS} FROM quarantine WHERE closed_at IS NULL AND consumer = ANY($1)"
# Whoever closes it meanwhile waits, so its last state on the topic is never the one written here.
_STILL_OPEN = """
SELECT FROM quarantine WHERE consumer = $1 AND dead_letter_id = $2 AND closed_at IS NULL FOR UPDATE
"""
_SECONDS = 20
_READ_MS = 5000
_REST = 20
"""For each second that a look took, so many of rest: who has many dead letters reads them seldom."""


@dataclass(frozen=True, slots=True)
class _Open:
    consumer: str
    dead_letter_id: UUID
    candidate_id: UUID | None
    topic: str
    partition: int
    record_offset: int
    error: str
    sqlstate: str | None
    opened_at: datetime

    def is_of(self, record: Record) -> bool:
        """Whether the record at that place is still the one: the topic may be another by now."""
        same = record.candidate_id == self.candidate_id
        return same and id_of(self.consumer, record) == self.dead_letter_id

    def letter(self, record: Record | None) -> DeadLetter:
        key = None if self.candidate_id is None else str(self.candidate_id).encode()
        lost = Record(self.topic, self.partition, self.record_offset, key, b"", ())
        return DeadLetter(
            id=self.dead_letter_id,
            consumer=self.consumer,
            record=record or lost,
            state=State.OPEN,
            error=self.error,
            sqlstate=self.sqlstate,
            constraint=None,
            at=self.opened_at,
            whole=record is not None,
        )


class LostLetters:
    """The looks of one process. What two in a row miss is lost: a new one may be on its way at the first."""

    def __init__(
        self,
        kafka: KafkaSettings,
        database: Database,
        readiness: Readiness,
        subscriptions: Sequence[tuple[str, Topic]],
    ) -> None:
        self._kafka = kafka
        self._database = database
        self._readiness = readiness
        self._consumers = [name for name, _ in subscriptions]
        self._topics = list({topic.name: topic for _, topic in subscriptions}.values())
        self._missed: set[UUID] = set()
        self._listed: set[UUID] = set()
        self._as_it_was: object = None

    async def watch(self, seconds: float) -> None:
        """Look for ever, at least `seconds` apart."""
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(seconds)
            began = clock()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever hinders it, the next look finds the same
                log.warning("dead letters were not looked at", **describe(error))
            await asyncio.sleep((clock() - began) * _REST)

    async def look(self) -> int:
        """One look: how many were put back.

        Raises:
            KafkaError, OSError, TimeoutError, asyncpg.PostgresError: nothing is known.
        """
        try:
            counts = await check_topics(self._kafka, [topic.dead_letters for topic in self._topics])
        except TopicsNotAsDeclared as missing:
            log.error("dead-letter topics are missing", problem=str(missing))
            self._readiness.report("dead-letter topics", "missing")
            return 0
        self._readiness.report("dead-letter topics", None)
        rows = await self._open()
        if not rows:
            self._missed.clear()
            return 0
        standing = await self._standing(rows, counts)
        missed = [row for row in rows if row.dead_letter_id not in standing]
        again = [row for row in missed if row.dead_letter_id in self._missed]
        self._missed = {row.dead_letter_id for row in missed}
        return await self._put_back(again)

    async def _open(self) -> list[_Open]:
        async with self._database.connection() as conn:
            return [_Open(**dict(row)) for row in await conn.fetch(_OPEN, self._consumers)]

    async def _standing(self, rows: Sequence[_Open], counts: dict[str, int]) -> set[UUID]:
        """Those that an operator would be shown; read only when the topics are not as they were."""
        as_it_is = await self._places(counts)
        wanted = {row.dead_letter_id for row in rows}
        if as_it_is != self._as_it_was or not wanted <= self._listed:
            found = await list_dead_letters(self._kafka, self._topics)
            self._listed = {letter.id for letter in found if not letter.state.closed}
            self._as_it_was = as_it_is
        return self._listed

    async def _places(self, counts: dict[str, int]) -> object:
        """The first record's timestamp and the end of each partition: another where it was made anew."""
        places = [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
        consumer = reader(self._kafka)
        await consumer.start()
        try:
            firsts = await consumer.offsets_for_times(dict.fromkeys(places, 0))
            ends = await consumer.end_offsets(places)
        finally:
            await consumer.stop()
        return {place: (getattr(firsts.get(place), "timestamp", None), ends[place]) for place in places}

    async def _put_back(self, lost: Collection[_Open]) -> int:
        publisher = Publisher(self._kafka)
        done = 0
        try:
            for row in lost:
                letter = row.letter(await self._original(row))
                async with self._database.transaction() as conn:
                    if not await conn.fetch(_STILL_OPEN, row.consumer, row.dead_letter_id):
                        continue
                    await open_on_topic(publisher, letter, _SECONDS)
                done += 1
                DEAD_LETTERS_PUT_BACK.labels(row.consumer).inc()
                log.error(
                    "a dead letter was lost from its topic, and is put back",
                    consumer=row.consumer,
                    dead_letter=str(row.dead_letter_id),
                    topic=row.topic,
                    whole=letter.whole,
                )
        finally:
            await publisher.close()
        return done

    async def _original(self, row: _Open) -> Record | None:
        """The record that could not be taken in, where it still stands."""
        place = TopicPartition(row.topic, row.partition)
        consumer: Any = reader(self._kafka)
        await consumer.start()
        try:
            consumer.assign([place])
            begin = (await consumer.beginning_offsets([place]))[place]
            end = (await consumer.end_offsets([place]))[place]
            if not begin <= row.record_offset < end:
                return None
            consumer.seek(place, row.record_offset)
            batch = await consumer.getmany(place, timeout_ms=_READ_MS, max_records=1)
        finally:
            await consumer.stop()
        for raw in batch.get(place, []):
            record = Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers))
            if record.offset == row.record_offset and row.is_of(record):
                return record
        return None
