"""`python -m services.accounts.main http|sessions|worker`."""

import asyncio
import sys

from services.accounts import consumers
from services.accounts.activities import TASK_QUEUE, activities
from services.accounts.apps import http_app, sessions_app
from services.accounts.service import open_accounts
from services.accounts.settings import AccountsSettings, SessionsSettings
from services.accounts.upkeep import Upkeep
from services.chassis.consumer import Consumers
from services.chassis.context import open_context
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.serving import serve_until_signal
from services.chassis.telemetry import configure
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import run_parts

ROLES = ("http", "sessions", "worker")


async def work(settings: AccountsSettings) -> None:
    """Relay, consumers, activities and upkeep, side by side."""
    kafka = KafkaSettings()
    async with open_context(settings) as context, open_accounts(context) as accounts:
        subscribed = Consumers(
            service="accounts", kafka=kafka, readiness=context.readiness, database=context.database
        )
        consumers.register(subscribed)
        relay = Relay(
            service="accounts",
            database_url=settings.database_url.get_secret_value(),
            kafka=kafka,
            readiness=context.readiness,
        )
        worker = ActivityWorker(settings, context.readiness, {TASK_QUEUE: activities(accounts)})
        await run_parts([relay, subscribed, worker, Upkeep(accounts)], settings, context.readiness)


def main(role: str) -> None:
    if role == "sessions":
        settings = SessionsSettings()
        configure("accounts", role, settings.log_level)
        asyncio.run(serve_until_signal(sessions_app(settings), settings.http_host, settings.http_port))
        return
    own = AccountsSettings()
    configure("accounts", role, own.log_level)
    if role == "http":
        asyncio.run(serve_until_signal(http_app(own), own.http_host, own.http_port))
    else:
        asyncio.run(work(own))


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m services.accounts.main {'|'.join(ROLES)}")
    main(sys.argv[1])
