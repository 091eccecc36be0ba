"""What these tests share: Kafka's settings, topics and databases of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from deploy.local import LocalStack
from deploy.local.parts.topics import ensure_topics
from services.chassis.consumer import Consumers
from services.chassis.database import Database
from services.chassis.kafka import KafkaSettings
from services.chassis.quarantine import OnQuarantine
from services.chassis.readiness import Readiness
from services.contracts.topics import Topic
from tests.conftest import FreshDatabase
from tests.integration.messaging.support import Door, Service, hold, unique

MakeTopic = Callable[..., Awaitable[Topic]]
MakeService = Callable[..., Service]

EFFECTS = "CREATE TABLE effect (place bigserial, consumer text, candidate_id uuid, revision int, ce_id uuid)"
HOLDS = "CREATE TABLE hold (candidate_id uuid PRIMARY KEY, open_dead_letters int)"


@pytest.fixture
def kafka(parts: LocalStack) -> KafkaSettings:
    return KafkaSettings(bootstrap_servers=parts.addresses.kafka)


@pytest.fixture
def make_topic(parts: LocalStack) -> MakeTopic:
    """A topic that no other test writes to, with its dead letters."""

    async def make(partitions: int = 3) -> Topic:
        topic = Topic(name=unique("test.events"), owner="documents", partitions=partitions)
        wanted = {topic.name: partitions, topic.dead_letters: 1}
        await ensure_topics(parts.addresses.kafka, wanted, own_cluster=True)
        return topic

    return make


@pytest.fixture
async def topic(make_topic: MakeTopic) -> Topic:
    return await make_topic()


@pytest.fixture
async def url(fresh_database: FreshDatabase) -> str:
    """A new database with the messaging tables, one for effects and one for holds."""
    found = await fresh_database("documents")
    conn = await asyncpg.connect(found)
    try:
        await conn.execute(EFFECTS)
        await conn.execute(HOLDS)
    finally:
        await conn.close()
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The database for the test itself: always reachable."""
    found = await Database.connect(url, max_size=4)
    yield found
    await found.close()


@pytest.fixture
async def door(url: str) -> AsyncIterator[Door]:
    async with Door(url) as found:
        yield found


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
def make_service(kafka: KafkaSettings, topic: Topic, database: Database) -> MakeService:
    """A consumer on the test's topic, in a group of its own unless `name` says which."""

    def make(
        *,
        through: Database | None = None,
        on: Topic | None = None,
        name: str | None = None,
        on_quarantine: OnQuarantine | None = hold,
        **options: float,
    ) -> Service:
        readiness = Readiness()
        consumers = Consumers(
            service="documents",
            kafka=kafka,
            readiness=readiness,
            database=through or database,
            on_quarantine=on_quarantine,
            **options,  # type: ignore[arg-type]
        )
        service = Service(name or unique("documents.test"), on or topic, consumers, readiness)
        consumers.on(service.topic, name=service.name)(service.handle)
        return service

    return make
