"""`python -m services.notifications.main http|worker`."""

from fastapi import FastAPI

from services.chassis.consumer import Consumers
from services.chassis.entry import Role, serving, start
from services.chassis.http import create_app
from services.chassis.kafka import KafkaSettings
from services.chassis.office import load_office
from services.chassis.relay import Relay
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import Part, run_parts, worker_context
from services.notifications import api, internal, pages, retrying
from services.notifications.commands.reachability import count_dead_letters
from services.notifications.consumers import register
from services.notifications.intake import Intake
from services.notifications.lateness import Lateness
from services.notifications.letters import Writer
from services.notifications.recovery import recovery
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings


def application(settings: NotificationsSettings) -> FastAPI:
    routers = [api.router, retrying.router, pages.router, internal.router]
    return create_app(settings, routers, title="candidat-libre : messages", pages=pages.PAGES)


async def work(settings: NotificationsSettings) -> None:
    """Relay, consumers, sender, its lateness and the intake of returned mails, until a signal."""
    kafka = KafkaSettings()
    writer = Writer(load_office(settings.office_file), settings.public_url)
    async with worker_context(settings) as context:
        relay = Relay.of(context, kafka)
        consumers = Consumers(
            service=settings.service_name,
            kafka=kafka,
            readiness=context.readiness,
            database=context.database,
            on_quarantine=count_dead_letters,
        )
        register(consumers, settings.mail_domain)
        activities = ActivityWorker(settings, context.readiness, recovery(context, kafka).queues())
        sender = Sender(context, writer)
        lateness = Lateness(context, sender.mail_server)
        parts: list[Part] = [relay, consumers, sender, lateness, Intake(context), activities]
        await run_parts(parts, context.readiness)


if __name__ == "__main__":
    start(
        "services.notifications.main",
        {
            "http": Role(NotificationsSettings, serving(application)),
            "worker": Role(NotificationsSettings, work),
        },
    )
