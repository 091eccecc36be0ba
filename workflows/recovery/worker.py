"""The part of the workflow process that works for recovery, and the schedules of reconciliation.

The frequent one asks the inboxes for the facts of the last two days, the nightly one for those of every age:
a fact that its reader missed while it was away for longer is found by that.
"""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from services.chassis.readiness import Readiness
from services.chassis.temporal import connect
from workflows.recovery import QUEUE
from workflows.recovery.lives import Lives
from workflows.recovery.reconcile import Reconciliation
from workflows.recovery.refill import Refilling
from workflows.recovery.replay import Replaying
from workflows.recovery.shapes import Going, Scope
from workflows.settings import Settings

SCHEDULE, ALL_FACTS = "reconcile", "reconcile-all-facts"
LONGEST = timedelta(hours=2)
"""Of a reconciliation: one that hangs must not keep the next ones from starting."""

_DRAIN = timedelta(seconds=10)


class RecoveryWorker:
    """Connects, sees to the schedule, then works until cancelled."""

    name = "recovery"

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness

    async def run(self) -> None:
        client = await connect(self._settings, self._readiness)
        await see_to_schedules(client, self._settings)
        await recovery_worker(client).run()


def recovery_worker(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[Reconciliation, Refilling, Replaying],
        activities=Lives(client).activities(),
        graceful_shutdown_timeout=_DRAIN,
    )


async def see_to_schedules(client: Client, settings: Settings) -> None:
    """Both schedules, as the settings have them; none where they say 0, nor the nightly one alone."""
    scope = Scope(
        patience_seconds=settings.reconcile_patience_seconds,
        horizon_seconds=2 * settings.reconcile_seconds,
    )
    nightly = scope.model_copy(update={"facts_seconds": 0})
    await _see_to(client, SCHEDULE, settings.reconcile_seconds, scope)
    every = settings.reconcile_all_facts_seconds if settings.reconcile_seconds else 0
    await _see_to(client, ALL_FACTS, every, nightly)


async def _see_to(client: Client, name: str, every_seconds: float, scope: Scope) -> None:
    handle = client.get_schedule_handle(name)
    if every_seconds == 0:
        try:
            await handle.delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return
    wanted = _schedule(name, every_seconds, scope)
    try:
        await client.create_schedule(name, wanted)
    except ScheduleAlreadyRunningError:

        async def renew(found: ScheduleUpdateInput) -> ScheduleUpdate:
            wanted.state = found.description.schedule.state
            return ScheduleUpdate(schedule=wanted)

        await handle.update(renew)


def _schedule(name: str, every_seconds: float, scope: Scope) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            Reconciliation.run,
            Going(scope=scope),
            id=name,
            task_queue=QUEUE,
            execution_timeout=LONGEST,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=every_seconds))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
