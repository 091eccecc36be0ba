"""`python -m workflows.main worker|bridge`."""

from services.chassis.entry import Role, start
from services.chassis.kafka import KafkaSettings
from services.chassis.readiness import Readiness
from services.chassis.worker import Part, health_page, run_parts
from workflows.bridge import Bridge
from workflows.recovery.worker import RecoveryWorker, Schedules
from workflows.settings import Settings
from workflows.worker import WorkflowWorker


async def work(settings: Settings) -> None:
    """The clocks and recovery, until a signal."""
    readiness = Readiness()
    parts: list[Part] = [
        WorkflowWorker(settings, readiness),
        RecoveryWorker(settings, readiness),
        Schedules(settings, readiness),
    ]
    async with health_page(settings, readiness):
        await run_parts(parts, readiness)


async def carry(settings: Settings) -> None:
    """The bridge Kafka → Temporal, until a signal."""
    readiness = Readiness()
    async with health_page(settings, readiness):
        await run_parts([Bridge(settings, KafkaSettings(), readiness)], readiness)


if __name__ == "__main__":
    start("workflows.main", {"worker": Role(Settings, work), "bridge": Role(Settings, carry)})
