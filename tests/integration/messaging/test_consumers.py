"""Consumers skip nothing, do nothing twice, and let only poison into the dead letters."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from deploy.local import LocalStack
from services.chassis.consumer import Consumers
from services.chassis.database import Connection, Database
from services.chassis.dead_letters import list_dead_letters
from services.chassis.dlq import DeadLetter, Record, State
from services.chassis.kafka import KafkaSettings, Message, TopicsNotAsDeclared
from services.chassis.outbox import append, current_traceparent, new_ce_id
from services.chassis.peers import PeerRefused
from services.chassis.readiness import Readiness
from services.chassis.relay import Relay
from services.contracts.envelope import Envelope
from services.contracts.events import Event
from services.contracts.topics import DOCUMENTS, Topic
from tests.integration.messaging.conftest import MakeService, MakeTopic
from tests.integration.messaging.support import (
    Door,
    Service,
    effects,
    eventually,
    hold,
    holds,
    keys_on,
    message,
    publish,
    read_all,
    running,
    unique,
    uploaded,
)

AWAY_SECONDS = float(os.environ.get("TEST_AWAY_SECONDS", "8"))
"""How long a part is away in these tests; `make test` may say a minute."""


@pytest.fixture
async def through(door: Door) -> AsyncIterator[Database]:
    """The database as the service reaches it: through the door."""
    found = await Database.connect(door.url, max_size=4)
    yield found
    found.pool.terminate()


async def dead(kafka: KafkaSettings, topic: Topic) -> list[DeadLetter]:
    return await list_dead_letters(kafka, [topic])


async def has(database: Database, count: int, consumer: str | None = None) -> bool:
    return len(await effects(database, consumer)) >= count


async def is_dead(kafka: KafkaSettings, topic: Topic, count: int = 1) -> bool:
    return len(await dead(kafka, topic)) >= count


async def waits(service: Service) -> bool:
    return service.name in await service.readiness.reasons()


async def test_consumers_that_have_started_are_ready(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service()
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(uuid4())))
        await eventually(lambda: has(database, 1))
        assert await service.readiness.reasons() == {}


async def test_an_event_delivered_twice_has_its_effect_once(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate, ce_id = uuid4(), new_ce_id()
    again = message(topic, uploaded(candidate, 1), ce_id)
    async with running(make_service().consumers):
        await publish(kafka, again, again, message(topic, uploaded(candidate, 2)))
        await eventually(lambda: has(database, 2))
    assert await effects(database) == [(candidate, 1), (candidate, 2)]


async def test_effect_and_inbox_are_one_transaction(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service(max_tries=3)
    failures = iter([ValueError(), ValueError()])
    service.refuse = lambda _: next(failures, None)
    candidate = uuid4()
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(candidate)))
        await eventually(lambda: has(database, 1))
    assert len(service.seen) == 3
    assert await effects(database) == [(candidate, 1)]
    assert await dead(kafka, topic) == []


async def test_database_away_with_one_poison_record_in_between_skips_nothing(
    topic: Topic,
    kafka: KafkaSettings,
    database: Database,
    door: Door,
    through: Database,
    make_service: MakeService,
) -> None:
    candidates = [key for keys in keys_on(topic.partitions, 5) for key in keys]
    poison = candidates[0]
    service = make_service(through=through)
    service.refuse = lambda event: ValueError() if (event.key, event.revision) == (poison, 2) else None

    async with running(service.consumers):
        await publish(kafka, *(message(topic, uploaded(key, 1)) for key in candidates))
        await eventually(lambda: has(database, len(candidates)))
        await door.shut()
        for revision in (2, 3, 4):
            await publish(kafka, *(message(topic, uploaded(key, revision)) for key in candidates))
        await eventually(lambda: waits(service))
        await asyncio.sleep(AWAY_SECONDS)
        assert await dead(kafka, topic) == []
        assert len(await effects(database)) == len(candidates)
        await door.open()
        await eventually(lambda: has(database, 4 * len(candidates) - 1), 60)
        await eventually(lambda: is_dead(kafka, topic))
        await asyncio.sleep(1)
        assert not await waits(service)

    expected = {key: [1, 3, 4] if key == poison else [1, 2, 3, 4] for key in candidates}
    assert by_candidate(await effects(database)) == expected
    (letter,) = await dead(kafka, topic)
    assert (letter.record.candidate_id, letter.error, letter.state) == (poison, "ValueError", State.OPEN)
    assert await holds(database) == {poison: 1}


def by_candidate(found: list[tuple[UUID, int]]) -> dict[UUID, list[int]]:
    order: dict[UUID, list[int]] = {}
    for candidate, revision in found:
        order.setdefault(candidate, []).append(revision)
    return order


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"value": b"{no json"}, id="value is no JSON"),
        pytest.param({"value": b"\xff\xfe"}, id="value is no text"),
        pytest.param({"value": None}, id="no value"),
        pytest.param({"value": b'{"revision": 0}'}, id="outside its schema"),
        pytest.param({"headers": []}, id="no headers"),
        pytest.param({"headers": [("ce_type", b"\xff"), ("ce_id", b"\xff")]}, id="headers are no text"),
        pytest.param({"headers": [("ce_type", None), ("ce_id", None)]}, id="headers without a value"),
        pytest.param({"key": b"\xff\x00", "value": b""}, id="key is no id"),
        pytest.param({"key": None, "value": b""}, id="no key"),
        pytest.param({"headers": [("reply_to", b"accounts.events")]}, id="asks for an answer"),
    ],
)
async def test_record_that_cannot_be_read_is_a_dead_letter_and_the_partition_moves_on(
    change: dict[str, Any],
    make_topic: MakeTopic,
    kafka: KafkaSettings,
    database: Database,
    make_service: MakeService,
) -> None:
    topic = await make_topic(1)
    good = uuid4()
    broken = replace(message(topic, uploaded(uuid4())), **change)
    service = make_service(on=topic)
    async with running(service.consumers):
        await publish(kafka, broken, message(topic, uploaded(good)))
        await eventually(lambda: has(database, 1))
    assert await effects(database) == [(good, 1)]
    (letter,) = await dead(kafka, topic)
    assert letter.error == "InvalidEvent"
    assert (letter.record.value or b"", letter.record.key) == (broken.value or b"", broken.key)
    assert letter.record.headers == tuple(broken.headers)
    assert set(await holds(database)) == ({letter.record.candidate_id} - {None})


async def test_event_refused_five_times_is_a_dead_letter_that_holds_the_candidate(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service()
    candidate = uuid4()
    service.refuse = lambda event: ValueError("secret") if event.revision == 1 else None
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(candidate, 1)), message(topic, uploaded(candidate, 2)))
        await eventually(lambda: has(database, 1))
    # What follows for the candidate is taken in as usual: a higher revision heals.
    assert await effects(database) == [(candidate, 2)]
    assert [envelope.event.revision for envelope in service.seen] == [1, 1, 1, 1, 1, 2]
    (letter,) = await dead(kafka, topic)
    assert (letter.consumer, letter.error, letter.state) == (service.name, "ValueError", State.OPEN)
    assert await holds(database) == {candidate: 1}
    (record,) = await read_all(kafka, topic.dead_letters)
    assert b"secret" not in b"".join(value for _, value in record.headers)


async def test_dead_letter_tells_sqlstate_and_constraint_and_no_value(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    async with database.connection() as conn:
        await conn.execute("ALTER TABLE effect ADD CONSTRAINT first_only CHECK (revision < 77)")
    candidate = uuid4()
    async with running(make_service(max_tries=2).consumers):
        await publish(kafka, message(topic, uploaded(candidate, 77)))
        await eventually(lambda: is_dead(kafka, topic))
    (letter,) = await dead(kafka, topic)
    assert (letter.error, letter.sqlstate, letter.constraint) == (
        "CheckViolationError",
        "23514",
        "first_only",
    )
    (record,) = await read_all(kafka, topic.dead_letters)
    assert not any(b"77" in value for name, value in record.headers if name.startswith("dl_e"))


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ConnectionRefusedError(), id="connection"),
        pytest.param(asyncpg.SerializationError(), id="serialization"),
    ],
)
async def test_infrastructure_errors_wait_without_limit_and_other_partitions_move_on(
    error: Exception, topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    waiting, moving = (keys[0] for keys in keys_on(topic.partitions)[:2])
    service = make_service(max_tries=2)
    away = True
    service.refuse = lambda event: error if away and event.key == waiting else None
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(waiting, 1)), message(topic, uploaded(waiting, 2)))
        await eventually(lambda: _tried(service, waiting, 3))
        await publish(kafka, *(message(topic, uploaded(moving, revision)) for revision in range(1, 11)))
        await eventually(lambda: has(database, 10), 3)
        assert await waits(service)
        away = False
        await eventually(lambda: has(database, 12))
        assert not await waits(service)
    assert by_candidate(await effects(database)) == {waiting: [1, 2], moving: list(range(1, 11))}
    assert await dead(kafka, topic) == []


async def _tried(service: Service, candidate: UUID, times: int) -> bool:
    return sum(1 for envelope in service.seen if envelope.event.key == candidate) >= times


async def test_handler_that_takes_too_long_is_ended_and_tried_again(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service(handler_seconds=0.5)
    slow = iter([True])
    quick = service.handle

    async def handle(conn: Connection, envelope: Envelope) -> None:
        if next(slow, False):
            await asyncio.sleep(60)
        await quick(conn, envelope)

    consumers = service.consumers
    name = unique("documents.slow")
    consumers.on(topic, name=name)(handle)
    async with running(consumers):
        await publish(kafka, message(topic, uploaded(uuid4())))
        await eventually(lambda: has(database, 2))


async def test_cancellation_inside_a_handler_does_not_end_the_consumer(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    service = make_service(max_tries=2)
    candidate = uuid4()

    def refuse(event: Event) -> Exception | None:
        if event.revision == 1:
            raise asyncio.CancelledError
        return None

    service.refuse = refuse
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(candidate, 1)), message(topic, uploaded(candidate, 2)))
        await eventually(lambda: has(database, 1))
    assert await effects(database) == [(candidate, 2)]
    assert [letter.error for letter in await dead(kafka, topic)] == ["CancelledInside"]


async def test_candidate_who_cannot_be_held_is_not_passed_over(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    broken = True

    async def on_quarantine(conn: Connection, candidate_id: UUID, open_dead_letters: int) -> None:
        if broken:
            raise ValueError
        await hold(conn, candidate_id, open_dead_letters)

    service = make_service(on_quarantine=on_quarantine, max_tries=1)
    service.refuse = lambda event: ValueError() if event.revision == 1 else None
    candidate = uuid4()
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(candidate, 1)), message(topic, uploaded(candidate, 2)))
        await eventually(lambda: waits(service))
        await asyncio.sleep(1)
        assert await dead(kafka, topic) == []
        assert await effects(database) == []
        broken = False
        await eventually(lambda: has(database, 1))
    assert await holds(database) == {candidate: 1}
    assert len(await dead(kafka, topic)) == 1


async def test_broker_away_is_waited_for_and_nothing_is_skipped(
    parts: LocalStack, topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidates = [keys[0] for keys in keys_on(topic.partitions)]
    async with running(make_service().consumers):
        await publish(kafka, *(message(topic, uploaded(key, 1)) for key in candidates))
        await eventually(lambda: has(database, 3))
        await parts.stop("kafka")
        await asyncio.sleep(2)
        await parts.restart("kafka")
        await publish(kafka, *(message(topic, uploaded(key, 2)) for key in candidates))
        await eventually(lambda: has(database, 6), 60)
    assert by_candidate(await effects(database)) == {key: [1, 2] for key in candidates}


async def test_consumer_that_leaves_in_the_middle_hands_its_partitions_on(
    make_topic: MakeTopic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    topic = await make_topic(6)
    candidates = [key for keys in keys_on(6, 5) for key in keys]
    name = unique("documents.shared")
    first, second = make_service(on=topic, name=name), make_service(on=topic, name=name)
    async with running(second.consumers):
        async with running(first.consumers):
            for revision in range(1, 5):
                await publish(kafka, *(message(topic, uploaded(key, revision)) for key in candidates))
            await eventually(lambda: has(database, len(candidates)))
        await publish(kafka, *(message(topic, uploaded(key, 5)) for key in candidates))
        await eventually(lambda: has(database, 5 * len(candidates)), 60)
    assert by_candidate(await effects(database)) == {key: [1, 2, 3, 4, 5] for key in candidates}


async def test_missing_topic_is_a_clear_error_and_none_is_made(
    parts: LocalStack, kafka: KafkaSettings, make_service: MakeService
) -> None:
    absent = Topic(name=unique("absent"), owner="documents", partitions=1)
    service = make_service(on=absent)
    with pytest.raises(TopicsNotAsDeclared, match=f"topic {absent.name} is missing"):
        await service.consumers.run()
    with pytest.raises(TopicsNotAsDeclared):
        await service.consumers.run()


async def test_consumer_without_a_database_is_called_again_until_it_succeeds(
    topic: Topic, kafka: KafkaSettings
) -> None:
    consumers = Consumers(service="workflows", kafka=kafka, readiness=Readiness(), max_tries=2)
    outcomes = iter([OSError(), OSError(), OSError(), None])
    poked: list[UUID] = []
    candidate, refused = uuid4(), uuid4()

    @consumers.on_without_database(topic, name=unique("workflows.bridge"))
    async def handle(envelope: Envelope, record: Record) -> None:
        if envelope.event.key == refused:
            raise ValueError
        if error := next(outcomes, None):
            raise error
        poked.append(envelope.event.key)

    async def done() -> bool:
        return poked == [candidate] and len(await dead(kafka, topic)) == 1

    async with running(consumers):
        await publish(kafka, message(topic, uploaded(candidate)), message(topic, uploaded(refused)))
        await eventually(done)
    (letter,) = await dead(kafka, topic)
    assert letter.record.candidate_id == refused


async def test_one_trace_from_the_outbox_to_the_effect(
    url: str, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    candidate = uuid4()
    service = make_service(on=DOCUMENTS)
    traces: list[str | None] = []

    def watch(event: Event) -> None:
        if event.key == candidate:
            traces.append(current_traceparent())

    service.refuse = watch
    relay = Relay(service="documents", database_url=url, kafka=kafka, readiness=Readiness())
    tracer = TracerProvider().get_tracer("test")
    async with running(relay, service.consumers):
        with tracer.start_as_current_span("click") as span:
            async with database.transaction() as conn:
                await append(conn, uploaded(candidate))
        await eventually(lambda: _seen(traces), 30)
    assert traces[0] is not None
    assert traces[0].split("-")[1] == trace.format_trace_id(span.get_span_context().trace_id)


async def _seen(found: list[str | None]) -> bool:
    return bool(found)


def _of_type(topic: Topic, ce_type: str, candidate: UUID, source: str = "/documents") -> Message:
    one = message(topic, uploaded(candidate, 1))
    changed = {"ce_type": ce_type.encode(), "ce_source": source.encode()}
    return replace(one, headers=[(name, changed.get(name, value)) for name, value in one.headers])


async def test_a_fact_that_only_a_newer_service_knows_is_left_aside_and_holds_nobody(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    """In a rolling upgrade the writer may be ahead of its readers."""
    candidate = uuid4()
    async with running(make_service().consumers):
        await publish(
            kafka,
            _of_type(topic, "documents.DocumentStamped.v1", candidate),
            message(topic, uploaded(candidate, 2)),
        )
        await eventually(lambda: has(database, 1))
    assert await effects(database) == [(candidate, 2)]
    assert await dead(kafka, topic) == []
    assert await holds(database) == {}


async def test_a_known_fact_in_another_version_waits_for_the_upgrade(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    """Acknowledged unread, it would be lost to the consumer that comes after the upgrade."""
    candidate = uuid4()
    service = make_service()
    async with running(service.consumers):
        await publish(
            kafka,
            _of_type(topic, "documents.DocumentUploaded.v2", candidate),
            message(topic, uploaded(candidate, 2)),
        )
        await eventually(lambda: waits(service))
        await asyncio.sleep(3)
        assert await waits(service)
    assert await effects(database) == []
    assert await dead(kafka, topic) == []


@pytest.mark.parametrize(
    ("ce_type", "source"),
    [("accounts.AccountFrozen.v1", "/accounts"), ("documents.DocumentStamped.v1", "/accounts")],
)
async def test_an_unknown_type_that_does_not_belong_on_the_topic_is_poison(
    topic: Topic,
    kafka: KafkaSettings,
    database: Database,
    make_service: MakeService,
    ce_type: str,
    source: str,
) -> None:
    candidate = uuid4()
    async with running(make_service().consumers):
        await publish(kafka, _of_type(topic, ce_type, candidate, source))
        await eventually(lambda: is_dead(kafka, topic))
    assert await holds(database) == {candidate: 1}


async def test_a_peer_that_does_not_understand_the_question_holds_the_event_back(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    """Two versions of two services: it is no fault of the event's, however often it is tried."""
    service = make_service(max_tries=2)
    service.refuse = lambda _: PeerRefused("registration", 422)
    candidate = uuid4()
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(candidate, 1)))
        await eventually(lambda: waits(service))
        await asyncio.sleep(3)
        assert await waits(service)
        assert await dead(kafka, topic) == []
        service.refuse = lambda _: None
        await eventually(lambda: has(database, 1))
    assert await effects(database) == [(candidate, 1)]
