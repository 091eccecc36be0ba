"""An upload that is answered before its body was read: the answer waits until the rest is read away.

A browser that still sends shows no answer, and its page says that the connection broke (decision 0004). What
is read away goes nowhere, and is bounded: who sends on after that gets the answer or a cut.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Send

_TOO_SLOW = 408


@dataclass(frozen=True, slots=True)
class Bounds:
    seconds: float = 60
    size_bytes: int = 270_000_000
    """A film from a phone: its sender should read why it is not taken. The gateway answers larger ones."""


def reading_away(
    headers: Headers, receive: Receive, send: Send, bounds: Bounds = Bounds()
) -> tuple[Receive, Send]:
    """The two sides of a request whose answer waits for its body.

    Answered at once are those who have not begun to send (RFC 9110 §10.1.1), who declare more than the
    bounds, and who were waited for long enough already (408).
    """
    if _is_not_waited_for(headers, bounds):
        return receive, send
    body = _Body(receive)

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] != _TOO_SLOW:
            await body.read_away(bounds)
        await send(message)

    return body.receive, answer


def _is_not_waited_for(headers: Headers, bounds: Bounds) -> bool:
    declared = headers.get("content-length", "")
    too_much = declared.isascii() and declared.isdecimal() and int(declared) > bounds.size_bytes
    return too_much or headers.get("expect", "").lower() == "100-continue"


class _Body:
    """What comes of a request, and whether more of it is to come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def receive(self) -> Message:
        message = await self._receive()
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def read_away(self, bounds: Bounds) -> None:
        left = bounds.size_bytes
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(bounds.seconds):
                while self._more and left > 0:
                    left -= len((await self.receive()).get("body", b""))
