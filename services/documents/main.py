"""Starts this service: `python -m services.documents.main http|worker`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.chassis.context import Context
from services.chassis.entry import Role, serving, start
from services.chassis.http import create_app
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import Part, run_parts, worker_context
from services.documents.activities import Activities
from services.documents.api import ROUTERS
from services.documents.api.candidate import UPLOAD_PATHS
from services.documents.api.resources import handle_refusals
from services.documents.commands.faults import Unwritten
from services.documents.consumers import consumers
from services.documents.figures import Figures
from services.documents.inspecting import Inspectors
from services.documents.leftovers import sweep_for_ever
from services.documents.looking import ObjectLook
from services.documents.objects import Objects
from services.documents.pages import ROUTERS as PAGE_ROUTERS
from services.documents.pages.piece import PAGE_UPLOAD_PATHS
from services.documents.pages.room import PAGES
from services.documents.receiving import PIECES_AWAY
from services.documents.recovery import recovery
from services.documents.settings import Settings
from services.documents.sweeping import Sweeper, UnnamedSweeper
from services.documents.turned_away.uploads import log_reader
from services.documents.turns import Places
from services.documents.watching import Watch


@asynccontextmanager
async def _open_objects(app: FastAPI, ctx: Context[Settings]) -> AsyncIterator[None]:
    settings = ctx.settings
    app.state.objects = Objects(settings.object_store_url)
    async with Inspectors(settings.checks_at_once, settings.check_seconds) as inspectors:
        app.state.inspectors = inspectors
        app.state.unwritten = Unwritten(ctx)
        app.state.places = Places(settings.uploads_at_once)
        sweeping = asyncio.create_task(sweep_for_ever(settings.upload_folder))
        try:
            yield
        finally:
            sweeping.cancel()
        await app.state.unwritten.close()


def application(settings: Settings) -> FastAPI:
    """The HTTP application."""
    app = create_app(
        settings,
        (*ROUTERS, *PAGE_ROUTERS),
        title="Pièces justificatives",
        pages=PAGES,
        upload_paths=(*UPLOAD_PATHS, *PAGE_UPLOAD_PATHS),
        part_away=PIECES_AWAY,
        lifespan=_open_objects,
    )
    handle_refusals(app)
    return app


async def work(settings: Settings) -> None:
    """Relay, consumers, activities, watch, logs, figures, and what sees to the stored objects."""
    kafka = KafkaSettings()
    async with worker_context(settings) as ctx:
        relay = Relay.of(ctx, kafka)
        activities = ActivityWorker(
            settings, ctx.readiness, Activities(ctx).queues() | recovery(ctx, kafka).queues()
        )
        objects = Objects(settings.object_store_url)
        parts: list[Part] = [relay, consumers(ctx, kafka), activities, log_reader(ctx)]
        parts += [Watch(ctx), Figures(ctx), Sweeper(ctx, objects), UnnamedSweeper(ctx, objects)]
        parts += [ObjectLook(ctx, objects)]
        await run_parts(parts, ctx.readiness)


if __name__ == "__main__":
    start(
        "services.documents.main",
        {"http": Role(Settings, serving(application)), "worker": Role(Settings, work)},
    )
