"""Starts this service: `python -m services.registration.main http|worker`."""

from fastapi import FastAPI

from services.chassis.context import Context
from services.chassis.entry import Role, serving, start
from services.chassis.gateway_logs.lines import What
from services.chassis.gateway_logs.reader import LogReader
from services.chassis.http import create_app
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.site.routing import languages
from services.chassis.telemetry import log
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import run_parts, worker_context
from services.registration.activities import Activities
from services.registration.api import ROUTERS
from services.registration.api.resources import handle_refusals
from services.registration.commands.sessions import install
from services.registration.commands.turned_away import put
from services.registration.configuration import calendar
from services.registration.consumers import consumers
from services.registration.pages import ROUTERS as PAGES
from services.registration.pages.room import PAGES as TEMPLATES
from services.registration.pages.room import said
from services.registration.recovery import recovery
from services.registration.settings import Settings


def application(settings: Settings) -> FastAPI:
    """The HTTP application. The configuration is read at once: a wrong file stops the start."""
    _ = settings.configuration, settings.places
    routers = [*ROUTERS, *PAGES, languages]
    app = create_app(settings, routers, title="Inscription des candidats individuels", pages=TEMPLATES)
    handle_refusals(app, said)
    return app


async def work(settings: Settings) -> None:
    """Relay, consumers, activities and logs; before them the session's calendar is installed, once."""
    kafka = KafkaSettings()
    async with worker_context(settings) as ctx:
        await install_session(ctx)
        relay = Relay.of(ctx, kafka)
        activities = ActivityWorker(
            settings, ctx.readiness, Activities(ctx).queues() | recovery(ctx, kafka).queues()
        )
        saves = LogReader(ctx, What.SAVE, put)
        await run_parts([relay, consumers(ctx, kafka), activities, saves], ctx.readiness)


async def install_session(ctx: Context[Settings]) -> None:
    """The file is the initial data: a session that is known is not changed by it."""
    session = calendar(ctx.settings.session_calendar_file)
    if await install(ctx, session):
        log.info("session installed", session_id=session.session_id)


if __name__ == "__main__":
    start(
        "services.registration.main",
        {"http": Role(Settings, serving(application)), "worker": Role(Settings, work)},
    )
