"""What an operator does with dead letters: list, replay, discard. No database, only Kafka.

Replay and discard are asked here and done by the consumer, which then says so on the dead-letter topic: the
state is `replaying` until then, and stays so while the consumer is away.

DeadLetterError
├── NoSuchDeadLetter
├── AlreadyClosed      resolved or discarded before
└── NotWhole           its value was too large for the dead-letter topic, or lost with its own topic:
                       it can only be discarded
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.chassis.dlq import Act, DeadLetter, Record, State, marker, read
from services.chassis.kafka import KafkaSettings, Publisher, check_topics, reader
from services.contracts.topics import TOPICS, Topic

_SECONDS = 20


class DeadLetterError(Exception):
    """The dead letter cannot be treated so."""


class NoSuchDeadLetter(DeadLetterError):
    pass


class AlreadyClosed(DeadLetterError):
    pass


class NotWhole(DeadLetterError):
    pass


async def list_dead_letters(settings: KafkaSettings, topics: Iterable[Topic] = TOPICS) -> list[DeadLetter]:
    """Every dead letter of `topics`, oldest first, each in its present state; closed ones too.

    Raises:
        TopicsNotAsDeclared, KafkaError
    """
    names = [topic.dead_letters for topic in topics]
    counts = await check_topics(settings, names)
    letters: dict[UUID, DeadLetter] = {}
    for record in await _read_all(settings, counts):
        step = read(record)
        if step is None:
            continue
        if step.opened is not None:
            letters[step.id] = step.opened
        elif step.id in letters:
            letters[step.id] = replace(letters[step.id], state=step.state)
    return sorted(letters.values(), key=lambda letter: letter.at)


async def ask(
    settings: KafkaSettings, dead_letter_id: UUID, act: Act, topics: Iterable[Topic] = TOPICS
) -> DeadLetter:
    """Ask the consumer of a dead letter to take it in after all, or to let it go.

    Raises:
        DeadLetterError: see the module.
        TopicsNotAsDeclared, KafkaError, TimeoutError: at most the `…ing` state was written; ask again.
    """
    found = await list_dead_letters(settings, topics)
    letter = next((one for one in found if one.id == dead_letter_id), None)
    if letter is None:
        raise NoSuchDeadLetter(str(dead_letter_id))
    if letter.state.closed:
        raise AlreadyClosed(letter.state.value)
    if act is Act.REPLAY and not letter.whole:
        raise NotWhole(str(dead_letter_id))
    await _send(settings, letter, act)
    return replace(letter, state=act.asked)


async def _send(settings: KafkaSettings, letter: DeadLetter, act: Act) -> None:
    publisher = Publisher(settings)

    async def say(state: State) -> None:
        await publisher.send_within(marker(letter.id, letter.consumer, letter.record, state), _SECONDS)

    try:
        # The state first: written after the command it could hide the consumer's answer.
        await say(act.asked)
        try:
            await publisher.send_within(letter.command(act), _SECONDS)
        except KafkaError:
            await say(State.OPEN)
            raise
    finally:
        await publisher.close()


async def _read_all(settings: KafkaSettings, counts: dict[str, int]) -> list[Record]:
    """All records of the topics as they are now; within a partition in order."""
    consumer = reader(settings)
    await consumer.start()
    try:
        places = [TopicPartition(name, number) for name, count in counts.items() for number in range(count)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        found: list[Record] = []
        for place in places:
            while await consumer.position(place) < ends[place]:
                for raw in (await consumer.getmany(place, timeout_ms=1000)).get(place, []):
                    headers = tuple(raw.headers)
                    found.append(Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers))
        return found
    finally:
        await consumer.stop()
