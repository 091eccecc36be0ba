"""Whether a consumer has taken in all that its topic holds: what is missing then was lost, and is not late.

Asked of the broker and by offsets alone, so no clock has a say. Whoever asks has seen the facts published
before: they are behind none of the ends read here.
"""

import asyncio

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.chassis.kafka import KafkaSettings, partition_counts, reader
from services.chassis.telemetry import describe, log

_ASK_SECONDS = 10
_PATIENCE_SECONDS = 5.0
_POLL_SECONDS = 0.25


Places = dict[TopicPartition, int]


async def has_taken_all(
    kafka: KafkaSettings, consumer: str, topic: str, patience_seconds: float = _PATIENCE_SECONDS
) -> bool:
    """Whether the group acknowledges, within the patience, every record that is on the topic now.

    A consumer under load is always some records behind, so the ends are read once and waited for. False also
    when the broker does not answer: nothing is known then.
    """
    try:
        async with asyncio.timeout(_ASK_SECONDS + patience_seconds):
            ends = await _ends(kafka, topic)
            settled = await _reached(kafka, consumer, ends, patience_seconds)
            # Past the end: a place on a topic that was made anew, which its consumer is about to leave.
            return settled is not None and _all_within(settled, await _ends(kafka, topic))
    except (KafkaError, OSError) as error:
        log.warning("a consumer's place is unknown", consumer=consumer, **describe(error))
        return False


async def _ends(kafka: KafkaSettings, topic: str) -> Places:
    counts = await partition_counts(kafka)
    places = [TopicPartition(topic, number) for number in range(counts.get(topic, 0))]
    consumer = reader(kafka)
    try:
        await consumer.start()
        ends: Places = await consumer.end_offsets(places)
    finally:
        await consumer.stop()
    return ends


async def _reached(
    kafka: KafkaSettings, consumer: str, ends: Places, patience_seconds: float
) -> Places | None:
    """The group's places once all of them are at the ends or behind; None when they do not get there."""
    clock = asyncio.get_running_loop().time
    until = clock() + patience_seconds
    admin = AIOKafkaAdminClient(**kafka.client())
    try:
        await admin.start()
        while True:
            offsets = await admin.list_consumer_group_offsets(consumer)
            settled = {place: max(0, offsets[place].offset) if place in offsets else 0 for place in ends}
            if _all_within(ends, settled):
                return settled
            if clock() >= until:
                return None
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        await admin.close()


def _all_within(some: Places, others: Places) -> bool:
    return bool(others) and all(place <= others.get(where, 0) for where, place in some.items())
