"""A refused upload is answered when a browser can show it: once it has sent all, or enough of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import Headers
from starlette.types import Message

from services.chassis.read_away import Bounds, reading_away

CHUNK = 1000
BOUNDS = Bounds(seconds=0.2, size_bytes=10 * CHUNK)


class Sender:
    """Sends so many chunks, and then ends, or `waits` in the middle of it."""

    def __init__(self, chunks: int, *, waits: bool = False) -> None:
        self.left = chunks
        self.sent = 0
        self.waits = waits
        self.answered: list[Message] = []

    async def receive(self) -> Message:
        if not self.left and self.waits:
            await asyncio.Event().wait()
        self.left -= 1
        self.sent += 1
        return {"type": "http.request", "body": b"0" * CHUNK, "more_body": self.left > 0 or self.waits}

    async def send(self, message: Message) -> None:
        self.answered.append(message)

    async def is_answered(self, status: int = 403, **headers: str) -> None:
        """A route answers without having read anything."""
        _, send = reading_away(Headers(headers), self.receive, self.send, BOUNDS)
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body"})
        assert [message["type"] for message in self.answered] == ["http.response.start", "http.response.body"]


async def test_the_answer_waits_until_all_is_sent() -> None:
    sender = Sender(7)
    await sender.is_answered()
    assert sender.sent == 7


async def test_who_sends_without_end_is_answered_at_the_bound() -> None:
    sender = Sender(10**9)
    await sender.is_answered()
    assert sender.sent == 10


async def test_who_stops_sending_is_answered_all_the_same() -> None:
    async with asyncio.timeout(5):
        await Sender(3, waits=True).is_answered()


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"content-length": str(10 * CHUNK + 1)}),
        (403, {"expect": "100-continue"}),
        (408, {}),
    ],
    ids=["declares more than the bound", "has not begun to send", "was waited for already"],
)
async def test_some_are_not_waited_for(status: int, headers: dict[str, str]) -> None:
    sender = Sender(3)
    await sender.is_answered(status, **headers)
    assert sender.sent == 0


async def test_what_the_route_read_to_its_end_is_not_read_again() -> None:
    sender = Sender(3)
    receive, send = reading_away(Headers(), sender.receive, sender.send, BOUNDS)

    async def route() -> AsyncIterator[Message]:
        while (message := await receive())["more_body"]:
            yield message

    assert len([message async for message in route()]) == 2
    await send({"type": "http.response.start", "status": 201})
    assert sender.sent == 3


async def test_who_went_away_is_not_waited_for() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    sender = Sender(0)
    _, send = reading_away(Headers(), gone, sender.send, BOUNDS)
    async with asyncio.timeout(5):
        await send({"type": "http.response.start", "status": 403})
