"""`python -m services.notifications.main http|worker`."""

import argparse
import asyncio

from fastapi import FastAPI

from services.chassis.consumer import Consumers
from services.chassis.context import open_context
from services.chassis.http import create_app
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.serving import serve_until_signal
from services.chassis.telemetry import configure
from services.chassis.worker import run_parts
from services.notifications import api
from services.notifications.consumers import register
from services.notifications.letters import Writer
from services.notifications.office import load_office
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings


def application(settings: NotificationsSettings) -> FastAPI:
    return create_app(settings, [api.router], title="candidat-libre : messages")


async def work(settings: NotificationsSettings) -> None:
    """Relay, consumers and sender, until a signal."""
    kafka = KafkaSettings()
    writer = Writer(load_office(settings.office_file), settings.public_url)
    async with open_context(settings) as context:
        relay = Relay(
            service=settings.service_name,
            database_url=settings.database_url.get_secret_value(),
            kafka=kafka,
            readiness=context.readiness,
        )
        consumers = Consumers(
            service=settings.service_name,
            kafka=kafka,
            readiness=context.readiness,
            database=context.database,
        )
        register(consumers, settings.mail_domain)
        await run_parts([relay, consumers, Sender(context, writer)], settings, context.readiness)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.notifications.main")
    parser.add_argument("role", choices=("http", "worker"))
    role: str = parser.parse_args().role
    settings = NotificationsSettings()
    configure(settings.service_name, role, settings.log_level)
    if role == "http":
        app = application(settings)
        asyncio.run(serve_until_signal(app, settings.http_host, settings.http_port))
    else:
        asyncio.run(work(settings))


if __name__ == "__main__":
    main()
