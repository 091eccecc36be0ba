"""Serve an ASGI application on granian, in this one process, until it is cancelled."""

import asyncio

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

from services.chassis.readiness import Readiness

_AT_ONCE = 2048
"""Connections worked on at once. Many, because each may wait for a part that hangs, and whoever asks whether
the process lives must not wait behind them."""


def server(app: ASGIApp, host: str, port: int) -> Server:
    """An embedded granian server. Its own log stays at warnings: access logs would carry paths."""
    return Server(
        app,
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
