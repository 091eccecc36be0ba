"""The whole running stack, and what a test may look into: databases, topics, clocks, mailbox."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import httpx
from aiokafka import TopicPartition
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.demo.calendar import DemoCalendar
from deploy.local import Addresses, LocalStack, StackSettings
from services.chassis.dead_letters import list_dead_letters
from services.chassis.dlq import DeadLetter, Record
from services.chassis.kafka import KafkaSettings, partition_counts, reader
from tests.conftest import new_root

T = TypeVar("T")
CALENDAR_PART = "registration-worker"
OPEN_SESSION = "ouverte"
NO_DEADLINE_COMES = {"documents-worker": {"PROBE_SECONDS": "15"}}
"""Settings of a house whose tests wait for no deadline: looked at from outside as seldom as a real one. Where
they do, the verdict on the incomplete would wait for the first look after it."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
"""Seconds between two questions: more and more for what is long in coming."""


async def until(ask: Callable[[], Awaitable[T | None]], what: str, seconds: float = 60) -> T:
    """Ask again and again; the first answer that is not None or False."""
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        found = await ask()
        if found is not None and found is not False:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.4, _LONGEST_PAUSE)


@dataclass(frozen=True)
class Command:
    """How a command ended: what it says on stdout is JSON, on stderr French."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        assert self.code == 0, self.err or self.out
        return json.loads(self.out)


@dataclass
class House:
    """All parts and services, and the sessions opened so far."""

    stack: LocalStack
    calendar_file: Path
    sessions: list[DemoCalendar]

    @property
    def addresses(self) -> Addresses:
        return self.stack.addresses

    async def open_session(
        self, session_id: str, *, window: int, documents: int, reminders: tuple[int, ...] = ()
    ) -> DemoCalendar:
        """Install one more session, whose window opens now; `accounts` knows it on return."""
        calendar = _opening_now(session_id, window, documents, reminders)
        calendar.write(self.calendar_file)
        await self.stack.restart(CALENDAR_PART)
        self.sessions.append(calendar)
        await self.known(session_id)
        return calendar

    async def known(self, session_id: str) -> None:
        """Wait until `accounts` knows the session: then accounts can be opened in it."""

        async def there() -> bool:
            query = "SELECT 1 FROM exam_session WHERE session_id = $1"
            return bool(await self.rows("accounts", query, session_id))

        await until(there, f"accounts knows the session {session_id}")

    def browser(self, seconds: float = 30) -> httpx.AsyncClient:
        """A new one at the gateway. In the clear: reading whom to trust would take 30 ms each time."""
        return httpx.AsyncClient(base_url=self.addresses.gateway, timeout=seconds, verify=False)

    async def rows(self, service: str, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Ask the database of a service."""
        conn = await asyncpg.connect(self.addresses.databases[service])
        try:
            return [dict(record) for record in await conn.fetch(query, *arguments)]
        finally:
            await conn.close()

    async def row(self, service: str, query: str, *arguments: Any) -> dict[str, Any]:
        (found,) = await self.rows(service, query, *arguments)
        return found

    async def outbox(self, service: str, key: UUID) -> list[dict[str, Any]]:
        """The facts a service told about a key, in their order; `event` is the payload."""
        found = await self.rows(
            service,
            "SELECT ce_id, topic, type, payload, headers, created_at, published_at FROM outbox"
            " WHERE key = $1 ORDER BY id",
            key,
        )
        return [
            row | {"event": json.loads(row["payload"]), "headers": json.loads(row["headers"])}
            for row in found
        ]

    async def records(self, topic: str) -> list[Record]:
        """Every record of a topic, as it is now; within a partition in order."""
        settings = KafkaSettings(bootstrap_servers=self.addresses.kafka)
        count = (await partition_counts(settings))[topic]
        places = [TopicPartition(topic, number) for number in range(count)]
        found: list[Record] = []
        consumer = reader(settings)
        await consumer.start()
        try:
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            left = {place for place in places if ends[place]}
            while left:
                for batch in (await consumer.getmany(*left, timeout_ms=500)).values():
                    found.extend(
                        Record(topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers))
                        for raw in batch
                    )
                left = {place for place in left if await consumer.position(place) < ends[place]}
        finally:
            await consumer.stop()
        return found

    async def dead_letters(self, candidate_id: UUID) -> list[DeadLetter]:
        """Those about a candidate that are not closed, as `candidat-libre dead-letters list` has them."""
        found = await list_dead_letters(KafkaSettings(bootstrap_servers=self.addresses.kafka))
        return [one for one in found if one.record.candidate_id == candidate_id and not one.state.closed]

    async def officer(self, *words: str) -> "Command":
        """Run `candidat-libre officer …` as a newcomer does; the addresses are found by their file."""
        return await self.command(
            "officer", "--addresses", str(self.addresses.root / "addresses.json"), *words
        )

    async def command(self, *words: str) -> "Command":
        """Run `candidat-libre …` as a process of its own."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deploy.cli.main",
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"KAFKA_BOOTSTRAP_SERVERS": self.addresses.kafka, "COLUMNS": "200"},
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return Command(process.returncode or 0, out.decode(), err.decode())

    async def temporal(self) -> Client:
        return await Client.connect(self.addresses.temporal, data_converter=pydantic_data_converter)


@asynccontextmanager
async def running_house(
    extra_environment: Mapping[str, Mapping[str, str]] | None = None,
    *,
    settings: StackSettings | None = None,
) -> AsyncIterator[House]:
    """A stack of one's own in a fresh folder, with a session open that has no near limits."""
    with new_root() as folder:
        calendar_file = folder / "session.toml"
        open_session = _opening_now(OPEN_SESSION, window=6 * 3600, documents=6 * 3600)
        open_session.write(calendar_file)
        async with LocalStack(
            folder / "stack",
            calendar_file=calendar_file,
            usual_ports=False,
            settings=settings or StackSettings(database_fsync=False),
            extra_environment=extra_environment,
        ) as stack:
            found = House(stack, calendar_file, [open_session])
            await found.known(OPEN_SESSION)
            yield found


def _opening_now(
    session_id: str, window: int, documents: int, reminders: tuple[int, ...] = ()
) -> DemoCalendar:
    return DemoCalendar(
        opens_at=datetime.now(UTC),
        session_id=session_id,
        window=window,
        documents=documents,
        activation=600,
        grace=1,
        reminders=reminders,
    )
