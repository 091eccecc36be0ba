"""The parts of the workflow process that work for recovery, and the schedules of reconciliation.

The schedules stand in Temporal alone. Whoever deletes them, or wipes it, gets them back within some minutes:
reconciliation is what begins the lives again.

The frequent one asks the inboxes for the facts of the last two days, the nightly one for those of every age:
a fact that its reader missed while it was away for longer is found by that.
"""

import asyncio
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
_CALL = timedelta(seconds=10)


class Schedules:
    """A part of the process: has the schedules as the settings say, and again where they are lost."""

    name = "schedules"

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness

    async def run(self) -> None:
        client = await connect(self._settings, self._readiness)
        await see_to_schedules(client, self._settings)
        while True:
            await asyncio.sleep(self._settings.schedules_seconds)
            await see_to_schedules(client, self._settings, renew=False)


class RecoveryWorker:
    """A part of the process: connects, then works until cancelled."""

    name = "recovery"

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._settings = settings
        self._readiness = readiness

    async def run(self) -> None:
        client = await connect(self._settings, self._readiness)
        await recovery_worker(client).run()


def recovery_worker(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[Reconciliation, Refilling, Replaying],
        activities=Lives(client).activities(),
        graceful_shutdown_timeout=_DRAIN,
    )


async def see_to_schedules(client: Client, settings: Settings, *, renew: bool = True) -> None:
    """Both schedules, as the settings have them; none where they say 0, nor the nightly one alone.

    renew: one that stands is made as the settings have it; else it is left as it is.

    Raises:
        RPCError: Temporal did not take it.
    """
    scope = Scope(
        patience_seconds=settings.reconcile_patience_seconds,
        horizon_seconds=2 * settings.reconcile_seconds,
    )
    nightly = scope.model_copy(update={"facts_seconds": 0})
    every_all = settings.reconcile_all_facts_seconds if settings.reconcile_seconds else 0
    for name, every, wanted in (
        (SCHEDULE, settings.reconcile_seconds, scope),
        (ALL_FACTS, every_all, nightly),
    ):
        if every == 0:
            await _delete(client, name)
        else:
            await _have(client, name, _schedule(name, every, wanted), renew=renew)


async def _delete(client: Client, name: str) -> None:
    try:
        await client.get_schedule_handle(name).delete(rpc_timeout=_CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def _have(client: Client, name: str, wanted: Schedule, *, renew: bool) -> None:
    async def renewed(found: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state = found.description.schedule.state
        return ScheduleUpdate(schedule=wanted)

    try:
        await client.create_schedule(name, wanted, rpc_timeout=_CALL)
    except ScheduleAlreadyRunningError:
        if renew:
            await client.get_schedule_handle(name).update(renewed, rpc_timeout=_CALL)


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
