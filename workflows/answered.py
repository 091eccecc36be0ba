"""Which facts need wake nobody, since the owners have answered after them.

A refill brings every fact once more, and most are of lives that are over. A life asks its owners for as long
as it runs; of one that is over the result says when it asked last. Whatever was committed before that was
known to its owner then, so it begins no life again.

Not by the end of the run: what was told between its last question and its end is not known to it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from services.contracts.envelope import Envelope
from workflows.calls import CALL, refuse_missing_namespace
from workflows.names import life_id
from workflows.shapes import LifeEnded
from workflows.signals import Wake, WakeLife, wakes

_MOST = 50_000
"""Lives to be remembered, of some hundred bytes each."""


class Answered:
    """What Temporal said of lives that are over, in memory; without it each of their facts is a question.

    `committed_within`: after its `ce_time` a fact is committed by then, and the database's clock and
    Temporal's differ by less.
    """

    def __init__(self, client: Client, committed_within: timedelta) -> None:
        self._client = client
        self._committed_within = committed_within
        self._asked_last: dict[UUID, datetime] = {}

    async def after(self, envelope: Envelope) -> bool:
        """Whether the candidate's owners answered after the fact, or will answer a life that began after it.

        Of a fact that only pokes this is not looked up: the poke costs no more.

        Raises:
            RPCError, PartUnavailable: Temporal did not say; the same call may succeed later.
        """
        wake = wakes(envelope.event)
        if not isinstance(wake, WakeLife):
            return False
        committed = envelope.ce_time + self._committed_within
        known = self._asked_last.get(wake.candidate_id)
        if known is not None and known > committed:
            return True
        if wake.wake is Wake.POKE:
            return False
        asked = await self._look_up(wake.candidate_id)
        return asked is not None and asked > committed

    async def _look_up(self, candidate_id: UUID) -> datetime | None:
        """When the last life asked last; of one that runs, when it began. None: there is none to go by."""
        try:
            seen = await self._client.get_workflow_handle(life_id(candidate_id)).describe(rpc_timeout=CALL)
            match seen.status:
                case WorkflowExecutionStatus.RUNNING | WorkflowExecutionStatus.CONTINUED_AS_NEW:
                    return seen.start_time
                case WorkflowExecutionStatus.COMPLETED:
                    ended = await self._ended(candidate_id, seen.run_id)
                case _:  # ended from outside: it may not have asked
                    return None
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            refuse_missing_namespace(error)
            return None
        if ended.asked_at is None:
            return seen.start_time
        self._remember(candidate_id, ended.asked_at)
        return ended.asked_at

    async def _ended(self, candidate_id: UUID, run_id: str | None) -> LifeEnded:
        life = self._client.get_workflow_handle(life_id(candidate_id), run_id=run_id, result_type=LifeEnded)
        ended: LifeEnded = await life.result(follow_runs=False, rpc_timeout=CALL)
        return ended

    def _remember(self, candidate_id: UUID, asked_at: datetime) -> None:
        """For good: an answer of before stays one, whatever becomes of the life."""
        if len(self._asked_last) >= _MOST:
            self._asked_last.clear()
        self._asked_last[candidate_id] = asked_at
