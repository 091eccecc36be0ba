"""The workflow worker: it runs the clocks, sandboxed, and reaches nothing but Temporal."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from services.chassis.failpoints import armed
from services.chassis.readiness import Readiness
from services.chassis.temporal import connect
from workflows.dying import Dying
from workflows.life import CandidateLife
from workflows.names import TASK_QUEUE
from workflows.session import SessionClosing
from workflows.settings import Settings

WORKFLOWS = (CandidateLife, SessionClosing)
_DRAIN = timedelta(seconds=10)


def workflow_worker(client: Client, max_cached_workflows: int = 1000) -> Worker:
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        max_cached_workflows=max_cached_workflows,
        graceful_shutdown_timeout=_DRAIN,
        interceptors=[Dying()] if armed() else [],
    )


class WorkflowWorker:
    """A part of the process: connects, then works until cancelled."""

    name = "workflow-worker"

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness

    async def run(self) -> None:
        client = await connect(self._settings, self._readiness)
        await workflow_worker(client, self._settings.max_cached_workflows).run()
