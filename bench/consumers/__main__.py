"""Facts a second that one consumer takes in: `python -m bench.consumers --facts 2000`.

On a real broker and a real database, started here. Each measure is taken twice in one run: places committed
as the services do it, and after every single record.
"""

import argparse
import asyncio
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from deploy.local import LocalStack
from deploy.local.parts.topics import ensure_topics
from services.chassis import consumer as chassis_consumer
from services.chassis.consumer import Consumers
from services.chassis.database import Connection, Database
from services.chassis.kafka import KafkaSettings, Message, Publisher
from services.chassis.outbox import new_ce_id
from services.chassis.readiness import Readiness
from services.contracts.envelope import Envelope, headers_of, value_of
from services.contracts.events import DocumentUploaded
from services.contracts.topics import Topic

_PARTS = ("postgres", "kafka", "topics")
_VERSIONS = ("aiokafka", "faststream", "asyncpg")
_PARTITIONS = 4
_COMMITS = {"as the services do": chassis_consumer._COMMIT_EVERY, "after every record": 1}


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="candidat-libre-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)  # as root the database server runs as another user
        asyncio.run(_run(root, count))


async def _run(root: Path, count: int) -> None:
    async with LocalStack(root, only=_PARTS, usual_ports=False) as stack:
        kafka = KafkaSettings(bootstrap_servers=stack.addresses.kafka)
        parts = " ".join(f"{name}={version(name)}" for name in _VERSIONS)
        _say(f"python={platform.python_version()} broker={stack.addresses.broker!r} {parts}")
        seconds = {}
        for way, every in _COMMITS.items():
            chassis_consumer._COMMIT_EVERY = every
            url = await stack.fresh_database("documents", f"bench_{every}")
            seconds[way] = await _measure(kafka, url, f"bench.events.{every}", count)
        for what in ("new", "known"):
            usual, single = (seconds[way][what] for way in _COMMITS)
            _say(
                f"{what:5} {count / usual:6.0f} facts a second, {count / single:6.0f} where each is"
                f" committed: {single / usual:.1f} times as many"
            )


async def _measure(kafka: KafkaSettings, url: str, name: str, count: int) -> dict[str, float]:
    """Seconds until all were taken in, when they are new and when the inbox knows them."""
    topic = Topic(name=name, owner="documents", partitions=_PARTITIONS)
    wanted = {topic.name: topic.partitions, topic.dead_letters: 1}
    await ensure_topics(kafka.bootstrap_servers, wanted, own_cluster=True)
    facts, ends = [_fact(topic) for _ in range(count)], [_fact(topic, end) for end in range(_PARTITIONS)]
    database = await Database.connect(url, max_size=4)
    heard = 0

    async def hear(conn: Connection, envelope: Envelope) -> None:
        nonlocal heard
        heard += 1

    consumers = Consumers(service="documents", kafka=kafka, readiness=Readiness(), database=database)
    consumers.on(topic, name="documents.bench")(hear)
    await _publish(kafka, facts)
    began = time.perf_counter()
    running = asyncio.create_task(consumers.run())
    try:
        while heard < count:  # noqa: ASYNC110 - it is measured, not waited for
            await asyncio.sleep(0.01)
        new = time.perf_counter() - began
        # What an inbox knows is not heard: one new fact at the end of each partition is.
        await _publish(kafka, facts)
        await _publish(kafka, ends)
        began = time.perf_counter()
        while heard < count + _PARTITIONS:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return {"new": new, "known": time.perf_counter() - began}
    finally:
        running.cancel()
        await asyncio.wait([running])
        await database.close()


def _fact(topic: Topic, partition: int | None = None) -> Message:
    event = DocumentUploaded(
        candidate_id=uuid4(),
        revision=1,
        state="incomplete",
        registration_version=1,
        evidence_rev=1,
        file_id=uuid4(),
    )
    headers = headers_of(event, new_ce_id(), datetime.now(UTC), None)
    return Message(topic.name, str(event.key).encode(), value_of(event), headers, partition)


async def _publish(kafka: KafkaSettings, messages: Sequence[Message]) -> None:
    publisher = Publisher(kafka)
    try:
        await publisher.send(messages[0])
        await asyncio.gather(*(publisher.send(one) for one in messages[1:]))
    finally:
        await publisher.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--facts", type=int, default=2000)
    main(asked.parse_args().facts)
