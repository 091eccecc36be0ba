"""Long lives begin a new run now and then, and lose nothing by it. Only the real server suggests it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from services.contracts.life import OWNERS
from tests.workflow.calendar_2021 import CLOSES, GRACE
from tests.workflow.lives import Life
from tests.workflow.owners import Owners, registered
from tests.workflow.sessions import Mass
from tests.workflow.timekeeping import Timeline, dev_server, eventually
from workflows.names import POKE, TASK_QUEUE, batch_queue, closing_id
from workflows.session import SessionClosing
from workflows.shapes import Closing, Throttle
from workflows.worker import workflow_worker

SHORT = ("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60")


@pytest.fixture
async def short_histories() -> AsyncIterator[WorkflowEnvironment]:
    """A real server that suggests a new run after 60 events."""
    async with await dev_server(*SHORT) as env:
        yield env


async def runs_of(client: Client, workflow_id: str) -> list[WorkflowExecutionStatus | None]:
    found = [run async for run in client.list_workflows(f'WorkflowId = "{workflow_id}"')]
    return [run.status for run in sorted(found, key=lambda run: run.start_time)]


async def test_life_goes_on_in_new_runs_and_every_poke_is_followed_by_a_question(
    short_histories: WorkflowEnvironment,
) -> None:
    env = short_histories
    time = await Timeline.starting_at(env, CLOSES - timedelta(days=300))
    owners = Owners(time, registered())
    async with AsyncExitStack() as stack:
        for owner in OWNERS:
            worker = Worker(env.client, task_queue=owner, activities=owners.activities(owner))
            await stack.enter_async_context(worker)
        await stack.enter_async_context(workflow_worker(env.client))
        life = Life(env, time, owners)
        poked = 0

        async def poke_at_each_question(owner: str) -> None:
            """So that a poke also comes while a run is about to give way to the next."""
            nonlocal poked
            if owner == "registration" and poked < 10:
                poked += 1
                await life.poke()

        owners.before_answer = poke_at_each_question
        await life.start()
        await eventually(lambda: owners.asked["registration"] > 10, 40)
        owners.person.stage = "cancelled"
        await life.poke()
        assert (await life.ended()).stage == "cancelled"
        await _listed(env.client, life.id, WorkflowExecutionStatus.CONTINUED_AS_NEW)


async def test_closing_takes_its_pace_and_its_counts_along(short_histories: WorkflowEnvironment) -> None:
    env = short_histories
    time = await Timeline.starting_at(env, CLOSES + GRACE)
    window = Mass(time, "close_window", CLOSES + GRACE, due=40)
    nothing = Mass(time, "settle", CLOSES, due=0)
    async with AsyncExitStack() as stack:
        for owner, mass in (("registration", window), ("documents", nothing)):
            worker = Worker(env.client, task_queue=batch_queue(owner), activities=mass.activities(owner))
            await stack.enter_async_context(worker)
        await stack.enter_async_context(workflow_worker(env.client))
        handle = await env.client.start_workflow(
            SessionClosing.run,
            Closing(session_id="2021", throttle=Throttle(batch_size=1, rest_seconds=0)),
            id=closing_id("2021"),
            task_queue=TASK_QUEUE,
            start_signal=POKE,
        )
        await eventually(lambda: window.due == 0, 30)
        await _listed(env.client, handle.id, WorkflowExecutionStatus.CONTINUED_AS_NEW)
        latest = env.client.get_workflow_handle_for(SessionClosing.run, handle.id)
        progress = await latest.query(SessionClosing.progress)
        assert progress.owners["registration"].decided == 40
        assert progress.throttle.batch_size == 1
        await latest.terminate()


async def _listed(client: Client, workflow_id: str, wanted: WorkflowExecutionStatus) -> None:
    """Lists follow a little later than the facts."""
    async with asyncio.timeout(10):
        while wanted not in await runs_of(client, workflow_id):  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.1)
