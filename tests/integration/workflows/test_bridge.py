"""Kafka → Temporal: a fact wakes its clock, and nothing is skipped while Temporal is away."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from deploy.local import LocalStack
from services.chassis.database import Database
from services.chassis.failures import PartUnavailable, is_infrastructure
from services.chassis.kafka import KafkaSettings, Message
from services.chassis.readiness import Readiness
from services.contracts.envelope import Envelope
from services.contracts.events import (
    AccountActivated,
    AccountCreated,
    Calendar,
    Event,
    SessionScheduled,
)
from services.contracts.life import OWNERS, CandidateQuestion, NextStep
from services.contracts.stages import AccountState
from services.contracts.topics import ACCOUNTS
from tests.conftest import FreshDatabase
from tests.integration.messaging.support import eventually, message, publish, read_all, running
from workflows.answered import Answered
from workflows.bridge import Bridge, carry, poke_life
from workflows.names import closing_id, life_id
from workflows.settings import Settings
from workflows.shapes import LifeEnded
from workflows.worker import workflow_worker

CONNECTED_SECONDS = 1.5
"""A consumer that is stopped while it still connects leaves that connection open (aiokafka 0.14)."""
AWAY_SECONDS = float(os.environ.get("TEST_AWAY_SECONDS", "8"))


def created(candidate_id: UUID) -> AccountCreated:
    return AccountCreated(
        candidate_id=candidate_id, revision=1, state=AccountState.AWAITING_ACTIVATION, session_id="2021"
    )


def activated(candidate_id: UUID) -> AccountActivated:
    return AccountActivated(
        candidate_id=candidate_id, revision=2, state=AccountState.ACTIVATED, session_id="2021"
    )


def envelope(event: Event, made_at: datetime | None = None) -> Envelope:
    return Envelope(event, uuid4(), made_at or datetime.now(UTC))


LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


async def pokes(client: Client, workflow_id: str) -> int:
    """How often the workflow was poked; 0 when there is none."""
    try:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return 0
        raise
    return sum(e.HasField("workflow_execution_signaled_event_attributes") for e in history.events)


async def status(client: Client, workflow_id: str) -> WorkflowExecutionStatus | None:
    return (await client.get_workflow_handle(workflow_id).describe()).status


async def test_created_account_begins_a_life_and_later_facts_poke_it(
    bridge: None, kafka: KafkaSettings, client: Client
) -> None:
    somebody = uuid4()

    async def poked(times: int) -> bool:
        return await pokes(client, life_id(somebody)) == times

    await publish(kafka, message(ACCOUNTS, created(somebody)))
    await eventually(lambda: poked(1))
    await publish(kafka, message(ACCOUNTS, activated(somebody)))
    await eventually(lambda: poked(2))
    assert await status(client, life_id(somebody)) is WorkflowExecutionStatus.RUNNING


async def test_facts_that_wait_together_are_one_poke_of_each_life(
    settings: Settings, kafka: KafkaSettings, client: Client, readiness: Readiness
) -> None:
    """As after a refill: the life asks once, and learns whatever they say."""
    one, other, last = uuid4(), uuid4(), uuid4()
    waiting = [event for _ in range(5) for event in (created(one), activated(one), created(other))]
    await publish(kafka, *(message(ACCOUNTS, event) for event in waiting))
    async with running(Bridge(settings, kafka, readiness)):

        async def begun(person: UUID) -> bool:
            return await pokes(client, life_id(person)) > 0

        await eventually(lambda: begun(other))
        for person in (one, other, last):  # another fact in each of their partitions, to the end of the first
            await publish(kafka, message(ACCOUNTS, created(person)))
        await eventually(lambda: begun(last))
        await asyncio.sleep(2)
    assert [await pokes(client, life_id(person)) for person in (one, other)] == [2, 2]


async def test_fact_about_nobody_that_lives_starts_nothing_and_the_next_one_is_carried(
    bridge: None, kafka: KafkaSettings, client: Client
) -> None:
    absent, somebody = uuid4(), uuid4()
    await publish(kafka, message(ACCOUNTS, activated(absent)), message(ACCOUNTS, created(somebody)))

    async def begun() -> bool:
        return await pokes(client, life_id(somebody)) == 1

    await eventually(begun)
    assert await pokes(client, life_id(absent)) == 0


async def test_scheduled_session_begins_its_closing_once(client: Client) -> None:
    session_id = f"essai-{uuid4()}"
    now = datetime.now(UTC)
    calendar = Calendar(
        session_id=session_id,
        label="Session d’essai",
        opens_at=now,
        closes_at=now + timedelta(days=1),
        deadline_at=now + timedelta(days=2),
        ends_at=now + timedelta(days=3),
        activation_seconds=1,
        undelivered_seconds=1,
        grace_seconds=0,
        fault_window_seconds=0,
        spread_seconds=0,
        reminder_offsets_seconds=(),
        reminder_gap_seconds=0,
    )
    event = SessionScheduled(revision=1, session_key=uuid4(), calendar=calendar)
    await carry(client, envelope(event))
    await carry(client, envelope(event))
    assert await pokes(client, closing_id(session_id)) == 2
    assert await status(client, closing_id(session_id)) is WorkflowExecutionStatus.RUNNING
    await client.get_workflow_handle(closing_id(session_id)).terminate()


async def test_life_that_has_ended_is_begun_again_by_a_fact_that_may_start_one(client: Client) -> None:
    somebody = uuid4()
    await carry(client, envelope(created(somebody)))
    await client.get_workflow_handle(life_id(somebody)).terminate()
    await carry(client, envelope(activated(somebody)))
    assert await status(client, life_id(somebody)) is WorkflowExecutionStatus.TERMINATED
    await carry(client, envelope(created(somebody)))
    assert await status(client, life_id(somebody)) is WorkflowExecutionStatus.RUNNING
    await client.get_workflow_handle(life_id(somebody)).terminate()


async def test_owners_answer_a_life_that_began_after_a_fact(client: Client) -> None:
    somebody, answered = uuid4(), Answered(client, timedelta(minutes=2))
    assert not await answered.after(envelope(created(somebody), LONG_AGO))
    await carry(client, envelope(created(somebody)))
    assert await answered.after(envelope(created(somebody), LONG_AGO))
    assert not await answered.after(envelope(activated(somebody), LONG_AGO)), "a poke costs no more"
    assert not await answered.after(envelope(created(somebody)))
    await client.get_workflow_handle(life_id(somebody)).terminate()
    assert not await answered.after(envelope(created(somebody), LONG_AGO))


async def test_owners_that_ended_a_life_answered_of_all_that_was_told_before_it_asked_last(
    client: Client,
) -> None:
    """However early it began; of what was told after that question they said nothing."""
    somebody, owners = uuid4(), Brief()
    answered = Answered(client, timedelta(0))
    async with owners.work(client), workflow_worker(client):
        await carry(client, envelope(created(somebody)))
        await eventually(owners.have_answered)
        await asyncio.sleep(0.5)
        amid = datetime.now(UTC)
        await asyncio.sleep(0.5)
        owners.over = True
        await poke_life(client, somebody)
        ended: LifeEnded = await client.get_workflow_handle(life_id(somebody), result_type=LifeEnded).result()
    assert ended.asked_at is not None
    assert ended.asked_at > amid
    assert not await answered.after(envelope(activated(somebody), amid)), "nothing was looked up yet"
    assert await answered.after(envelope(created(somebody), amid))
    assert await answered.after(envelope(activated(somebody), amid))
    assert not await answered.after(envelope(created(somebody), ended.asked_at))
    assert not await answered.after(envelope(activated(somebody), ended.asked_at))
    await carry(client, envelope(created(somebody)))
    await client.get_workflow_handle(life_id(somebody)).terminate()
    assert await answered.after(envelope(created(somebody), amid)), "what was answered stays answered"
    forgetful = Answered(client, timedelta(0))
    assert not await forgetful.after(envelope(created(somebody), LONG_AGO)), "the last may not have"


class Brief:
    """Three owners who await something until they are told that it is over."""

    def __init__(self) -> None:
        self.over = False
        self._asked = 0

    async def have_answered(self) -> bool:
        return self._asked >= len(OWNERS)

    @asynccontextmanager
    async def work(self, client: Client) -> AsyncIterator[None]:
        async with AsyncExitStack() as workers:
            for owner in OWNERS:
                worker = Worker(client, task_queue=owner, activities=[self._next_step(owner)])
                await workers.enter_async_context(worker)
            yield

    def _next_step(self, owner: str) -> Callable[..., Any]:
        @activity.defn(name=f"{owner}.next_step")
        async def next_step(question: CandidateQuestion) -> NextStep:
            self._asked += 1
            return NextStep(ended=self.over)

        return next_step


async def test_old_facts_of_a_refill_begin_no_life_again_that_began_after_them(
    settings: Settings, kafka: KafkaSettings, client: Client, readiness: Readiness
) -> None:
    """But they do begin one that never began, and a new fact pokes."""
    begun, never, last = uuid4(), uuid4(), uuid4()
    await carry(client, envelope(created(begun)))
    old = [message(ACCOUNTS, created(person), made_at=LONG_AGO) for person in (begun, never)]
    # So that neither old fact is the last of its partition.
    ends = [message(ACCOUNTS, activated(person)) for person in (begun, never)]
    async with running(Bridge(settings, kafka, readiness)):

        async def poked(person: UUID, times: int) -> bool:
            return await pokes(client, life_id(person)) == times

        await publish(kafka, message(ACCOUNTS, created(last)))
        await eventually(lambda: poked(last, 1))
        await asyncio.sleep(CONNECTED_SECONDS)
    await publish(kafka, *old, *ends)
    async with running(Bridge(settings, kafka, readiness)):
        await eventually(lambda: poked(never, 1))
        await eventually(lambda: poked(begun, 2))  # at its beginning, and by the new fact
        await asyncio.sleep(CONNECTED_SECONDS)
    assert await pokes(client, life_id(begun)) == 2
    for person in (begun, never, last):
        await client.get_workflow_handle(life_id(person)).terminate()


@pytest.mark.parametrize("event", [created(uuid4()), activated(uuid4())], ids=["starts", "pokes"])
async def test_namespace_that_is_not_there_is_a_part_away_and_not_a_life_that_ended(
    client: Client, event: Event
) -> None:
    lost = await Client.connect(
        client.service_client.config.target_host, namespace="absent", data_converter=pydantic_data_converter
    )
    with pytest.raises(PartUnavailable):
        await carry(lost, envelope(event))


@pytest.mark.parametrize("fault", ["stopped", "hanging"])
async def test_nothing_is_skipped_while_temporal_is_away_with_poison_in_between(
    bridge: None,
    parts: LocalStack,
    kafka: KafkaSettings,
    client: Client,
    readiness: Readiness,
    fault: str,
) -> None:
    dead_before = len(await read_all(kafka, ACCOUNTS.dead_letters))
    people = [uuid4() for _ in range(30)]
    poison = Message(ACCOUNTS.name, str(people[0]).encode(), b"{", [("ce_type", b"accounts.Nonsense.v1")])
    records = [message(ACCOUNTS, created(person)) for person in people]

    async def not_ready() -> bool:
        return any(name.startswith("workflows.") for name in await readiness.reasons())

    if fault == "stopped":
        await parts.stop("temporal")
    else:
        parts.pause("temporal")
    try:
        await publish(kafka, *records[:15], poison, *records[15:])
        await asyncio.sleep(AWAY_SECONDS)
        await eventually(not_ready, 30)
    finally:
        if fault == "stopped":
            await parts.restart("temporal")
        else:
            parts.resume("temporal")

    async def all_live() -> bool:
        return all([await pokes(client, life_id(person)) >= 1 for person in people])

    await eventually(all_live, 90)

    async def one_dead() -> bool:
        return len(await read_all(kafka, ACCOUNTS.dead_letters)) > dead_before

    await eventually(one_dead)
    dead = (await read_all(kafka, ACCOUNTS.dead_letters))[dead_before:]
    assert len(dead) == 1

    async def ready() -> bool:
        return not await readiness.reasons()

    await eventually(ready)


async def test_no_transaction_writes_a_fact_and_commits_it_later_than_the_bridge_counts_on(
    fresh_database: FreshDatabase,
) -> None:
    """Its process is frozen, say, or cut off from the database."""
    database = await Database.connect(await fresh_database("accounts"), max_size=1)
    try:
        async with database.connection() as conn:
            longest = await conn.fetchval(
                "SELECT current_setting('idle_in_transaction_session_timeout')::interval"
            )
        committed_within = Settings.model_fields["committed_within_seconds"].default
        assert timedelta(0) < longest < timedelta(seconds=committed_within)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as ended:
            await _writes_after(database, seconds=0.5)
        assert is_infrastructure(ended.value)
    finally:
        await database.close()


async def _writes_after(database: Database, seconds: float) -> None:
    async with database.transaction() as conn:
        await conn.execute("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
        await asyncio.sleep(seconds)
        await conn.execute("SELECT 1")
