"""Lag is not loss: of what reconciliation may say that a consumer missed it."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from services.chassis.database import Database
from services.chassis.failures import PartUnavailable
from services.chassis.kafka import KafkaSettings
from services.chassis.outbox import new_ce_id
from services.chassis.recovery import Recovery, messaging_of
from services.contracts.events import DocumentUploaded
from services.contracts.recovery import Unheard
from services.contracts.topics import Topic
from tests.integration.messaging.conftest import MakeService
from tests.integration.messaging.support import (
    effects,
    eventually,
    keys_on,
    message,
    no_lines,
    publish,
    running,
    unique,
    uploaded,
)

KIND = DocumentUploaded.type_name()


def _has(database: Database, count: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(await effects(database)) == count

    return has


async def _forget(database: Database, ce_id: UUID) -> None:
    async with database.connection() as conn:
        await conn.execute("DELETE FROM inbox WHERE ce_id = $1", ce_id)


async def test_what_a_consumer_that_is_held_back_has_not_taken_in_is_lost_only_when_it_has_passed_it(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    recovery = Recovery("documents", database, kafka, no_lines, {})
    waiting, moving = (keys[0] for keys in keys_on(topic.partitions)[:2])
    late, lost = new_ce_id(), new_ce_id()
    service = make_service()
    away = True
    service.refuse = lambda event: PartUnavailable("peer") if away and event.key == waiting else None
    asked = Unheard(consumer=service.name, topic=topic.name, facts={KIND: (late, lost)})
    async with running(service.consumers):
        await publish(kafka, message(topic, uploaded(waiting), late), message(topic, uploaded(moving), lost))
        await eventually(_has(database, 1))
        await _forget(database, lost)
        assert (await recovery.unheard(asked)).ce_ids == ()
        away = False
        await eventually(_has(database, 2))
        assert (await recovery.unheard(asked)).ce_ids == (lost,)


async def test_a_consumer_that_has_not_begun_has_lost_nothing(
    topic: Topic, kafka: KafkaSettings, database: Database
) -> None:
    recovery = Recovery("documents", database, kafka, no_lines, {})
    ce_id = new_ce_id()
    await publish(kafka, message(topic, uploaded(uuid4()), ce_id))
    asked = Unheard(consumer=unique("documents.test"), topic=topic.name, facts={KIND: (ce_id,)})
    assert (await recovery.unheard(asked)).ce_ids == ()


async def test_a_fact_that_only_a_newer_service_knows_is_not_lost(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    """It was left aside without a word in the inbox; published again it would be left aside again."""
    recovery = Recovery("documents", database, kafka, no_lines, {})
    service = make_service()
    heard, lost = new_ce_id(), new_ce_id()
    async with running(service.consumers):
        await publish(kafka, *(message(topic, uploaded(uuid4()), one) for one in (heard, lost)))
        await eventually(_has(database, 2))
        await _forget(database, lost)
        facts = {KIND: (heard, lost), "documents.DocumentStamped.v1": (uuid4(),)}
        asked = Unheard(consumer=service.name, topic=topic.name, facts=facts)
        assert (await recovery.unheard(asked)).ce_ids == (lost,)


async def test_of_each_key_the_highest_revision_taken_in_is_kept_and_told(
    topic: Topic, kafka: KafkaSettings, database: Database, make_service: MakeService
) -> None:
    """By it an owner that was restored from a backup is noticed; a dead letter was not taken in."""
    service = make_service(name="documents.registration", max_tries=1)
    service.refuse = lambda event: ValueError() if event.revision == 9 else None
    one, other = uuid4(), uuid4()
    told = [uploaded(one, revision) for revision in (2, 4, 3, 9)] + [uploaded(other, 1)]
    async with running(service.consumers):
        await publish(kafka, *(message(topic, event) for event in told))
        await eventually(_has(database, 4))
    async with database.connection() as conn:
        found = await messaging_of(conn, [one, other], None)
    assert {key: line["heard"] for key, line in found.items()} == {
        one: {"registration": 4},
        other: {"registration": 1},
    }
