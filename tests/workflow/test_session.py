"""The closing of a session: in batches, at its limits, under the operators' hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.workflow.calendar_2021 import CLOSES, DEADLINE, GRACE
from tests.workflow.lives import runs
from tests.workflow.sessions import Mass
from tests.workflow.timekeeping import REAL, Timeline, eventually
from workflows.names import POKE, TASK_QUEUE, batch_queue, closing_id
from workflows.session import SessionClosing
from workflows.shapes import Closing, Progress, Throttle
from workflows.worker import workflow_worker

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
Handle = WorkflowHandle[SessionClosing, Progress]
Begin = Callable[..., Awaitable[tuple[Handle, Mass, Mass]]]

pytestmark = pytest.mark.skipif(REAL, reason="a real server cannot skip a week; make test runs it")


@pytest.fixture
async def time(env: WorkflowEnvironment) -> Timeline:
    return await Timeline.starting_at(env, CLOSES - 2 * DAY)


@pytest.fixture
async def begin(env: WorkflowEnvironment, time: Timeline) -> AsyncIterator[Begin]:
    async with AsyncExitStack() as stack:

        async def start(
            registered: int, incomplete: int, throttle: Throttle | None = None
        ) -> tuple[Handle, Mass, Mass]:
            window = Mass(time, "close_window", CLOSES + GRACE, registered)
            verdicts = Mass(time, "settle", DEADLINE + GRACE, incomplete)
            for owner, mass in (("registration", window), ("documents", verdicts)):
                worker = Worker(env.client, task_queue=batch_queue(owner), activities=mass.activities(owner))
                await stack.enter_async_context(worker)
            await stack.enter_async_context(workflow_worker(env.client))
            handle = await env.client.start_workflow(
                SessionClosing.run,
                Closing(session_id="2021", throttle=throttle or Throttle()),
                id=closing_id("2021"),
                task_queue=TASK_QUEUE,
                start_signal=POKE,
            )
            stack.push_async_callback(_end, handle)
            return handle, window, verdicts

        yield start


async def _end(handle: Handle) -> None:
    with suppress(RPCError):
        await handle.terminate()


async def test_each_limit_is_worked_off_in_batches_until_the_count_is_zero(begin: Begin) -> None:
    handle, window, verdicts = await begin(1234, 777, Throttle(batch_size=500))
    progress = await handle.result()
    assert [decided for _, _, decided in window.batches] == [500, 500, 234]
    assert [decided for _, _, decided in verdicts.batches] == [500, 277]
    assert CLOSES + GRACE <= window.batches[0][0] < CLOSES + GRACE + timedelta(seconds=10)
    assert DEADLINE + GRACE <= verdicts.batches[0][0] < DEADLINE + GRACE + timedelta(seconds=10)
    assert progress.owners["registration"].decided == 1234
    assert progress.owners["documents"].decided == 777
    assert progress.owners["documents"].remaining == 0


async def test_closing_rests_between_two_batches(begin: Begin) -> None:
    handle, window, _ = await begin(300, 0, Throttle(batch_size=100, rest_seconds=60))
    await handle.result()
    first, second, third = (at for at, _, _ in window.batches)
    assert second - first >= timedelta(seconds=60)
    assert third - second >= timedelta(seconds=60)


async def test_operators_pause_resume_and_throttle_a_closing(begin: Begin, time: Timeline) -> None:
    handle, window, _ = await begin(1000, 0, Throttle(batch_size=100, rest_seconds=30))
    await time.sleep_until(CLOSES + GRACE + timedelta(seconds=40))
    await eventually(lambda: len(window.batches) == 2)
    await handle.signal(SessionClosing.pause)
    await time.sleep_until(CLOSES + 2 * HOUR)
    stopped_at = len(window.batches)
    assert stopped_at in (2, 3)
    assert (await handle.query(SessionClosing.progress)).paused
    await handle.signal(SessionClosing.throttle, Throttle(batch_size=1000, rest_seconds=0))
    await handle.signal(SessionClosing.resume)
    progress = await handle.result()
    assert window.due == 0
    assert len(window.batches) == stopped_at + 1
    assert progress.throttle.batch_size == 1000


async def test_progress_tells_what_is_decided_and_what_remains(begin: Begin, time: Timeline) -> None:
    handle, window, _ = await begin(1000, 0, Throttle(batch_size=100, rest_seconds=600))
    await time.sleep_until(CLOSES + GRACE + timedelta(seconds=60))
    await eventually(lambda: len(window.batches) == 1)
    for _ in range(100):
        progress = await handle.query(SessionClosing.progress)
        if progress.owners["registration"].decided:
            break
        await asyncio.sleep(0.02)
    assert progress.owners["registration"].decided == 100
    assert progress.owners["registration"].remaining == 900
    assert progress.owners["registration"].action == "close_window"


async def test_rows_that_others_hold_are_not_left_behind(begin: Begin) -> None:
    handle, window, _ = await begin(10, 0, Throttle(batch_size=100))
    window.locked = 4

    def release_later() -> None:
        if len(window.batches) >= 3:
            window.locked = 0

    window.after_batch = release_later
    await handle.result()
    assert window.due == 0


async def test_rows_that_stay_locked_are_left_to_a_later_turn_and_others_decided(begin: Begin) -> None:
    handle, window, verdicts = await begin(10, 20)
    window.locked = 10

    def release_at_the_deadline() -> None:
        window.locked = 0

    verdicts.after_batch = release_at_the_deadline
    await handle.result()
    assert (window.due, verdicts.due) == (0, 0)
    assert len(window.batches) < 1000


async def test_deadline_moved_later_while_asleep_is_the_one_that_counts(begin: Begin, time: Timeline) -> None:
    handle, _, verdicts = await begin(0, 50)
    await time.sleep_until(DEADLINE - HOUR)
    verdicts.limit = DEADLINE + 10 * DAY + GRACE
    await handle.signal(POKE)
    await time.sleep_until(DEADLINE + 9 * DAY)
    assert verdicts.batches == []
    await handle.result()
    assert verdicts.batches[0][0] >= DEADLINE + 10 * DAY + GRACE
    assert verdicts.due == 0


async def test_owner_that_has_not_heard_of_the_session_yet_does_not_end_its_closing(
    begin: Begin, time: Timeline
) -> None:
    handle, window, verdicts = await begin(5, 5)
    window.known = verdicts.known = False
    await handle.signal(POKE)
    await time.sleep_until(CLOSES - DAY)
    window.known = verdicts.known = True
    await handle.result()
    assert (window.due, verdicts.due) == (0, 0)


async def test_closing_ends_after_a_quiet_week(
    env: WorkflowEnvironment, begin: Begin, time: Timeline
) -> None:
    handle, _, verdicts = await begin(5, 5)
    await time.sleep_until(DEADLINE + 6 * DAY)
    assert await runs(env.client, handle.id)
    await handle.result()
    assert DEADLINE + 7 * DAY <= verdicts.asked[-1] < DEADLINE + 9 * DAY
    assert len(verdicts.asked) < 100
