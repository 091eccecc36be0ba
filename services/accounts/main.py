"""`python -m services.accounts.main http|sessions|worker`."""

from services.accounts import consumers
from services.accounts.activities import TASK_QUEUE, activities
from services.accounts.apps import http_app, sessions_app
from services.accounts.recovery import recovery
from services.accounts.service import open_accounts
from services.accounts.settings import AccountsSettings, SessionsSettings
from services.accounts.upkeep import Upkeep
from services.chassis.consumer import Consumers
from services.chassis.entry import Role, serving, start
from services.chassis.kafka import KafkaSettings
from services.chassis.relay import Relay
from services.chassis.temporal import ActivityWorker
from services.chassis.worker import run_parts, worker_context


async def work(settings: AccountsSettings) -> None:
    """Relay, consumers, activities and upkeep, side by side."""
    kafka = KafkaSettings()
    async with worker_context(settings) as context, open_accounts(context) as accounts:
        subscribed = Consumers(
            service="accounts", kafka=kafka, readiness=context.readiness, database=context.database
        )
        consumers.register(subscribed)
        relay = Relay.of(context, kafka)
        queues = {TASK_QUEUE: activities(accounts), **recovery(accounts, kafka).queues()}
        worker = ActivityWorker(settings, context.readiness, queues)
        await run_parts([relay, subscribed, worker, Upkeep(accounts)], context.readiness)


if __name__ == "__main__":
    start(
        "services.accounts.main",
        {
            "http": Role(AccountsSettings, serving(http_app)),
            "sessions": Role(SessionsSettings, serving(sessions_app)),
            "worker": Role(AccountsSettings, work),
        },
    )
