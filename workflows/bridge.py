"""The bridge Kafka → Temporal: each fact wakes the clock it may concern.

It keeps nothing that it needs. An event delivered again is one poke more; a replay of all topics starts lives
that ask once and end (`workflows.coverage`: not once for each fact; `workflows.answered`: none that asked
after the fact). A Temporal that is away is infrastructure: the event waits and no offset moves past it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from services.chassis.consumer import Consumers
from services.chassis.dlq import Record
from services.chassis.failpoints import Failpoint, reach
from services.chassis.kafka import KafkaSettings
from services.chassis.readiness import Readiness
from services.chassis.temporal import connect
from services.contracts.envelope import Envelope
from services.contracts.life import CandidateQuestion
from services.contracts.topics import ACCOUNTS, DOCUMENTS, REGISTRATION
from workflows.answered import Answered
from workflows.calls import CALL, refuse_missing_namespace
from workflows.coverage import Coverage
from workflows.life import CandidateLife
from workflows.names import POKE, TASK_QUEUE, closing_id, life_id
from workflows.session import SessionClosing
from workflows.settings import Settings
from workflows.shapes import Closing
from workflows.signals import Wake, WakeClosing, WakeLife, wakes

TOPICS = (ACCOUNTS, REGISTRATION, DOCUMENTS)
"""`notifications.events` holds no fact that changes a next step (`workflows.signals`)."""


class Bridge:
    """A part of the process: one consumer group for each topic."""

    name = "bridge"

    def __init__(self, settings: Settings, kafka: KafkaSettings, readiness: Readiness) -> None:
        self._settings = settings
        self._kafka = kafka
        self._readiness = readiness

    async def run(self) -> None:
        client = await connect(self._settings, self._readiness)
        consumers = Consumers(service="workflows", kafka=self._kafka, readiness=self._readiness)

        covered = Coverage()
        answered = Answered(client, timedelta(seconds=self._settings.committed_within_seconds))

        async def handle(envelope: Envelope, record: Record) -> None:
            wake = wakes(envelope.event)
            if covered.covers(record, wake) or (_others_wait(record) and await answered.after(envelope)):
                return
            await carry(client, envelope)
            covered.woken(record, wake)

        for topic in TOPICS:
            consumers.on_without_database(topic, name=f"workflows.{topic.owner}")(handle)
        await consumers.run()


def _others_wait(record: Record) -> bool:
    """Whether the reader is behind, as it is in a refill: only then is a fact likely to be an old one."""
    return record.end > record.offset + 1


async def carry(client: Client, envelope: Envelope) -> None:
    """Wake what the event concerns.

    Raises:
        RPCError, PartUnavailable: Temporal did not take it; the same call may succeed later.
    """
    match wakes(envelope.event):
        case WakeClosing(session_id):
            await start_closing(client, session_id)
        case WakeLife(candidate_id, Wake.START):
            await start_life(client, candidate_id)
        case WakeLife(candidate_id, Wake.POKE):
            await poke_life(client, candidate_id)
        case None:
            return
    reach(Failpoint.BRIDGE_BEFORE_ACK)


async def start_closing(client: Client, session_id: str) -> None:
    """Poke the session's closing, starting it if none runs."""
    await _start(client, SessionClosing.run, Closing(session_id=session_id), closing_id(session_id))


async def start_life(client: Client, candidate_id: UUID) -> None:
    """Poke the life, starting it if none runs."""
    question = CandidateQuestion(candidate_id=candidate_id)
    await _start(client, CandidateLife.run, question, life_id(candidate_id))


async def poke_life(client: Client, candidate_id: UUID) -> None:
    """Poke the life if one runs."""
    await _poke(client, life_id(candidate_id))


async def _start(client: Client, workflow: Any, argument: Any, workflow_id: str) -> None:
    """Signal with start: one call, so a life that ends meanwhile is started again and none is doubled."""
    try:
        await client.start_workflow(
            workflow,
            argument,
            id=workflow_id,
            task_queue=TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=POKE,
            rpc_timeout=CALL,
        )
    except RPCError as error:
        refuse_missing_namespace(error)
        raise


async def _poke(client: Client, workflow_id: str) -> None:
    """Poke what runs. A life that is over, or has not begun, has nothing to learn from this fact."""
    try:
        await client.get_workflow_handle(workflow_id).signal(POKE, rpc_timeout=CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        refuse_missing_namespace(error)
