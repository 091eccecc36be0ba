"""A worker process: parts that run side by side until a signal, and a health page.

A part that fails is started again after a wait, and the process is not ready meanwhile. SIGTERM cancels
the parts; each ends what it has in hand.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import FastAPI

from services.chassis.http import operations
from services.chassis.readiness import Readiness
from services.chassis.serving import server, stop_serving
from services.chassis.settings import Settings
from services.chassis.telemetry import describe, log

_DRAIN_SECONDS = 20
_RESTART_SECONDS = (0.2, 5.0)


class Part(Protocol):
    """Something that runs until it is cancelled, then ends what it has in hand."""

    @property
    def name(self) -> str: ...

    async def run(self) -> None: ...


async def run_parts(parts: Sequence[Part], settings: Settings, readiness: Readiness) -> None:
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with _health_page(settings, readiness):
        tasks = [asyncio.create_task(_keep_running(part, readiness), name=part.name) for part in parts]
        log.info("worker started", parts=[part.name for part in parts])
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)
    log.info("worker ended")


async def _keep_running(part: Part, readiness: Readiness) -> None:
    shortest, longest = _RESTART_SECONDS
    wait = shortest
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            await part.run()
            reason = "ended"
        except Exception as error:  # noqa: BLE001 - whatever ended the part, it is started again
            reason = type(error).__name__
            log.error("part failed, starting it again", part=part.name, **describe(error))
        readiness.report(part.name, reason)
        wait = shortest if loop.time() - began > longest * 2 else min(wait * 2, longest)
        await asyncio.sleep(wait)
        readiness.report(part.name, None)


@asynccontextmanager
async def _health_page(settings: Settings, readiness: Readiness) -> AsyncIterator[None]:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(operations(readiness))
    running = server(app, settings.http_host, settings.health_port)
    task = asyncio.create_task(running.serve())
    try:
        yield
    finally:
        stop_serving(running)
        await asyncio.wait({task}, timeout=2)
