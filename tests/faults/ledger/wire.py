"""Uploads as httpx cannot make them: cut half-way, or with a body that comes long after its headers.

`Expect: 100-continue` (RFC 9110 §10.1.1) has the gateway say that it has the headers: whatever comes later,
the request had arrived by then.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import h11

_READ_BYTES = 65_536


@dataclass
class Sending:
    """What is known of a request as it goes; `reached`: something of it has left."""

    reached: bool = False
    arrived_by: datetime | None = None
    status: int | None = None
    body: bytes = b""


@dataclass(frozen=True)
class Upload:
    """A request to be sent by hand. `hold_until`: the second half of its body leaves then."""

    gateway: str
    target: str
    headers: list[tuple[str, str]]
    content: bytes
    hold_until: datetime | None = None
    cut: bool = False


async def send(upload: Upload, sending: Sending, seconds: float) -> None:
    """Send; `sending` tells how far it came, also where this raises.

    Raises:
        OSError, TimeoutError, h11.ProtocolError: no answer.
    """
    async with asyncio.timeout(seconds):
        await _send(upload, sending)


async def _send(upload: Upload, sending: Sending) -> None:
    place = urlsplit(upload.gateway)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    talk = h11.Connection(h11.CLIENT)
    try:
        headers = [
            ("Host", place.netloc),
            ("Content-Length", str(len(upload.content))),
            ("Expect", "100-continue"),
            ("Connection", "close"),
            *upload.headers,
        ]
        sending.reached = True
        writer.write(talk.send(h11.Request(method="POST", target=upload.target, headers=headers)) or b"")
        await writer.drain()
        await _arrival(talk, reader, sending)
        if sending.status is None:
            await _body(talk, writer, upload)
        while talk.their_state in (h11.IDLE, h11.SEND_RESPONSE, h11.SEND_BODY):
            await _hear(talk, reader, sending)
    finally:
        if upload.cut:
            writer.transport.abort()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _arrival(talk: h11.Connection, reader: asyncio.StreamReader, sending: Sending) -> None:
    """Wait for the 100, or for an answer in its place."""
    while sending.arrived_by is None and sending.status is None:
        await _hear(talk, reader, sending)


async def _body(talk: h11.Connection, writer: asyncio.StreamWriter, upload: Upload) -> None:
    half = len(upload.content) // 2
    writer.write(talk.send(h11.Data(data=upload.content[:half])) or b"")
    await writer.drain()
    if upload.hold_until is not None:
        await asyncio.sleep(max(0.0, (upload.hold_until - datetime.now(UTC)).total_seconds()))
    if upload.cut:
        raise ConnectionAbortedError("cut")
    writer.write(talk.send(h11.Data(data=upload.content[half:])) or b"")
    writer.write(talk.send(h11.EndOfMessage()) or b"")
    await writer.drain()


async def _hear(talk: h11.Connection, reader: asyncio.StreamReader, sending: Sending) -> None:
    event = talk.next_event()
    if event is h11.NEED_DATA:
        talk.receive_data(await reader.read(_READ_BYTES))
    elif isinstance(event, h11.InformationalResponse) and event.status_code == 100:
        sending.arrived_by = datetime.now(UTC)
    elif isinstance(event, h11.Response):
        sending.status = event.status_code
    elif isinstance(event, h11.Data):
        sending.body += bytes(event.data)
    elif isinstance(event, h11.ConnectionClosed):
        raise ConnectionResetError("closed before the answer")
