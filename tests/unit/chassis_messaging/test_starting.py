"""Starting while a part is away ends with an error that the worker waits on, and leaves nothing open."""

import asyncio
import gc
import socket

import pytest
from aiokafka.errors import KafkaConnectionError

from services.chassis.consumer import Consumers
from services.chassis.dlq import Record
from services.chassis.kafka import KafkaSettings, Message, Publisher
from services.chassis.readiness import Readiness
from services.chassis.relay import Relay
from services.chassis.worker import run_parts
from services.contracts.envelope import Envelope
from services.contracts.topics import DOCUMENTS


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


def consumers(kafka: KafkaSettings) -> Consumers:
    return Consumers(service="workflows", kafka=kafka, readiness=Readiness())


async def test_consumers_without_a_broker(nobody: str) -> None:
    started = consumers(KafkaSettings(bootstrap_servers=nobody))
    with pytest.raises(KafkaConnectionError):
        await started.run()
    gc.collect()  # an unclosed client warns, and a warning is an error


async def test_a_worker_whose_broker_takes_connections_and_never_answers_is_not_ready() -> None:
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    readiness = Readiness()
    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}")
        part = Consumers(service="workflows", kafka=kafka, readiness=readiness)
        working = asyncio.create_task(run_parts([part], readiness))
        said = []
        for _ in range(50):
            await asyncio.sleep(0.01)
            said.append((await readiness.reasons()).get("consumers"))
        assert held
        working.cancel()
        await asyncio.wait([working])
        for writer in held:
            writer.close()
    assert said == ["starting"] * 50
    assert await readiness.reasons() == {"process": "ending"}
    gc.collect()


async def test_publisher_without_a_broker(nobody: str) -> None:
    publisher = Publisher(KafkaSettings(bootstrap_servers=nobody))
    with pytest.raises(KafkaConnectionError):
        await publisher.send_within(Message(DOCUMENTS.name, b"", b""), 5)
    await publisher.close()
    gc.collect()


async def test_relay_without_a_database(nobody: str) -> None:
    relay = Relay(
        service="documents",
        database_url=f"postgresql://documents@{nobody}/documents",
        kafka=KafkaSettings(bootstrap_servers=nobody),
        readiness=Readiness(),
    )
    with pytest.raises(OSError):  # noqa: PT011 - which one is the system's choice
        await relay.run()
    assert not relay.working


def test_a_consumer_with_an_inbox_needs_a_database() -> None:
    with pytest.raises(ValueError, match="needs a database"):
        consumers(KafkaSettings()).on(DOCUMENTS, name="workflows.documents")


def test_a_name_is_one_consumer_group() -> None:
    both = consumers(KafkaSettings())

    async def handle(envelope: Envelope, record: Record) -> None: ...

    both.on_without_database(DOCUMENTS, name="workflows.bridge")(handle)
    with pytest.raises(ValueError, match="is taken"):
        both.on_without_database(DOCUMENTS, name="workflows.bridge")(handle)
