"""Ready says whether the answers are true, alive only that the loop turns: parts hang, or are not there."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from deploy.local.processes import DEPLOYABLES
from tests.e2e.house import House, until
from tests.integration.processes.conftest import alive_seconds, hanging, reasons

WITH_DATABASE = [each.name for each in DEPLOYABLES if each.service != "workflows"]
WITH_TEMPORAL = [
    each.name for each in DEPLOYABLES if each.role in ("worker", "bridge") and each.service != "notifications"
]
WITH_CONSUMERS = ["accounts-worker", "registration-worker", "documents-worker", "notifications-worker"]
SOON = 3.0


async def _all_ready(house: House) -> None:
    async def ready() -> bool:
        found = await asyncio.gather(*(reasons(house, each.name) for each in DEPLOYABLES))
        return not any(found)

    await until(ready, "every process is ready", 60)


@pytest.fixture(autouse=True)
async def _from_ready_to_ready(house: House) -> None:
    await _all_ready(house)


def _says(house: House, name: str, part: str, *why: str) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return (await reasons(house, name)).get(part) in (why or (None,))

    return said


async def test_a_database_that_hangs_is_told_by_those_who_need_it_and_everybody_stays_alive(
    house: House,
) -> None:
    with hanging(house, "postgres"):
        found = await asyncio.gather(*(reasons(house, name) for name in WITH_DATABASE))
        assert [one["database"] for one in found] == ["no-answer"] * len(WITH_DATABASE)
        for _ in range(3):
            took = await asyncio.gather(*(alive_seconds(house, each.name) for each in DEPLOYABLES))
            assert max(took) < SOON
        assert "database" not in await reasons(house, "workflows-worker")
    await _all_ready(house)


async def test_alive_behind_hundreds_of_requests_that_hang(house: House) -> None:
    """Each asks the session check for a session, which it cannot look up."""
    name = "accounts-sessions"
    origin = urlsplit(house.addresses.services[name])
    ask = b"GET /internal/authenticate HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nobody\r\n\r\n"
    with hanging(house, "postgres"):
        crowd = [await asyncio.open_connection(origin.hostname, origin.port) for _ in range(300)]
        for _, writer in crowd:
            writer.write(ask)
        await asyncio.sleep(1)
        took = [await alive_seconds(house, name) for _ in range(5)]
        assert max(took) < SOON
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(reader.readline() for reader, _ in crowd))
    for _, writer in crowd:
        writer.close()
    assert {answer.split()[1] for answer in answers} <= {b"200", b"503"}


async def test_temporal_that_is_away_is_told_by_its_workers(house: House) -> None:
    with hanging(house, "temporal"):
        for name in WITH_TEMPORAL:
            assert "temporal" in await reasons(house, name), name
            assert await alive_seconds(house, name) < SOON
        assert await reasons(house, "registration-http") == {}
    await _all_ready(house)


async def test_kafka_that_hangs_is_told_by_those_who_listen(house: House) -> None:
    with hanging(house, "kafka"):
        for name in WITH_CONSUMERS:
            service = name.partition("-")[0]
            heard = "notifications" if service == "accounts" else "accounts"
            part = f"{service}.{heard} lag"
            await until(_says(house, name, part, "kafka-away"), f"{name} misses kafka", 30)
            assert await alive_seconds(house, name) < SOON
        assert await reasons(house, "accounts-http") == {}
    await _all_ready(house)


async def test_a_consumer_that_leaves_a_fact_waiting_is_late(house: House) -> None:
    blocker = await asyncpg.connect(house.addresses.databases["documents"])
    try:
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
            await _tell_something(house)
            await until(_says(house, "documents-worker", "documents.accounts lag", "late"), "late", 30)
            assert await alive_seconds(house, "documents-worker") < SOON
    finally:
        await blocker.close()
    await _all_ready(house)


async def _tell_something(house: House) -> None:
    """A fact about a new candidate."""
    async with house.browser() as browser:
        account = {"email": "en-retard@courriel.example", "password": "chaque-jour-une-page-42"}
        assert (await browser.post("/api/accounts", json=account)).status_code == 202


async def _answers(house: House, name: str) -> None:
    """Waits until a process that is starting says that it is alive."""

    async def alive() -> bool:
        with suppress(httpx.TransportError):
            return await alive_seconds(house, name) < SOON
        return False

    await until(alive, f"{name} is alive", 40)


@pytest.mark.parametrize("name", ["documents-http", "documents-worker"])
async def test_a_process_that_starts_while_the_database_hangs_is_alive_and_waits(
    house: House, name: str
) -> None:
    await house.stack.stop(name)
    with hanging(house, "postgres"):
        starting = asyncio.create_task(house.stack.start(name))
        await _answers(house, name)
        assert set(await reasons(house, name)) & {"database", "start"}
        if name.endswith("http"):
            async with httpx.AsyncClient(base_url=house.addresses.services[name]) as client:
                refused = await client.get("/api/documents/me")
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "5"
    await starting
    await _all_ready(house)


async def test_a_process_told_to_go_while_it_waits_for_the_database_goes_at_once(house: House) -> None:
    name = "registration-http"
    await house.stack.stop(name)
    with hanging(house, "postgres"):
        starting = asyncio.create_task(house.stack.start(name))
        await _answers(house, name)
        child = house.stack.child(name)
        child.asked_to_end = True
        os.kill(child.pid, signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await child.wait() == 0
        with suppress(Exception):
            await starting
    await house.stack.restart(name)
