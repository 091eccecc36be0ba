"""Uploads on the real server: what a cut connection leaves, and what a hostile sender can hold."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from starlette.types import Receive, Scope, Send

from services.chassis.identity import Identity
from services.chassis.serving import server, stop_serving
from tests.integration.documents.paging import token as form_token
from tests.integration.documents.world import IN_TIME, Site
from tests.unit.documents import papers

PDF = papers.pdf(5)


@dataclass
class Door:
    """The served application, spoken to byte by byte."""

    site: Site
    port: int

    async def begin(
        self, candidate: UUID, length: int | None = None, sent: bytes = b""
    ) -> asyncio.StreamWriter:
        """Send headers and a part of the body; returns once the attempt stands on the row."""
        _, writer = await self.send(candidate, f"Content-Length: {length or len(PDF)}", sent)
        for _ in range(250):
            if (await self.site.world.row(candidate)).faults:
                return writer
            await asyncio.sleep(0.02)
        raise AssertionError("the attempt did not begin")

    async def send(
        self, candidate: UUID, framing: str, body: bytes
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        token = self.site.issuer.issue(Identity("candidate", str(candidate)))
        lines = (
            "POST /api/documents/me/pieces/p2/files HTTP/1.1",
            "Host: public.test",
            f"X-Identity-Token: {token}",
            f"X-Arrived-At: {int(IN_TIME.timestamp() * 1000)}",
            "Content-Type: application/pdf",
            framing,
            "Connection: close",
            "",
            "",
        )
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()
        return reader, writer


@pytest.fixture
async def door(site: Site, unused_tcp_port: int) -> AsyncIterator[Door]:
    transport = site.client._transport
    app = transport.app  # type: ignore[attr-defined]

    async def opened_already(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await app(scope, receive, send)

    running = server(opened_already, "127.0.0.1", unused_tcp_port)
    task = asyncio.create_task(running.serve())
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
                writer.close()
                break
            await asyncio.sleep(0.05)
    yield Door(site, unused_tcp_port)
    stop_serving(running)
    await asyncio.wait({task}, timeout=5)


async def answer(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return (await reader.read()).split(b"\r\n", 1)[0]


async def settled_faults(site: Site, candidate: UUID) -> int:
    await asyncio.sleep(0.5)
    return len((await site.world.row(candidate)).faults)


async def test_a_whole_upload_is_stored(door: Door) -> None:
    candidate = await door.site.world.saved()
    reader, writer = await door.send(candidate, f"Content-Length: {len(PDF)}", PDF)
    assert b"201" in await answer(reader)
    writer.close()
    assert (await door.site.world.row(candidate)).faults == {}


async def test_a_cut_upload_leaves_a_fault_and_no_file(door: Door) -> None:
    candidate = await door.site.world.saved()
    writer = await door.begin(candidate, sent=PDF[:200])
    writer.transport.abort()
    assert await settled_faults(door.site, candidate) == 1
    assert await door.site.world.file_states(candidate, "p2") == []
    assert door.site.objects(candidate) == []


async def test_a_politely_closed_half_is_no_whole_file(door: Door) -> None:
    """A truncated body must never be taken for the file, however the connection ends."""
    candidate = await door.site.world.saved()
    writer = await door.begin(candidate, length=len(PDF) + 10, sent=PDF)
    writer.write_eof()
    assert await settled_faults(door.site, candidate) == 1
    assert await door.site.world.file_states(candidate, "p2") == []
    writer.close()


async def test_a_cut_chunked_body_is_no_whole_file(door: Door) -> None:
    candidate = await door.site.world.saved()
    chunk = b"%x\r\n%s\r\n" % (len(PDF), PDF)
    _, writer = await door.send(candidate, "Transfer-Encoding: chunked", chunk)
    await asyncio.sleep(0.3)
    writer.transport.abort()
    assert await settled_faults(door.site, candidate) == 1
    assert await door.site.world.file_states(candidate, "p2") == []


async def test_a_refused_body_is_answered_though_it_is_still_being_sent(door: Door) -> None:
    candidate = await door.site.world.saved()
    reader, writer = await door.send(candidate, f"Content-Length: {1 << 30}", b" " * 65536)
    assert b"413" in await answer(reader)
    writer.close()
    assert (await door.site.world.row(candidate)).faults == {}


LARGE = b"%PDF-1.4" + b"0" * (5 << 20)


@pytest.mark.parametrize(
    ("path", "known", "status"),
    [
        ("/documents/envoi/p2?jeton={}", False, b"303"),
        ("/documents/envoi/p2?jeton=0", True, b"403"),
        ("/api/documents/me/pieces/p2/files", False, b"401"),
        ("/api/documents/me/pieces/p9/files", True, b"404"),
    ],
    ids=["login ended", "form of another login", "API without login", "piece not asked"],
)
async def test_a_large_file_refused_before_it_was_read_gets_its_answer_and_no_reset(
    door: Door, path: str, known: bool, status: bytes
) -> None:
    """Who is told nothing but a broken connection sends the same again, in vain, until the deadline."""
    candidate = await door.site.world.saved()
    jeton = await form_token(door.site, "/documents/p2", candidate)
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    token = door.site.issuer.issue(Identity("candidate", str(candidate)))
    lines = [
        f"POST {path.format(jeton)} HTTP/1.1",
        "Host: public.test",
        f"Cookie: navigateur={door.site.client.cookies['navigateur']}",
        f"X-Arrived-At: {int(IN_TIME.timestamp() * 1000)}",
        "Accept: text/html",
        "Content-Type: application/pdf",
        f"Content-Length: {len(LARGE)}",
        *([f"X-Identity-Token: {token}"] if known else []),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + LARGE)
    async with asyncio.timeout(20):
        await writer.drain()
        assert status in await reader.readline()
    writer.close()
    assert await door.site.world.file_states(candidate, "p2") == []
