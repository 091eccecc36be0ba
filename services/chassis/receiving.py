"""The bodies of requests that are no uploads, received within a size and a time.

Who sends slowly holds a place of the process, and keeps one that is told to go from ending; for that nobody
needs to be logged in. Uploads have limits of their own, which their route keeps.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from services.chassis.problems import AWAY, RequestTimeout, TooLarge, Unavailable

LARGEST_BYTES = 256 * 1024


class Bodies:
    """What a process is receiving.

    seconds: for one body, from its headers to its end.
    ending_seconds: for all that are still coming when the process is told to go.
    """

    def __init__(self, *, seconds: float, ending_seconds: float) -> None:
        self._seconds = seconds
        self._ending_seconds = ending_seconds
        self._last = float("inf")
        self._waiting: set[asyncio.Timeout] = set()

    def end(self) -> None:
        """The process is told to go."""
        self._last = asyncio.get_running_loop().time() + self._ending_seconds
        for waiting in self._waiting:
            if not waiting.expired():
                waiting.reschedule(min(waiting.when() or self._last, self._last))

    def limited(self, receive: Receive, headers: Headers) -> Receive:
        """`receive`, which raises `TooLarge` or `RequestTimeout` at the limits; `Unavailable` at the end.

        Raises:
            TooLarge: the headers declare too much; nothing was read.
        """
        declared = headers.get("content-length", "0")
        if declared.isascii() and declared.isdecimal() and int(declared) > LARGEST_BYTES:
            raise _too_large()
        until = asyncio.get_running_loop().time() + self._seconds
        seen, whole = 0, False

        async def within_limits() -> Message:
            nonlocal seen, whole
            if whole:  # what comes then is that the client has gone
                return await receive()
            message = await self._next(receive, until)
            whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > LARGEST_BYTES:
                raise _too_large()
            return message

        return within_limits

    async def _next(self, receive: Receive, until: float) -> Message:
        waiting = asyncio.timeout_at(min(until, self._last))
        self._waiting.add(waiting)
        try:
            async with waiting:
                return await receive()
        except TimeoutError:
            raise (_too_slow() if until <= self._last else _ending()) from None
        finally:
            self._waiting.discard(waiting)


def _too_slow() -> RequestTimeout:
    return RequestTimeout(
        "demande-trop-lente",
        "Votre demande a mis trop de temps à nous parvenir. Rien n’a été enregistré ; ce qui l’était avant "
        "est gardé. Revenez à la page précédente, puis envoyez à nouveau.",
    )


def _ending() -> Unavailable:
    """That there was no more time is ours, so that the gateway writes it down (decision 0012)."""
    return Unavailable(
        AWAY,
        "Le service redémarre. Rien n’a été enregistré : réessayez dans quelques instants.",
        headers={"Retry-After": "5"},
    )


def _too_large() -> TooLarge:
    return TooLarge(
        "trop-volumineux",
        f"L’envoi dépasse la taille permise ({LARGEST_BYTES // 1024} Kio). Rien n’a été enregistré.",
        limit_bytes=LARGEST_BYTES,
    )
