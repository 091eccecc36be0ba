"""A topic that was deleted and made anew, under a running consumer or not: all of it is taken in, once."""

import asyncio
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.parts.topics import ensure_topics
from services.chassis.consumer import Consumers
from services.chassis.database import Database
from services.chassis.dlq import Record
from services.chassis.kafka import KafkaSettings
from services.chassis.readiness import Readiness
from services.contracts.envelope import Envelope
from services.contracts.topics import Topic
from tests.integration.messaging.conftest import MakeService, MakeTopic
from tests.integration.messaging.support import (
    Service,
    effects,
    eventually,
    message,
    publish,
    running,
    unique,
    uploaded,
)


async def make_anew(kafka: KafkaSettings, topic: Topic) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics([topic.name])
    finally:
        await admin.close()
    await asyncio.sleep(1)
    await ensure_topics(kafka.bootstrap_servers, {topic.name: topic.partitions}, own_cluster=True)


async def test_what_a_topic_holds_after_it_was_made_anew_is_taken_in_from_its_beginning(
    kafka: KafkaSettings, database: Database, make_topic: MakeTopic, make_service: MakeService
) -> None:
    topic = await make_topic(1)
    service = make_service(on=topic)
    candidate = uuid4()
    before = [message(topic, uploaded(candidate, revision)) for revision in range(1, 6)]
    missed = [message(topic, uploaded(candidate, revision)) for revision in range(6, 9)]
    async with running(service.consumers):
        await publish(kafka, *before)
        await eventually(lambda: has(database, service, 5))
        await make_anew(kafka, topic)
        # In another order than before, and at once beyond the place where the consumer stood.
        await publish(kafka, *missed, *before)
        await eventually(lambda: has(database, service, 8), 40)
        await asyncio.sleep(1)
        assert await has(database, service, 8)


@pytest.mark.parametrize("of", ["", "1600000000000"], ids=["unknown", "another"])
async def test_a_place_that_was_committed_in_another_topic_of_this_name_is_not_taken_up(
    kafka: KafkaSettings, database: Database, make_topic: MakeTopic, make_service: MakeService, of: str
) -> None:
    """Nobody who could compare lived through it; a member unknown to the new broker left its place there."""
    topic = await make_topic(1)
    service = make_service(on=topic)
    await publish(kafka, *(message(topic, uploaded(uuid4())) for _ in range(4)))
    await commit(kafka, service.name, topic, 3, of)
    async with running(service.consumers):
        await eventually(lambda: has(database, service, 4))


async def test_a_place_at_the_end_of_another_topic_is_not_waited_at(
    kafka: KafkaSettings, database: Database, make_topic: MakeTopic, make_service: MakeService
) -> None:
    topic = await make_topic(1)
    service = make_service(on=topic)
    await publish(kafka, *(message(topic, uploaded(uuid4())) for _ in range(4)))
    await commit(kafka, service.name, topic, 4, "1600000000000")
    async with running(service.consumers):
        await eventually(lambda: has(database, service, 4))


async def test_whoever_is_started_again_on_the_same_topic_goes_on_where_it_stood(
    kafka: KafkaSettings, make_topic: MakeTopic
) -> None:
    """Without an inbox each record that is read again is seen."""
    topic = await make_topic(2)
    name, seen = unique("documents.test"), list[UUID]()

    async def handle(envelope: Envelope, record: Record) -> None:
        seen.append(envelope.event.key)

    def consumers() -> Consumers:
        found = Consumers(service="documents", kafka=kafka, readiness=Readiness())
        found.on_without_database(topic, name=name)(handle)
        return found

    async def seen_are(count: int) -> bool:
        return len(seen) >= count

    first = [uuid4() for _ in range(10)]
    await publish(kafka, *(message(topic, uploaded(key)) for key in first))
    async with running(consumers()):
        await eventually(lambda: seen_are(10))
    second = [uuid4() for _ in range(4)]
    await publish(kafka, *(message(topic, uploaded(key)) for key in second))
    async with running(consumers()):
        await eventually(lambda: seen_are(14))
        await asyncio.sleep(4)  # a look of the onlooker, too
    assert sorted(seen) == sorted([*first, *second])


async def has(database: Database, service: Service, count: int) -> bool:
    return len(await effects(database, service.name)) == count


async def commit(kafka: KafkaSettings, group: str, topic: Topic, offset: int, metadata: str) -> None:
    """As a member without a generation does; Kafka takes it for a group that is empty."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers, group_id=group, enable_auto_commit=False
    )
    place = TopicPartition(topic.name, 0)
    consumer.assign([place])
    await consumer.start()
    try:
        await consumer.commit({place: (offset, metadata)})
    finally:
        await consumer.stop()
