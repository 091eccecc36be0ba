"""The services' part in recovery as small models in memory: for the workflow's own logic."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from services.contracts.life import SessionQuestion, SessionStep
from services.contracts.recovery import (
    SERVICES,
    AccountLines,
    DocumentsLines,
    Line,
    Lines,
    NotificationsLines,
    Page,
    RegistrationLines,
    Repair,
    Repaired,
    Unheard,
    UnheardFacts,
    recovery_queue,
)
from workflows.names import batch_queue
from workflows.recovery import QUEUE
from workflows.recovery.reconcile import Reconciliation
from workflows.recovery.shapes import ClosingsAsked, ClosingsSeen, Going, LivesAsked, LivesSeen, Report, Scope
from workflows.session import OWNERS as CLOSED_BY

_NOW = datetime(2020, 12, 1, 12, tzinfo=UTC)
_SHAPES: dict[str, type[Lines]] = {
    "accounts": AccountLines,
    "registration": RegistrationLines,
    "documents": DocumentsLines,
    "notifications": NotificationsLines,
}


class Services:
    """What each has of whom; a repair is noted, and `mend` may carry it out.

    sessions: the calendars that all of them know, id → key. closings: the sessions whose closing runs.
    ahead: who has a mass decision of which session ahead.
    """

    def __init__(self) -> None:
        self.lines: dict[str, dict[UUID, Line]] = {service: {} for service in SERVICES}
        self.repairs: list[tuple[str, Repair]] = []
        self.lost: dict[str, set[UUID]] = {}
        self.mend: Callable[[str, Repair], None] = lambda _service, _asked: None
        self.sessions: dict[str, UUID] = {}
        self.ahead: set[tuple[str, str]] = set()
        self.closings: set[str] = set()

    def activities(self, service: str) -> list[Callable[..., Any]]:
        shape = _SHAPES[service]

        @activity.defn(name=f"{service}.lines")
        async def lines(page: Page) -> shape:  # type: ignore[valid-type]
            known = self.lines[service]
            calendars = {"at": _NOW, "sessions": dict.fromkeys(self.sessions, 1)}
            if service == "registration":
                calendars["session_keys"] = self.sessions
            if page.candidate_ids is not None:
                return shape.model_validate(
                    calendars | {"lines": [known[one] for one in page.candidate_ids if one in known]}
                )
            ids = sorted(one for one in known if page.after is None or one > page.after)[: page.limit]
            return shape.model_validate(
                calendars | {"more": len(ids) == page.limit, "lines": [known[one] for one in ids]}
            )

        @activity.defn(name=f"{service}.unheard")
        async def unheard(asked: Unheard) -> UnheardFacts:
            asked_for = {one for ids in asked.facts.values() for one in ids}
            return UnheardFacts(ce_ids=tuple(sorted(asked_for & self.lost.get(asked.consumer, set()))))

        @activity.defn(name=f"{service}.repair")
        async def repair(asked: Repair) -> Repaired:
            return self._repaired(service, asked)

        return [lines, unheard, repair]

    def _repaired(self, service: str, asked: Repair) -> Repaired:
        self.repairs.append((service, asked))
        self.mend(service, asked)
        return Repaired(done=len(asked.items))

    def batches(self, owner: str) -> list[Callable[..., Any]]:
        @activity.defn(name=f"{owner}.session_next_step")
        async def session_next_step(question: SessionQuestion) -> SessionStep:
            due = (owner, question.session_id) in self.ahead
            return SessionStep(action="settle", wait_seconds=60) if due else SessionStep()

        return [session_next_step]

    def clocks(self) -> list[Callable[..., Any]]:
        @activity.defn(name="recovery.list_closings")
        async def list_closings(asked: ClosingsAsked) -> ClosingsSeen:
            return ClosingsSeen(running=tuple(self.closings & set(asked.session_ids)))

        @activity.defn(name="recovery.repair")
        async def repair(asked: Repair) -> Repaired:
            return self._repaired("lives", asked)

        return [list_lives, ask_lives, tell, list_closings, repair]


@activity.defn(name="recovery.list_lives")
async def list_lives(asked: LivesAsked) -> LivesSeen:
    return LivesSeen()


@activity.defn(name="recovery.ask_lives")
async def ask_lives(asked: LivesAsked) -> LivesSeen:
    return LivesSeen()


@activity.defn(name="recovery.tell")
async def tell(scope: Scope, report: Report) -> None:
    pass


async def reconciled(client: Client, services: Services, scope: Scope) -> Report:
    async with AsyncExitStack() as stack:
        for service in SERVICES:
            worker = Worker(
                client, task_queue=recovery_queue(service), activities=services.activities(service)
            )
            await stack.enter_async_context(worker)
        for owner in CLOSED_BY:
            worker = Worker(client, task_queue=batch_queue(owner), activities=services.batches(owner))
            await stack.enter_async_context(worker)
        recovery = Worker(client, task_queue=QUEUE, workflows=[Reconciliation], activities=services.clocks())
        await stack.enter_async_context(recovery)
        return await client.execute_workflow(
            Reconciliation.run, Going(scope=scope), id="reconcile-test", task_queue=QUEUE
        )
