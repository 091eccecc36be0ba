"""Who sends slowly: a service is not kept by it for longer than the gateway's time, nor an answer lost."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from deploy.local import LocalStack, StackSettings
from tests.integration.stack.upstreams import Sessions, serving

pytestmark = pytest.mark.stack
LONGEST_SECONDS = 2
CREATE = "/api/accounts"
ANSWER = b"HTTP/1.1 408 X\r\nContent-Length: 3\r\nConnection: close\r\n\r\nlen"


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    root = tmp_path_factory.mktemp("gateway")
    brief = StackSettings(gateway_body_seconds=LONGEST_SECONDS)
    async with LocalStack(root, only={"gateway"}, usual_ports=False, settings=brief) as stack:
        yield stack


async def begin(
    gateway: LocalStack, *, all_of_it: bool = False
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request of which the body comes, or only begins to."""
    place = urlsplit(gateway.addresses.gateway)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = f"POST {CREATE} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b"x" * (1000 if all_of_it else 10))
    return reader, writer


async def test_a_service_is_not_kept_by_a_body_that_does_not_come(gateway: LocalStack) -> None:
    origins = gateway.addresses.services
    place = urlsplit(origins["accounts-http"])
    cut = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        cut.set()
        writer.close()

    async with (
        serving(Sessions(), origins["accounts-sessions"]),
        await asyncio.start_server(wait, place.hostname, place.port),
    ):
        _, writer = await begin(gateway)
        async with asyncio.timeout(LONGEST_SECONDS + 10):
            await cut.wait()
        writer.transport.abort()


@pytest.mark.parametrize("all_of_it", [True, False])
async def test_what_the_service_says_reaches_who_was_slow_and_who_waits_for_long(
    gateway: LocalStack, *, all_of_it: bool
) -> None:
    """Of a body that does not come, at the end of its time; of one that came, whenever it is said."""
    origins = gateway.addresses.services
    place = urlsplit(origins["accounts-http"])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(LONGEST_SECONDS * (2 if all_of_it else 0.5))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async with (
        serving(Sessions(), origins["accounts-sessions"]),
        await asyncio.start_server(answer, place.hostname, place.port),
    ):
        reader, writer = await begin(gateway, all_of_it=all_of_it)
        told = await asyncio.wait_for(reader.readuntil(b"\r\n\r\nlen"), LONGEST_SECONDS * 2 + 10)
        assert told.startswith(b"HTTP/1.1 408 ")
        writer.close()
