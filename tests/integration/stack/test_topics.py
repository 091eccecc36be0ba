"""The broker: topics by the registry only, kept for ever, never re-partitioned."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnknownTopicOrPartitionError

from deploy.local import LocalStack, PartFailed
from deploy.local.parts.topics import ensure_topics
from services.contracts.topics import TOPICS


async def test_the_broker_is_the_real_one(parts: LocalStack) -> None:
    assert parts.addresses.broker == "Apache Kafka 4.4.0"


async def test_every_topic_and_its_dead_letters_exist_and_are_kept_for_ever(parts: LocalStack) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=parts.addresses.kafka)
    await admin.start()
    try:
        names = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
        found = {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics(names)}
        assert found == {topic.name: topic.partitions for topic in TOPICS} | {
            topic.dead_letters: 1 for topic in TOPICS
        }
        answers = await admin.describe_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": None}) for name in names]
        )
        values = [entry[1] for answer in answers for resource in answer.resources for entry in resource[4]]
        assert values == ["-1"] * len(names)
    finally:
        await admin.close()


async def test_what_an_idempotent_producer_sends_is_read_back(parts: LocalStack) -> None:
    topic = TOPICS[0].name
    producer = AIOKafkaProducer(bootstrap_servers=parts.addresses.kafka, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        sent = await producer.send_and_wait(topic, key=b"stack-test", value=b"hello")
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=parts.addresses.kafka, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    try:
        async for record in consumer:
            if (record.partition, record.offset) == (sent.partition, sent.offset):
                assert (record.key, record.value) == (b"stack-test", b"hello")
                break
    finally:
        await consumer.stop()


async def test_no_topic_comes_into_being_by_a_typing_mistake(parts: LocalStack) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=parts.addresses.kafka, request_timeout_ms=2_000)
    await producer.start()
    try:
        with pytest.raises(UnknownTopicOrPartitionError):
            await producer.send_and_wait("acounts.events", b"x")
    finally:
        await producer.stop()


async def test_a_topic_with_another_partition_count_is_refused(parts: LocalStack) -> None:
    topic = TOPICS[0]
    with pytest.raises(PartFailed, match=str(topic.partitions)):
        await ensure_topics(parts.addresses.kafka, {topic.name: topic.partitions + 1}, own_cluster=True)
