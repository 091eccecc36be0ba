"""A worker process: parts that run side by side until they are cancelled, and a health page.

A part that fails is started again after a wait, and the process is not ready meanwhile. Cancelled, each part
ends what it has in hand.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from fastapi import FastAPI

from services.chassis.context import Context, open_context
from services.chassis.http import operations
from services.chassis.readiness import Readiness
from services.chassis.serving import server, stop_serving
from services.chassis.settings import Settings
from services.chassis.telemetry import describe, log

S = TypeVar("S", bound=Settings)

_RESTART_SECONDS = (0.2, 5.0)


class Part(Protocol):
    """Something that runs until it is cancelled, then ends what it has in hand."""

    @property
    def name(self) -> str: ...

    async def run(self) -> None: ...


async def run_parts(parts: Sequence[Part], readiness: Readiness) -> None:
    """Run until cancelled; returns no sooner than every part has ended."""
    tasks = [asyncio.create_task(_keep_running(part, readiness), name=part.name) for part in parts]
    log.info("worker started", parts=[part.name for part in parts])
    try:
        await asyncio.wait(tasks)
    finally:
        readiness.end()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


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
async def worker_context(settings: S) -> AsyncIterator[Context[S]]:
    """The context of a worker with a database; its health page answers while the database is waited for."""
    readiness = Readiness()
    async with health_page(settings, readiness), open_context(settings, readiness=readiness) as context:
        yield context


@asynccontextmanager
async def health_page(settings: Settings, readiness: Readiness) -> AsyncIterator[None]:
    """Liveness, readiness and metrics on a port of their own."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(operations(readiness))
    running = server(app, settings.http_host, settings.health_port)
    task = asyncio.create_task(running.serve())
    try:
        yield
    finally:
        stop_serving(running)
        await asyncio.wait({task}, timeout=2)
