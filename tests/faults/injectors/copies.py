"""Records delivered again and out of order: copies of what the topics hold, the same bytes and headers."""

from random import Random
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.contracts.topics import TOPICS
from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

COPIES = "copies"
_COPIED_AT_MOST = 150


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    moments = [chance.uniform(6, timeline.closes), timeline.deadline - 1, timeline.decided + 2]
    orders = ["same", "shuffled", "backwards"]
    chance.shuffle(orders)
    return [
        Strike(at, COPIES, how={"order": order, "seed": str(chance.randrange(10**6))})
        for at, order in zip(moments, orders, strict=True)
    ]


async def strike(stage: Stage, strike: Strike) -> str:
    """Old records again after newer ones: of the round's candidates, to the topics they came from."""
    chance = Random(strike.how["seed"])
    whom = {str(one).encode() for one in await stage.candidates()}
    records = [record for record in await _records(stage.addresses.kafka) if record.key in whom]
    chosen = sorted(chance.sample(range(len(records)), min(len(records), _COPIED_AT_MOST)))
    if not chosen:
        raise Missed("no record of the round's candidates yet")
    match strike.how["order"]:
        case "shuffled":
            chance.shuffle(chosen)
        case "backwards":
            chosen.reverse()
    producer = AIOKafkaProducer(bootstrap_servers=stage.addresses.kafka, acks="all")
    try:
        await producer.start()
        for place in chosen:
            record = records[place]
            await producer.send_and_wait(record.topic, record.value, record.key, headers=list(record.headers))
    finally:
        await producer.stop()
    return f"{len(chosen)} records again"


async def _records(kafka: str) -> list[Any]:
    found: list[Any] = []
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    try:
        await consumer.start()
        places = [TopicPartition(topic.name, n) for topic in TOPICS for n in range(topic.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        left = {place for place in places if ends[place]}
        while left:
            for batch in (await consumer.getmany(*left, timeout_ms=500)).values():
                found.extend(batch)
            left = {place for place in left if await consumer.position(place) < ends[place]}
    finally:
        await consumer.stop()
    return found
