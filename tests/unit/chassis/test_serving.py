"""What a real server keeps of a request that is answered."""

import asyncio
import socket
from contextlib import suppress

from starlette.types import Message, Receive, Scope, Send

from services.chassis.readiness import Readiness
from services.chassis.serving import serve_until_cancelled

LONG = 15.0


class Holding:
    """Answers while it still waits for the body, and keeps what it was given, as a traceback does that refers
    to itself."""

    def __init__(self) -> None:
        self.kept: list[Receive] = []
        self.waiting: list[asyncio.Future[Message]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            return
        self.kept.append(receive)
        self.waiting.append(asyncio.ensure_future(receive()))
        await asyncio.sleep(0.1)
        await send({"type": "http.response.start", "status": 408, "headers": []})
        await send({"type": "http.response.body", "body": b"too slow"})


async def test_a_request_answered_before_its_body_had_come_keeps_no_process_from_ending() -> None:
    app = Holding()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    serving = asyncio.create_task(
        serve_until_cancelled(app, "127.0.0.1", port, readiness=Readiness(), notice_seconds=0)
    )
    async with asyncio.timeout(LONG):
        reader, writer = await _connected(port)
        writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 20\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        for _ in range(3):  # one for who waited, and what nobody waits for any more
            with suppress(ConnectionError):  # the server may have gone from it already, as it should
                writer.write(b"a")
                await writer.drain()
            await asyncio.sleep(0.05)
        writer.close()
        serving.cancel()
        await asyncio.wait({serving})
    assert app.kept


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
