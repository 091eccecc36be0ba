"""Small servers behind the real gateway, which tell what reached them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

KNOWN_SESSION = "session=known"
SIGNED = "signed.by.accounts"


@dataclass
class Upstream:
    """Answers with its own name and what it received."""

    name: str
    first_chunk: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        size = 0
        async for chunk in request.stream():
            if chunk:
                self.first_chunk.set()
            size += len(chunk)
        seen = {
            "service": self.name,
            "path": scope["raw_path"].decode(),
            "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
            "size": size,
        }
        await JSONResponse(seen)(scope, receive, send)


@dataclass
class Sessions:
    """The gateway's question: who is it? Anonymous answers carry no token, as the real one's."""

    delay_seconds: float = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await asyncio.sleep(self.delay_seconds)
        known = request.headers.get("cookie") == KNOWN_SESSION
        response = Response(status_code=200, headers={"X-Identity-Token": SIGNED} if known else None)
        await response(scope, receive, send)


@asynccontextmanager
async def serving(app: Upstream | Sessions, origin: str) -> AsyncIterator[None]:
    """Serve at `origin` until the block ends."""
    port = urlsplit(origin).port
    assert port is not None
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, lifespan="off", log_level="error", interface="asgi3")
    )
    task = asyncio.create_task(server._serve())
    for _ in range(500):
        if server.started:
            break
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def received(response_text: str, name: str) -> list[str]:
    """All values of a header that reached the service."""
    headers: list[tuple[str, str]] = json.loads(response_text)["headers"]
    return [value for header, value in headers if header == name.lower()]
