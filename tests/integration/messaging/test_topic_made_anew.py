"""A topic that was deleted and made anew under a running consumer: everything on it is taken in, once."""

import asyncio
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.parts.topics import ensure_topics
from services.chassis.database import Database
from services.chassis.kafka import KafkaSettings
from services.contracts.topics import Topic
from tests.integration.messaging.conftest import MakeService, MakeTopic
from tests.integration.messaging.support import effects, eventually, message, publish, running, uploaded


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

    async def has(count: int) -> bool:
        return len(await effects(database, service.name)) == count

    before = [message(topic, uploaded(candidate, revision)) for revision in range(1, 6)]
    missed = [message(topic, uploaded(candidate, revision)) for revision in range(6, 9)]
    async with running(service.consumers):
        await publish(kafka, *before)
        await eventually(lambda: has(5))
        await make_anew(kafka, topic)
        # In another order than before, and at once beyond the place where the consumer stood.
        await publish(kafka, *missed, *before)
        await eventually(lambda: has(8), 40)
        await asyncio.sleep(1)
        assert await has(8)
