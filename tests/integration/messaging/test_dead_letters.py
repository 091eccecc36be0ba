"""What an operator does with a dead letter reaches its one consumer, once, and frees the candidate."""

import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from typer.testing import CliRunner

from deploy.cli import dead_letters as cli
from services.chassis.database import Database
from services.chassis.dead_letters import AlreadyClosed, NoSuchDeadLetter, ask, list_dead_letters
from services.chassis.delivery import TransactionalEffect
from services.chassis.dlq import Act, DeadLetter, State
from services.chassis.kafka import KafkaSettings
from services.chassis.outbox import new_ce_id
from services.contracts.envelope import decode
from services.contracts.topics import Topic
from tests.integration.messaging.conftest import MakeService
from tests.integration.messaging.support import (
    Service,
    effects,
    eventually,
    hold,
    holds,
    message,
    publish,
    read_all,
    running,
    uploaded,
)


async def only(kafka: KafkaSettings, topic: Topic) -> DeadLetter:
    (letter,) = await list_dead_letters(kafka, [topic])
    return letter


async def state_is(kafka: KafkaSettings, topic: Topic, state: State) -> bool:
    found = await list_dead_letters(kafka, [topic])
    return [letter.state for letter in found] == [state]


async def make_dead(service: Service, kafka: KafkaSettings, topic: Topic, candidate: UUID) -> None:
    """Inside `running`: one dead letter of `candidate`, revision 1."""
    service.refuse = lambda event: ValueError() if event.revision == 1 else None
    await publish(kafka, message(topic, uploaded(candidate, 1)))
    await eventually(lambda: state_is(kafka, topic, State.OPEN))


async def test_replay_has_its_effect_at_the_one_consumer_and_frees_the_candidate(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    addressed, other = make_service(max_tries=1), make_service(max_tries=1)
    async with running(addressed.consumers, other.consumers):
        await make_dead(addressed, kafka, topic, candidate)
        assert await holds(database) == {candidate: 1}
        addressed.refuse = lambda _: None
        asked = await ask(kafka, (await only(kafka, topic)).id, Act.REPLAY, [topic])
        assert asked.state is State.REPLAYING
        await eventually(lambda: state_is(kafka, topic, State.RESOLVED))
        await publish(kafka, message(topic, uploaded(candidate, 2)))
        await eventually(lambda: _count(database, other.name, 2))
        await eventually(lambda: _count(database, addressed.name, 2))
    assert await effects(database, addressed.name) == [(candidate, 1), (candidate, 2)]
    assert await effects(database, other.name) == [(candidate, 1), (candidate, 2)]
    # The other consumer passed over the replay without even looking at it.
    assert len(other.seen) == 2
    assert await holds(database) == {candidate: 0}
    assert await outcomes(database) == ["resolved"]


async def _count(database: Database, consumer: str, count: int) -> bool:
    return len(await effects(database, consumer)) == count


async def test_replay_for_one_consumer_is_none_for_another_that_has_the_same_dead_letter(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    addressed, other = make_service(max_tries=1), make_service(max_tries=1)
    addressed.refuse = other.refuse = lambda event: ValueError() if event.revision == 1 else None
    async with running(addressed.consumers, other.consumers):
        await publish(kafka, message(topic, uploaded(candidate, 1)))
        letters = {letter.consumer: letter for letter in await _letters(kafka, topic, 2)}
        addressed.refuse = other.refuse = lambda _: None
        await ask(kafka, letters[addressed.name].id, Act.REPLAY, [topic])
        await publish(kafka, message(topic, uploaded(candidate, 2)))
        await eventually(lambda: _count(database, addressed.name, 2))
        await eventually(lambda: _count(database, other.name, 1))
    assert await effects(database, other.name) == [(candidate, 2)]
    states = {letter.consumer: letter.state for letter in await list_dead_letters(kafka, [topic])}
    assert states == {addressed.name: State.RESOLVED, other.name: State.OPEN}
    assert await holds(database) == {candidate: 1}


async def outcomes(database: Database) -> list[str | None]:
    async with database.connection() as conn:
        return [row["outcome"] for row in await conn.fetch("SELECT outcome FROM quarantine")]


async def test_replay_that_fails_again_stays_the_same_dead_letter_and_holds(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    service = make_service(max_tries=1)
    async with running(service.consumers):
        await make_dead(service, kafka, topic, candidate)
        first = await only(kafka, topic)
        await ask(kafka, first.id, Act.REPLAY, [topic])
        await eventually(lambda: _failed(database, 2))
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
    again = await only(kafka, topic)
    assert again.id == first.id
    assert again.record.headers == first.record.headers
    assert await holds(database) == {candidate: 1}
    assert await effects(database) == []


async def _failed(database: Database, times: int) -> bool:
    async with database.connection() as conn:
        return bool(await conn.fetchval("SELECT failures FROM quarantine") == times)


async def test_discard_frees_the_candidate_without_an_effect_and_for_good(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate, ce_id = uuid4(), new_ce_id()
    event = message(topic, uploaded(candidate, 1), ce_id)
    service = make_service(max_tries=1)
    service.refuse = lambda event: ValueError() if event.revision == 1 else None
    async with running(service.consumers):
        await publish(kafka, event)
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
        letter = await only(kafka, topic)
        await ask(kafka, letter.id, Act.DISCARD, [topic])
        await eventually(lambda: state_is(kafka, topic, State.DISCARDED))
        service.refuse = lambda _: None
        # The relay may publish it again: it stays discarded.
        await publish(kafka, event, message(topic, uploaded(candidate, 2)))
        await eventually(lambda: _count(database, service.name, 1))
    assert await effects(database) == [(candidate, 2)]
    assert await holds(database) == {candidate: 0}
    assert await outcomes(database) == ["discarded"]
    with pytest.raises(AlreadyClosed):
        await ask(kafka, letter.id, Act.REPLAY, [topic])


async def test_undecodable_record_can_be_discarded(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    broken = message(topic, uploaded(candidate))
    broken.headers.clear()
    async with running(make_service().consumers):
        await publish(kafka, broken)
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
        await ask(kafka, (await only(kafka, topic)).id, Act.DISCARD, [topic])
        await eventually(lambda: state_is(kafka, topic, State.DISCARDED))
    assert await holds(database) == {candidate: 0}


@pytest.mark.parametrize("named", [True, False], ids=["published again", "read again"])
async def test_undecodable_record_that_was_discarded_holds_nobody_when_it_comes_again(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService, named: bool
) -> None:
    """By its `ce_id` it is known wherever it stands; without one, where it stood at first."""
    candidate, other = uuid4(), uuid4()
    broken = replace(message(topic, uploaded(candidate)), value=b"half a fact")
    if not named:
        broken.headers.clear()
    service = make_service()
    async with running(service.consumers):
        await publish(kafka, broken)
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
        await ask(kafka, (await only(kafka, topic)).id, Act.DISCARD, [topic])
        await eventually(lambda: state_is(kafka, topic, State.DISCARDED))
    if named:
        await publish(kafka, broken)
    await _begin_again(kafka, service)
    successor = make_service(name=service.name)
    async with running(successor.consumers):
        await eventually(lambda: _said_often(kafka, topic, State.DISCARDED, 2))
        await publish(kafka, message(topic, uploaded(other)))
        await eventually(lambda: _count(database, service.name, 1))
    assert await effects(database) == [(other, 1)]
    assert await state_is(kafka, topic, State.DISCARDED)
    assert await outcomes(database) == ["discarded"]
    assert await holds(database) == {candidate: 0}
    assert await _failed(database, 1), "opened again, if only until the discard was read again too"


async def _begin_again(kafka: KafkaSettings, service: Service) -> None:
    """The group's places are forgotten, as after a broker's loss."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers, group_id=service.name, enable_auto_commit=False
    )
    places = [TopicPartition(service.topic.name, number) for number in range(service.topic.partitions)]
    consumer.assign(places)
    await consumer.start()
    try:
        await consumer.commit(dict.fromkeys(places, 0))
    finally:
        await consumer.stop()


async def _said_often(kafka: KafkaSettings, topic: Topic, state: State, times: int) -> bool:
    """Whether the state was said at least so often on the dead-letter topic."""
    said = [record.header("dl_state") for record in await read_all(kafka, topic.dead_letters)]
    return said.count(state) >= times


async def test_candidate_stays_held_while_another_dead_letter_is_open(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    service = make_service(max_tries=1)
    service.refuse = lambda _: ValueError()
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(candidate, 1)), message(topic, uploaded(candidate, 2)))
        await eventually(lambda: _hold_is(database, candidate, 2))
        first, second = await _letters(kafka, topic, 2)
        await ask(kafka, first.id, Act.DISCARD, [topic])
        await eventually(lambda: _hold_is(database, candidate, 1))
        await ask(kafka, second.id, Act.DISCARD, [topic])
        await eventually(lambda: _hold_is(database, candidate, 0))


async def _hold_is(database: Database, candidate: UUID, count: int) -> bool:
    return (await holds(database)).get(candidate) == count


async def _letters(kafka: KafkaSettings, topic: Topic, count: int) -> list[DeadLetter]:
    async def there() -> bool:
        return len(await list_dead_letters(kafka, [topic])) == count

    await eventually(there)
    return await list_dead_letters(kafka, [topic])


async def test_the_same_fact_published_twice_is_one_dead_letter_and_heals_itself(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    twice = message(topic, uploaded(candidate, 1))
    service = make_service(max_tries=1)
    service.refuse = lambda _: ValueError()
    async with running(service.consumers):
        await publish(kafka, twice, twice)
        await eventually(lambda: _failed(database, 2))
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
        service.refuse = lambda _: None
        await publish(kafka, twice)
        await eventually(lambda: state_is(kafka, topic, State.RESOLVED))
    assert await effects(database) == [(candidate, 1)]
    assert await holds(database) == {candidate: 0}


@pytest.mark.parametrize("state", [State.RESOLVED, State.DISCARDED])
async def test_a_dead_letter_closed_by_who_was_killed_before_saying_so_is_said_when_it_comes_again(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService, state: State
) -> None:
    candidate = uuid4()
    again = message(topic, uploaded(candidate, 1))
    service = make_service(max_tries=1)
    service.refuse = lambda _: ValueError()
    async with running(service.consumers):
        await publish(kafka, again)
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
    service.refuse = lambda _: None
    letter = await only(kafka, topic)
    killed = TransactionalEffect(service.name, database, service.handle, hold)
    if state is State.RESOLVED:
        envelope = decode(letter.record.value, list(letter.record.headers))
        await killed.apply(envelope, letter.id, letter.record)
    else:
        await killed.discard(letter.record, letter.id)
    assert await state_is(kafka, topic, State.OPEN)
    successor = make_service(name=service.name)
    async with running(successor.consumers):
        await publish(kafka, again)
        await eventually(lambda: state_is(kafka, topic, state))
    assert successor.seen == []
    assert await outcomes(database) == [state.value]
    assert await holds(database) == {candidate: 0}


async def test_record_too_large_for_the_dead_letter_topic_does_not_stop_the_partition(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    generous = kafka.model_copy(update={"max_request_bytes": 4_000_000})
    big = message(topic, uploaded(uuid4()))
    limit = 1_048_588  # message.max.bytes; the batch and the record take some 400 of it
    whole = big.__class__(big.topic, big.key, b"x" * (limit - 420), big.headers)
    good = uuid4()
    async with running(make_service().consumers):
        await publish(generous, whole, message(topic, uploaded(good)))
        await eventually(lambda: _count_all(database, 1))
        await eventually(lambda: state_is(kafka, topic, State.OPEN))
        letter = await only(kafka, topic)
        assert not letter.whole
        await ask(kafka, letter.id, Act.DISCARD, [topic])
        await eventually(lambda: state_is(kafka, topic, State.DISCARDED))
    assert (await read_all(kafka, topic.name))[0].topic == topic.name


async def _count_all(database: Database, count: int) -> bool:
    return len(await effects(database)) == count


async def test_unknown_dead_letter_is_said_to_be_none(topic: Topic, kafka: KafkaSettings) -> None:
    with pytest.raises(NoSuchDeadLetter):
        await ask(kafka, uuid4(), Act.REPLAY, [topic])


def test_the_command_lists_as_json_and_says_what_is_unknown(kafka: KafkaSettings) -> None:
    runner = CliRunner()
    environment = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers, "COLUMNS": "200"}
    listed = runner.invoke(cli.app, ["list", "--json", "--all"], env=environment)
    assert listed.exit_code == 0, listed.output
    assert isinstance(json.loads(listed.stdout), list)
    table = runner.invoke(cli.app, ["list"], env=environment)
    assert table.exit_code == 0, table.output
    unknown = runner.invoke(cli.app, ["replay", str(uuid4())], env=environment)
    assert unknown.exit_code == 1
    assert "Aucun" in unknown.output
