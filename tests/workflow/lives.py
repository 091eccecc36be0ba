"""A life under test: its pokes, its result, what it waits for."""

from contextlib import suppress
from datetime import datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from services.contracts.life import CandidateQuestion
from tests.workflow.owners import Owners, Person
from tests.workflow.timekeeping import Timeline
from workflows.life import CandidateLife
from workflows.names import POKE, TASK_QUEUE, life_id
from workflows.shapes import LifeEnded, Waiting


async def runs(client: Client, workflow_id: str) -> bool:
    """Asked without reading search attributes, which the time-skipping server answers as null when unset."""
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    answer = await client.workflow_service.describe_workflow_execution(request)
    return WorkflowExecutionStatus(answer.workflow_execution_info.status) is WorkflowExecutionStatus.RUNNING


class Life:
    def __init__(self, env: WorkflowEnvironment, time: Timeline, owners: Owners) -> None:
        self._env = env
        self.time = time
        self.owners = owners
        self.id = life_id(owners.person.id)
        self._started: WorkflowHandle[CandidateLife, LifeEnded] | None = None

    @property
    def person(self) -> Person:
        return self.owners.person

    @property
    def handle(self) -> WorkflowHandle[CandidateLife, LifeEnded]:
        return self._env.client.get_workflow_handle_for(CandidateLife.run, self.id)

    async def start(self) -> None:
        """What the bridge does for a fact that may start a life."""
        self._started = await self._env.client.start_workflow(
            CandidateLife.run,
            CandidateQuestion(candidate_id=self.person.id),
            id=self.id,
            task_queue=TASK_QUEUE,
            start_signal=POKE,
        )

    async def poke(self) -> None:
        await self.handle.signal(POKE)

    async def waiting(self) -> Waiting:
        return await self.handle.query(CandidateLife.next)

    async def ended(self) -> LifeEnded:
        """Skip time until the life is over. (Only a handle from `start_workflow` skips while it waits.)"""
        assert self._started is not None
        return await self._started.result()

    async def runs(self) -> bool:
        return await runs(self._env.client, self.id)

    async def run_id(self) -> str:
        return (await self.handle.describe()).run_id

    async def sleep_until(self, instant: datetime) -> None:
        await self.time.sleep_until(instant)

    async def end(self) -> None:
        """Whatever the test left running must not answer to the next one's time."""
        with suppress(RPCError):
            await self.handle.terminate()
