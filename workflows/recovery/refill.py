"""Refilling: each service's relay publishes its event log again; the workflow waits for all of them."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from services.contracts.recovery import RefillAsked, Refilled, recovery_queue
    from workflows.recovery.shapes import RefillDone, RefillOrder

_RETRY = RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=0)
_LONGEST = timedelta(days=1)
_HEARTBEAT = timedelta(seconds=30)


@workflow.defn(name="Refilling")
class Refilling:
    """`RefillOrder` in, `RefillDone` out."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}

    @workflow.query
    def progress(self) -> RefillDone:
        return RefillDone(republished=dict(self._done))

    @workflow.run
    async def run(self, order: RefillOrder) -> RefillDone:
        await asyncio.gather(*(self._refill(service, order) for service in order.services))
        return self.progress()

    async def _refill(self, service: str, order: RefillOrder) -> None:
        asked = RefillAsked(refill_id=workflow.uuid4(), key=order.key, since=order.since)
        self._done[service] = (await refill_of(service, asked)).republished


async def refill_of(service: str, asked: RefillAsked) -> Refilled:
    """One service's relay, as long as it takes."""
    done: Refilled = await workflow.execute_activity(
        f"{service}.refill",
        asked,
        task_queue=recovery_queue(service),
        result_type=Refilled,
        start_to_close_timeout=_LONGEST,
        heartbeat_timeout=_HEARTBEAT,
        retry_policy=_RETRY,
    )
    return done
