"""A dead-letter topic that was lost alone: what was open on it comes back and can be treated as before."""

import asyncio
from uuid import UUID, uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.parts.topics import ensure_topics
from services.chassis.database import Database
from services.chassis.dead_letters import NotWhole, ask, list_dead_letters
from services.chassis.dlq import Act, DeadLetter, State
from services.chassis.kafka import KafkaSettings, Message
from services.chassis.lost_letters import LostLetters
from services.contracts.topics import Topic
from tests.integration.messaging.conftest import MakeService
from tests.integration.messaging.support import (
    Service,
    effects,
    eventually,
    holds,
    message,
    publish,
    read_all,
    running,
    uploaded,
)


async def lose(kafka: KafkaSettings, *names: str, partitions: int = 1) -> None:
    """Delete topics of the living broker and make them anew, empty."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.delete_topics(list(names))
    finally:
        await admin.close()
    await asyncio.sleep(1)
    await ensure_topics(kafka.bootstrap_servers, dict.fromkeys(names, partitions), own_cluster=True)


def looking(service: Service, kafka: KafkaSettings, database: Database) -> LostLetters:
    return LostLetters(kafka, database, service.readiness, [(service.name, service.topic)])


async def listed(kafka: KafkaSettings, topic: Topic) -> list[DeadLetter]:
    return await list_dead_letters(kafka, [topic])


async def states(kafka: KafkaSettings, topic: Topic) -> list[State]:
    return [letter.state for letter in await listed(kafka, topic)]


async def make_dead(service: Service, kafka: KafkaSettings, candidate: UUID) -> DeadLetter:
    """Inside `running`: the candidate's first fact is refused for good."""
    service.refuse = lambda event: ValueError() if event.revision == 1 else None
    await publish(kafka, message(service.topic, uploaded(candidate, 1)))

    async def open_there() -> bool:
        return await states(kafka, service.topic) == [State.OPEN]

    await eventually(open_there)
    (letter,) = await listed(kafka, service.topic)
    return letter


async def test_a_service_puts_its_lost_dead_letters_back_and_they_can_be_replayed(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    service = make_service(max_tries=1, lost_letters_seconds=0.5)

    async def shown() -> bool:
        return await states(kafka, topic) == [State.OPEN]

    async def freed() -> bool:
        return await holds(database) == {candidate: 0}

    async with running(service.consumers):
        before = await make_dead(service, kafka, candidate)
        await lose(kafka, topic.dead_letters)
        await eventually(shown, 60)
        (back,) = await listed(kafka, topic)
        assert (back.id, back.record, back.error) == (before.id, before.record, before.error)
        assert await holds(database) == {candidate: 1}
        service.refuse = lambda _: None
        await ask(kafka, back.id, Act.REPLAY, [topic])
        await eventually(freed)
    assert await effects(database) == [(candidate, 1)]


async def test_one_missed_once_may_be_on_its_way_and_one_that_stands_is_not_written_again(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service(max_tries=1)
    looks = looking(service, kafka, database)
    async with running(service.consumers):
        await make_dead(service, kafka, uuid4())
    assert [await looks.look() for _ in range(3)] == [0, 0, 0]
    assert len(await read_all(kafka, topic.dead_letters)) == 1
    await lose(kafka, topic.dead_letters)
    assert [await looks.look() for _ in range(3)] == [0, 1, 0]
    assert len(await read_all(kafka, topic.dead_letters)) == 1


async def test_without_its_record_it_comes_back_to_be_discarded_and_frees_the_candidate(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    service = make_service(max_tries=1)
    async with running(service.consumers):
        before = await make_dead(service, kafka, candidate)
    await lose(kafka, topic.dead_letters)
    await lose(kafka, topic.name, partitions=topic.partitions)
    looks = looking(service, kafka, database)
    assert [await looks.look(), await looks.look()] == [0, 1]
    (back,) = await listed(kafka, topic)
    assert (back.id, back.record.candidate_id, back.whole) == (before.id, candidate, False)
    with pytest.raises(NotWhole):
        await ask(kafka, back.id, Act.REPLAY, [topic])

    async def freed() -> bool:
        return await holds(database) == {candidate: 0}

    async with running(service.consumers):
        await ask(kafka, back.id, Act.DISCARD, [topic])
        await eventually(freed)
    assert await states(kafka, topic) == [State.DISCARDED]


async def test_another_record_at_the_place_of_the_lost_one_is_not_taken_for_it(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    service = make_service(max_tries=1)
    async with running(service.consumers):
        await make_dead(service, kafka, candidate)
    await lose(kafka, topic.dead_letters)
    await lose(kafka, topic.name, partitions=topic.partitions)
    await publish(kafka, message(topic, uploaded(candidate, 2)))
    looks = looking(service, kafka, database)
    assert [await looks.look(), await looks.look()] == [0, 1]
    (back,) = await listed(kafka, topic)
    assert not back.whole


async def test_what_is_closed_is_missed_by_nobody(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service(max_tries=1)
    async with running(service.consumers):
        letter = await make_dead(service, kafka, uuid4())
        await ask(kafka, letter.id, Act.DISCARD, [topic])

        async def discarded() -> bool:
            return await states(kafka, topic) == [State.DISCARDED]

        await eventually(discarded)
    await lose(kafka, topic.dead_letters)
    looks = looking(service, kafka, database)
    assert [await looks.look(), await looks.look()] == [0, 0]
    assert await read_all(kafka, topic.dead_letters) == []


async def test_a_dead_letter_topic_that_is_not_there_makes_the_service_unready(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service()
    looks = looking(service, kafka, database)
    gone = topic.model_copy(update={"name": f"{topic.name}-other"})
    lost = LostLetters(kafka, database, service.readiness, [(service.name, gone)])
    assert await looks.look() == 0
    assert await service.readiness.reasons() == {}
    assert await lost.look() == 0
    assert await service.readiness.reasons() == {"dead-letter topics": "missing"}


async def test_one_that_was_too_large_for_its_topic_comes_back_without_its_value(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    generous = kafka.model_copy(update={"max_request_bytes": 4_000_000})
    small = message(topic, uploaded(uuid4()))
    limit = 1_048_588  # message.max.bytes; the batch and the record take some 400 of it
    service = make_service()

    async def open_there() -> bool:
        return await states(kafka, topic) == [State.OPEN]

    async with running(service.consumers):
        await publish(generous, Message(small.topic, small.key, b"x" * (limit - 420), small.headers))
        await eventually(open_there)
    await lose(kafka, topic.dead_letters)
    looks = looking(service, generous, database)
    assert [await looks.look(), await looks.look()] == [0, 1]
    (back,) = await listed(kafka, topic)
    assert not back.whole
