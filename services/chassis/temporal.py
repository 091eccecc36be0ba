"""The Temporal client and workers: pydantic payloads, errors without their text.

An activity's failure travels into workflow histories, so only its description (type, SQLSTATE,
constraint) leaves the process: `closed_mouth` wraps every activity.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from services.chassis.failpoints import Failpoint, reach
from services.chassis.readiness import Readiness
from services.chassis.settings import Settings
from services.chassis.telemetry import describe, log
from services.contracts.life import ActResult, BatchResult

P = ParamSpec("P")
R = TypeVar("R")
_DRAIN = timedelta(seconds=10)


async def connect(settings: Settings, readiness: Readiness | None = None) -> Client:
    """A client; waits without limit, and not ready, for a Temporal that is away."""
    wait = 0.2
    if readiness:
        readiness.report("temporal", "connecting")
    while True:
        try:
            client = await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
            )
        except (RPCError, RuntimeError, OSError) as error:
            if readiness:
                readiness.report("temporal", type(error).__name__)
            log.warning("temporal away, waiting", **describe(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5)
        else:
            if readiness:
                readiness.report("temporal", None)
                readiness.probe("temporal", functools.partial(_ask, client))
            return client


async def _ask(client: Client) -> None:
    await client.service_client.check_health(timeout=timedelta(seconds=2))


def closed_mouth(activity: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Let an activity's error out as its description only; the log keeps no more either."""

    @functools.wraps(activity)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            found = await activity(*args, **kwargs)
            if _changed_something(found):
                reach(Failpoint.ACTIVITY_BEFORE_COMPLETION)
        except ApplicationError:
            raise
        except Exception as error:  # noqa: BLE001 - any error is described, none told whole
            facts = describe(error)
            log.warning("activity failed", activity=activity.__name__, **facts)
            raise ApplicationError(" ".join(facts.values()), type=facts["error"]) from None
        else:
            return found

    return call


def _changed_something(found: object) -> bool:
    return (isinstance(found, ActResult) and found.applied) or (
        isinstance(found, BatchResult) and found.decided > 0
    )


class ActivityWorker:
    """A part of a service's worker process: its activities on the given task queues."""

    name = "temporal"

    def __init__(
        self, settings: Settings, readiness: Readiness, queues: dict[str, Sequence[Callable[..., Any]]]
    ) -> None:
        self._settings = settings
        self._readiness = readiness
        self._queues = queues

    async def run(self) -> None:
        """Work until cancelled; running activities get the drain time to end."""
        client = await connect(self._settings, self._readiness)
        async with asyncio.TaskGroup() as group:
            for queue, activities in self._queues.items():
                worker = Worker(
                    client,
                    task_queue=queue,
                    activities=list(activities),
                    graceful_shutdown_timeout=_DRAIN,
                )
                group.create_task(worker.run())
