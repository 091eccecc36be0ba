"""`python -m workflows.main worker|bridge`."""

import asyncio
import sys

from services.chassis.kafka import KafkaSettings
from services.chassis.readiness import Readiness
from services.chassis.telemetry import configure
from services.chassis.worker import Part, run_parts
from workflows.bridge import Bridge
from workflows.settings import Settings
from workflows.worker import WorkflowWorker

ROLES = ("worker", "bridge")


async def run(role: str, settings: Settings) -> None:
    readiness = Readiness()
    part: Part
    if role == "worker":
        part = WorkflowWorker(settings, readiness)
    else:
        part = Bridge(settings, KafkaSettings(), readiness)
    await run_parts([part], settings, readiness)


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0] not in ROLES:
        sys.exit(f"usage: python -m workflows.main {'|'.join(ROLES)}")
    settings = Settings()
    configure("workflows", arguments[0], settings.log_level)
    asyncio.run(run(arguments[0], settings))


if __name__ == "__main__":
    main(sys.argv[1:])
