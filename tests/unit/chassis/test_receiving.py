"""A body that comes slowly to a real server: over a bad line, or from somebody who wants all the places."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from services.chassis.http import create_app
from services.chassis.serving import serve_until_cancelled
from services.chassis.settings import Settings
from tests.unit.chassis.test_http import routes

ORIGINS: dict[str, Any] = {
    f"{name}_url": "http://nobody.test"
    for name in ("public", "accounts", "sessions", "registration", "documents", "notifications")
}
HEAD = b"POST /api/sample/names HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
BODY = b'{"name": "Camille"}'
LONG = 30.0


@dataclass
class Process:
    port: int
    serving: asyncio.Task[None]

    async def begin(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A request whose body has begun to come."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(HEAD + f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:5])
        await writer.drain()
        return reader, writer

    async def told_to_go(self) -> None:
        """Returns when it has ended."""
        self.serving.cancel()
        await asyncio.wait_for(asyncio.wait({self.serving}), LONG)


@asynccontextmanager
async def process(*, body_seconds: float, shutdown_seconds: float = LONG) -> AsyncIterator[Process]:
    """An application of routes that need no part."""
    settings = Settings(
        service_name="sample",
        service_secret="s",
        body_seconds=body_seconds,
        shutdown_seconds=shutdown_seconds,
        **ORIGINS,
    )
    app = create_app(settings, [routes()], title="sample")

    async def at_once(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
        else:
            await app(scope, receive, send)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    serving = asyncio.create_task(
        serve_until_cancelled(at_once, "127.0.0.1", port, readiness=app.state.readiness, notice_seconds=0)
    )
    made = Process(port, serving)
    try:
        await _is_there(port)
        yield made
    finally:
        await made.told_to_go()


async def _is_there(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, asyncio.timeout(LONG):
        while True:
            try:
                await client.get("/health/live")
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return


async def answer(reader: asyncio.StreamReader) -> str:
    return (await asyncio.wait_for(reader.read(4000), LONG / 2)).decode()


async def test_a_body_that_takes_too_long_is_answered_and_holds_no_place() -> None:
    async with process(body_seconds=0.3) as made:
        reader, writer = await made.begin()
        told = await answer(reader)
        assert told.startswith("HTTP/1.1 408 ")
        assert "probleme:demande-trop-lente" in told
        assert "Rien n’a été enregistré" in told
        writer.close()


async def test_a_body_that_trickles_in_has_no_more_time_than_one_that_stops() -> None:
    async with process(body_seconds=0.5) as made:
        reader, writer = await made.begin()
        answered = asyncio.create_task(answer(reader))
        for byte in BODY[5:-1]:
            writer.write(bytes([byte]))
            await asyncio.wait({answered}, timeout=0.2)
        assert (await answered).startswith("HTTP/1.1 408 ")
        writer.close()


async def test_a_body_that_pauses_within_the_time_counts() -> None:
    async with process(body_seconds=LONG) as made:
        reader, writer = await made.begin()
        await asyncio.sleep(0.2)
        writer.write(BODY[5:])
        told = await answer(reader)
        assert told.startswith("HTTP/1.1 200 ")
        assert "Camille" in told
        writer.close()


async def test_a_process_that_is_told_to_go_does_not_wait_for_a_slow_body() -> None:
    async with process(body_seconds=LONG, shutdown_seconds=1) as made:
        reader, writer = await made.begin()
        await asyncio.sleep(0.1)
        async with asyncio.timeout(LONG / 2):
            await made.told_to_go()
        told = await answer(reader)
        assert told.startswith("HTTP/1.1 503 "), "the fault is ours"
        assert "probleme:momentanement-indisponible" in told
        writer.close()


async def test_a_process_that_is_told_to_go_still_takes_what_comes_in_time() -> None:
    async with process(body_seconds=LONG, shutdown_seconds=2 * LONG) as made:
        reader, writer = await made.begin()
        await asyncio.sleep(0.1)
        ending = asyncio.create_task(made.told_to_go())
        await asyncio.sleep(0.1)
        writer.write(BODY[5:])
        assert (await answer(reader)).startswith("HTTP/1.1 200 ")
        await ending
        writer.close()
