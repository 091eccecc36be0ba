"""Serve an ASGI application on granian, in this one process, until it is cancelled."""

import asyncio

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.readiness import Readiness

_AT_ONCE = 2048
"""Connections worked on at once. Many, because each may wait for a part that hangs, and whoever asks whether
the process lives must not wait behind them."""


class _Request:
    """What an application may hold of a request: once it is answered, nothing of granian's.

    granian (2.8) gives a body up when the application has answered, but not while a `receive` is still under
    way, and to end one that was cancelled takes a moment on a busy machine. A body that was not read to its
    end then stays, and with it the connection, for as long as anything refers to granian's own `receive`; a
    traceback does that refers to itself (FastAPI makes one of whatever a body's reading raises). Until the
    garbage collector comes by, the client's going is not seen, and a process that is told to go waits for it.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._theirs: tuple[Receive, Send] | None = (receive, send)

    def answered(self) -> None:
        self._theirs = None

    async def receive(self) -> Message:
        return await self._of_theirs()[0]()

    async def send(self, message: Message) -> None:
        await self._of_theirs()[1](message)

    def _of_theirs(self) -> tuple[Receive, Send]:
        if self._theirs is None:
            raise RuntimeError("this request has been answered")
        return self._theirs


def _letting_go(app: ASGIApp) -> ASGIApp:
    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(receive, send)
        del receive, send  # from this frame too, which a traceback may hold
        try:
            await app(scope, request.receive, request.send)
        finally:
            request.answered()

    return run


def server(app: ASGIApp, host: str, port: int) -> Server:
    """An embedded granian server. Its own log stays at warnings: access logs would carry paths."""
    return Server(
        _letting_go(app),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        log_access=False,
        websockets=False,
        backlog=_AT_ONCE,
        backpressure=_AT_ONCE,
    )


def stop_serving(running: Server) -> None:
    """Ask a running server to end: it takes no new connection, and its running requests go on."""
    running.stop()  # type: ignore[no-untyped-call]


async def serve_until_cancelled(
    app: ASGIApp, host: str, port: int, *, readiness: Readiness, notice_seconds: float
) -> None:
    """Serve; cancelled, say that this process is not ready, serve on for `notice_seconds` so that whoever
    sends requests here can hear it, then take no more and return when the running ones have ended.
    """
    running = server(app, host, port)
    serving = asyncio.create_task(running.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        readiness.end()
        await asyncio.wait({serving}, timeout=notice_seconds)
        stop_serving(running)
        await serving
        raise
