"""A time-skipping server for each test, and lives with workers of their own.

One server for all would keep a lock on its time for whatever a test left in flight, and it starts in a
tenth of a second.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from services.contracts.life import OWNERS
from tests.workflow.lives import Life
from tests.workflow.owners import Owners, Person
from tests.workflow.timekeeping import Timeline, server
from workflows.worker import workflow_worker

BeginLife = Callable[..., Awaitable[Life]]


@pytest.fixture
async def env() -> AsyncIterator[WorkflowEnvironment]:
    async with server() as found:
        yield found


@pytest.fixture
async def begin_life(env: WorkflowEnvironment) -> AsyncIterator[BeginLife]:
    """`life = await begin_life(person, at=instant)`: its owners at work, the life itself not yet poked."""
    async with AsyncExitStack() as stack:

        async def begin(person: Person, at: datetime) -> Life:
            time = await Timeline.starting_at(env, at)
            owners = Owners(time, person)
            for owner in OWNERS:
                activities = owners.activities(owner)
                await stack.enter_async_context(Worker(env.client, task_queue=owner, activities=activities))
            await stack.enter_async_context(workflow_worker(env.client))
            life = Life(env, time, owners)
            stack.push_async_callback(life.end)
            return life

        yield begin
