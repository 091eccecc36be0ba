"""The lives and closings as Temporal has them: which run, what they wait for; and waking them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from prometheus_client import Gauge
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from services.chassis.telemetry import log
from services.contracts.recovery import Repair, Repaired, RepairItem
from workflows.bridge import poke_life, start_closing, start_life
from workflows.life import CandidateLife
from workflows.names import closing_id, life_id
from workflows.recovery.shapes import (
    ClosingsAsked,
    ClosingsSeen,
    LifeSeen,
    LivesAsked,
    LivesSeen,
    Report,
    Scope,
)
from workflows.search_attributes import NEXT_DEADLINE_AT

FINDINGS = Gauge(
    "candidat_libre_reconcile_findings", "What the last whole reconciliation could not repair", ["kind"]
)
REPAIRED = Gauge("candidat_libre_reconcile_repaired", "What the last whole reconciliation repaired", ["kind"])
RECONCILED = Gauge(
    "candidat_libre_reconciled_timestamp_seconds",
    "When the last whole reconciliation ended: of recent facts, or of all",
    ["facts"],
)

_AT_ONCE = 20
_IN_A_QUERY = 100
_CALL = timedelta(seconds=5)


class Lives:
    """The activities of recovery that reach Temporal, and the telling of a report."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._places = asyncio.Semaphore(_AT_ONCE)

    def activities(self) -> list[Callable[..., Any]]:
        return [self.list_lives, self.ask_lives, self.list_closings, self.repair, self.tell]

    @activity.defn(name="recovery.list_lives")
    async def list_lives(self, asked: LivesAsked) -> LivesSeen:
        """Those that run, as the list of workflows has them: some moments old."""
        return LivesSeen(lives=tuple([seen async for seen in self._running(asked.candidate_ids)]))

    async def _running(self, ids: tuple[UUID, ...]) -> AsyncIterator[LifeSeen]:
        for start in range(0, len(ids), _IN_A_QUERY):
            activity.heartbeat()
            names = ", ".join(f"'{life_id(one)}'" for one in ids[start : start + _IN_A_QUERY])
            query = (
                f"WorkflowType = 'CandidateLife' AND ExecutionStatus = 'Running' AND WorkflowId IN ({names})"
            )
            async for found in self._client.list_workflows(query, page_size=_IN_A_QUERY):
                limit_at = found.typed_search_attributes.get(NEXT_DEADLINE_AT)
                yield LifeSeen(candidate_id=UUID(found.id), limit_at=limit_at)

    @activity.defn(name="recovery.ask_lives")
    async def ask_lives(self, asked: LivesAsked) -> LivesSeen:
        """Those that run, each asked itself what it waits for."""
        beating = asyncio.create_task(_beat())
        try:
            found = await asyncio.gather(*map(self._ask, asked.candidate_ids))
        finally:
            beating.cancel()
        return LivesSeen(lives=tuple(seen for seen in found if seen is not None))

    async def _ask(self, candidate_id: UUID) -> LifeSeen | None:
        handle = self._client.get_workflow_handle_for(CandidateLife.run, life_id(candidate_id))
        async with self._places:
            described = await self._described(life_id(candidate_id))
            if described is None:
                return None
            limit_at = described.typed_search_attributes.get(NEXT_DEADLINE_AT)
            try:
                waiting = await handle.query(CandidateLife.next, rpc_timeout=_CALL)
            except (RPCError, WorkflowQueryFailedError):
                return LifeSeen(candidate_id=candidate_id, limit_at=limit_at, asked=True, silent=True)
        return LifeSeen(candidate_id=candidate_id, limit_at=limit_at, wakes_at=waiting.wakes_at, asked=True)

    async def _described(self, workflow_id: str) -> WorkflowExecutionDescription | None:
        """None: it does not run."""
        try:
            described = await self._client.get_workflow_handle(workflow_id).describe(rpc_timeout=_CALL)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return described if described.status is WorkflowExecutionStatus.RUNNING else None

    @activity.defn(name="recovery.list_closings")
    async def list_closings(self, asked: ClosingsAsked) -> ClosingsSeen:
        """Those that run; there are as many as sessions."""
        return ClosingsSeen(
            running=tuple([one for one in asked.session_ids if await self._described(closing_id(one))])
        )

    @activity.defn(name="recovery.repair")
    async def repair(self, asked: Repair) -> Repaired:
        """Poke what runs, or start what does not; what it finds it asks its owners."""
        for item in asked.items:
            activity.heartbeat()
            await self._wake(asked.act, item)
        return Repaired(done=len(asked.items))

    async def _wake(self, act: str, item: RepairItem) -> None:
        match act:
            case "start_closing":
                await start_closing(self._client, item.said("session_id"))
            case "start":
                await start_life(self._client, item.key)
            case _:
                await poke_life(self._client, item.key)

    @activity.defn(name="recovery.tell")
    async def tell(self, scope: Scope, report: Report) -> None:
        """In the log and, of all candidates, in the metrics: ids, kinds and numbers."""
        if scope.candidate_id is None and scope.session_id is None:
            for gauge, counts in ((FINDINGS, report.left_by_kind), (REPAIRED, report.repaired_by_kind)):
                gauge.clear()
                for kind, count in counts.items():
                    gauge.labels(kind).set(count)
            RECONCILED.labels("recent" if scope.facts_seconds else "all").set_to_current_time()
        for finding in report.repaired:
            log.warning("disagreement repaired", kind=finding.kind, key=str(finding.key), seen=finding.seen)
        for finding in report.left:
            log.error("disagreement left", kind=finding.kind, key=str(finding.key), seen=finding.seen)
        log.info(
            "reconciled",
            candidates=report.candidates,
            lives=report.lives,
            uncompared=report.uncompared,
            repaired=sum(report.repaired_by_kind.values()),
            left=sum(report.left_by_kind.values()),
        )


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(5)
