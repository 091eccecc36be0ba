"""The look at the topics, every record from offset 0: what any consumer could still learn."""

import json
from collections.abc import AsyncIterator, Collection
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from tests.faults.ledger.audit.evidence import Told

TOPICS = ("accounts.events", "registration.events", "documents.events", "notifications.events")
_BATCH_MS = 500


async def look(kafka: str, candidates: Collection[UUID]) -> list[Told]:
    """The events about these candidates, each once with its copies counted; what is none is passed over."""
    keys = {str(candidate).encode() for candidate in candidates}
    found: dict[tuple[str, UUID], Told] = {}
    async for record in _records(kafka):
        # Most records of a stack that has played many rounds are another round's.
        if record.key in keys and (told := _event(record)) is not None:
            known = found.setdefault((told.topic, told.ce_id), told.model_copy(update={"copies": 0}))
            known.copies += 1
    return list(found.values())


async def _records(kafka: str) -> AsyncIterator[ConsumerRecord]:
    """Without a group a consumer has every partition of its topics."""
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        places: list[TopicPartition] = list(consumer.assignment())
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        left = {place for place in places if ends[place]}
        while left:
            for batch in (await consumer.getmany(*left, timeout_ms=_BATCH_MS)).values():
                for record in batch:
                    yield record
            left = {place for place in left if await consumer.position(place) < ends[place]}
    finally:
        await consumer.stop()


def _event(record: ConsumerRecord) -> Told | None:
    attributes = dict(record.headers)
    try:
        return Told(
            topic=record.topic,
            ce_id=UUID(attributes["ce_id"].decode()),
            key=UUID(record.key.decode()),
            type=attributes["ce_type"].decode(),
            payload=json.loads(record.value),
        )
    except (KeyError, ValueError, AttributeError, TypeError):
        return None  # poison that was put there on purpose
