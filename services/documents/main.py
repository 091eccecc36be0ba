"""Starts this service: `python -m services.documents.main http|worker`."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.chassis.context import Context, open_context
from services.chassis.http import create_app
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.serving import serve_until_signal
from services.chassis.telemetry import configure
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import run_parts
from services.documents.activities import Activities
from services.documents.api import ROUTERS
from services.documents.api.candidate import UPLOAD_PATHS
from services.documents.api.resources import handle_refusals
from services.documents.consumers import consumers
from services.documents.inspecting import Inspectors
from services.documents.objects import Objects
from services.documents.settings import Settings
from services.documents.sweeping import Sweeper


@asynccontextmanager
async def _open_objects(app: FastAPI, ctx: Context[Settings]) -> AsyncIterator[None]:
    settings = ctx.settings
    app.state.objects = Objects(settings.object_store_url)
    async with Inspectors(settings.checks_at_once, settings.check_seconds) as inspectors:
        app.state.inspectors = inspectors
        yield


def application(settings: Settings) -> FastAPI:
    """The HTTP application."""
    app = create_app(
        settings, ROUTERS, title="Pièces justificatives", upload_paths=UPLOAD_PATHS, lifespan=_open_objects
    )
    handle_refusals(app)
    return app


async def work(settings: Settings) -> None:
    """Relay, consumers, activities, and the sweeping of erased people's objects."""
    kafka = KafkaSettings()
    async with open_context(settings) as ctx:
        relay = Relay(
            service=settings.service_name,
            database_url=settings.database_url.get_secret_value(),
            kafka=kafka,
            readiness=ctx.readiness,
        )
        activities = ActivityWorker(settings, ctx.readiness, Activities(ctx).queues())
        sweeper = Sweeper(ctx, Objects(settings.object_store_url))
        await run_parts([relay, consumers(ctx, kafka), activities, sweeper], settings, ctx.readiness)


def main() -> None:
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ("http", "worker"):
        sys.exit("usage: python -m services.documents.main http|worker")
    settings = Settings()
    configure(settings.service_name, role, settings.log_level)
    if role == "http":
        asyncio.run(serve_until_signal(application(settings), settings.http_host, settings.http_port))
    else:
        asyncio.run(work(settings))


if __name__ == "__main__":
    main()
