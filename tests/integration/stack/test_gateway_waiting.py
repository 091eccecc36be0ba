"""A service that is being started again: the gateway waits for it, and sends nothing twice."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local import LocalStack
from tests.integration.stack.upstreams import Sessions, Upstream, received, serving

pytestmark = pytest.mark.stack
UPLOAD = "/api/documents/me/pieces/x/files"
BODY = b"x" * 3_000_000
AWAY_SECONDS = 1.5


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    root = tmp_path_factory.mktemp("gateway")
    async with LocalStack(root, only={"gateway"}, usual_ports=False) as stack:
        yield stack


@pytest.mark.parametrize("away", ["documents-http", "accounts-sessions"])
async def test_an_upload_waits_for_a_service_that_restarts_and_arrived_when_it_came(
    gateway: LocalStack, away: str
) -> None:
    origins = gateway.addresses.services
    apps: dict[str, Upstream | Sessions] = {
        "documents-http": Upstream("documents-http"),
        "accounts-sessions": Sessions(),
    }
    late = apps.pop(away)
    ((there, app),) = apps.items()
    async with serving(app, origins[there]):
        before = time.time() * 1000
        sending = asyncio.create_task(_post(gateway))
        await asyncio.sleep(AWAY_SECONDS)
        async with serving(late, origins[away]):
            answer = await sending
    assert answer.status_code == 200
    assert answer.json()["size"] == len(BODY)
    (arrived,) = received(answer.text, "X-Arrived-At")
    assert int(arrived) - before < AWAY_SECONDS * 1000 / 2


async def test_an_upload_that_had_begun_to_be_sent_is_never_sent_again(gateway: LocalStack) -> None:
    origins = gateway.addresses.services
    async with serving(Sessions(), origins["accounts-sessions"]), _dying(origins["documents-http"]) as heads:
        answer = await _post(gateway)
        await asyncio.sleep(1)
    assert answer.status_code == 503
    assert [head.split()[0] for head in heads] == [b"POST"]


async def _post(gateway: LocalStack) -> httpx.Response:
    async with httpx.AsyncClient(timeout=25) as client:
        return await client.post(f"{gateway.addresses.gateway}{UPLOAD}", content=BODY)


@asynccontextmanager
async def _dying(origin: str) -> AsyncIterator[list[bytes]]:
    """Reads each request's head and some of its body, and is gone; the heads."""
    heads: list[bytes] = []

    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read(1000)
        writer.transport.abort()

    parts = urlsplit(origin)
    async with await asyncio.start_server(die, parts.hostname, parts.port):
        yield heads
