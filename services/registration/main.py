"""Starts this service: `python -m services.registration.main http|worker`."""

import asyncio
import sys

from fastapi import FastAPI

from services.chassis.context import Context, open_context
from services.chassis.http import create_app
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.serving import serve_until_signal
from services.chassis.telemetry import configure, log
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import run_parts
from services.registration import pages
from services.registration.activities import Activities
from services.registration.api import ROUTERS
from services.registration.api.resources import handle_refusals
from services.registration.commands.sessions import install
from services.registration.configuration import calendar
from services.registration.consumers import consumers
from services.registration.settings import Settings


def application(settings: Settings) -> FastAPI:
    """The HTTP application. The configuration is read at once: a wrong file stops the start."""
    _ = settings.configuration
    app = create_app(settings, [*ROUTERS, pages.router], title="Inscription des candidats individuels")
    handle_refusals(app)
    return app


async def work(settings: Settings) -> None:
    """Relay, consumers and activities; before them the session's calendar is installed, once."""
    kafka = KafkaSettings()
    async with open_context(settings) as ctx:
        await install_session(ctx)
        relay = Relay(
            service=settings.service_name,
            database_url=settings.database_url.get_secret_value(),
            kafka=kafka,
            readiness=ctx.readiness,
        )
        activities = ActivityWorker(settings, ctx.readiness, Activities(ctx).queues())
        await run_parts([relay, consumers(ctx, kafka), activities], settings, ctx.readiness)


async def install_session(ctx: Context[Settings]) -> None:
    """The file is the initial data: a session that is known is not changed by it."""
    session = calendar(ctx.settings.session_calendar_file)
    if await install(ctx, session):
        log.info("session installed", session_id=session.session_id)


def main() -> None:
    role = sys.argv[1] if len(sys.argv) == 2 else ""
    if role not in ("http", "worker"):
        sys.exit("usage: python -m services.registration.main http|worker")
    settings = Settings()
    configure(settings.service_name, role, settings.log_level)
    if role == "http":
        asyncio.run(serve_until_signal(application(settings), settings.http_host, settings.http_port))
    else:
        asyncio.run(work(settings))


if __name__ == "__main__":
    main()
