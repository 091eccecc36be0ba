"""Ready by name, asked within a bound; opened beside the serving; and ended within its time."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from services.chassis.http import operations
from services.chassis.opening import NotYetOpen, opened_beside
from services.chassis.readiness import Readiness


async def test_a_probe_that_hangs_is_no_answer_and_is_not_asked_again_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.readiness._PATIENCE_SECONDS", 0.05)
    readiness, asked, hangs = Readiness(), 0, asyncio.Event()

    async def ask() -> None:
        nonlocal asked
        asked += 1
        await hangs.wait()

    readiness.probe("database", ask)
    answers = await asyncio.gather(*(readiness.reasons() for _ in range(20)))
    assert answers == [{"database": "no-answer"}] * 20
    assert asked == 1
    hangs.set()
    await asyncio.sleep(0)
    assert await readiness.reasons() == {}


async def test_what_ends_is_not_ready_whatever_its_parts_say() -> None:
    readiness = Readiness()
    readiness.end()
    assert await readiness.reasons() == {"process": "ending"}


def _app(readiness: Readiness) -> FastAPI:
    app = FastAPI()
    app.include_router(operations(readiness))

    @app.get("/page")
    async def page() -> str:
        return "there"

    app.add_middleware(NotYetOpen)
    return app


async def _statuses(app: FastAPI) -> list[int]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        return [(await client.get(path)).status_code for path in ("/health/live", "/health/ready")]


async def test_alive_and_not_ready_while_the_resources_are_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.opening._SOON_SECONDS", 0.01)
    readiness, there, left = Readiness(), asyncio.Event(), asyncio.Event()
    app = _app(readiness)

    @asynccontextmanager
    async def resources() -> AsyncIterator[None]:
        await there.wait()
        yield
        left.set()

    async with opened_beside(app.state, readiness, resources):
        assert await _statuses(app) == [200, 503]
        assert app.state.opening
        there.set()
        await asyncio.sleep(0.01)
        assert await _statuses(app) == [200, 200]
        assert not app.state.opening
    assert left.is_set()


async def test_what_fails_at_once_ends_the_start() -> None:
    @asynccontextmanager
    async def resources() -> AsyncIterator[None]:
        raise ValueError
        yield

    with pytest.raises(ValueError, match=r"^$"):
        async with opened_beside(FastAPI().state, Readiness(), resources):
            pass


async def test_what_fails_later_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.opening._SOON_SECONDS", 0.01)
    monkeypatch.setattr("services.chassis.opening._AGAIN_SECONDS", 0.05)
    readiness, tries = Readiness(), 0

    @asynccontextmanager
    async def resources() -> AsyncIterator[None]:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0.03)
        if tries == 1:
            raise ValueError
        yield

    async with opened_beside(FastAPI().state, readiness, resources):
        await asyncio.sleep(0.05)
        assert await readiness.reasons() == {"start": "ValueError"}
        async with asyncio.timeout(5):
            while await readiness.reasons():  # noqa: ASYNC110 - it is the answer that is waited for
                await asyncio.sleep(0.01)
    assert tries == 2


_ROLE = """
import asyncio
from services.chassis.entry import Role, start
from services.chassis.settings import Settings

async def run(settings):
    print("runs", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep({seconds})

start("sample", {{"role": Role(Settings, run)}})
"""


@pytest.mark.parametrize(("seconds", "code"), [(0.1, 0), (30, 1)])
def test_what_ends_in_time_exits_with_0_and_what_does_not_with_1(seconds: float, code: int) -> None:
    origins = {f"{name}_URL": "http://x" for name in ("ACCOUNTS", "SESSIONS", "REGISTRATION", "DOCUMENTS")}
    told = {
        "SERVICE_NAME": "sample",
        "SERVICE_SECRET": "s",
        "PUBLIC_URL": "http://x",
        "SHUTDOWN_SECONDS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _ROLE.format(seconds=seconds), "role"],
        env=os.environ | told | origins | {"NOTIFICATIONS_URL": "http://x"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "runs\n"
    process.terminate()
    assert process.wait(20) == code
    process.stdout.close()
