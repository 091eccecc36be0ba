"""Serve an ASGI application on granian, in this one process, until SIGINT or SIGTERM."""

import asyncio
import signal

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

_DRAIN_SECONDS = 20


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
    )


def stop_serving(running: Server) -> None:
    """Ask a running server to end; its running requests go on."""
    running.stop()  # type: ignore[no-untyped-call]


async def serve_until_signal(app: ASGIApp, host: str, port: int) -> None:
    """Serve; the first signal lets running requests end, for at most the drain time."""
    running = server(app, host, port)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(running.serve())
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not serving.done():
        stop_serving(running)
        await asyncio.wait({serving}, timeout=_DRAIN_SECONDS)
    if serving.done():
        serving.result()
    else:
        serving.cancel()
