"""What the workflows ask of this service: the next step of a life or a session, and to decide it now."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from services.chassis.context import Context
from services.chassis.temporal import closed_mouth
from services.contracts.life import (
    ActResult,
    BatchResult,
    CandidateAct,
    CandidateQuestion,
    NextStep,
    SessionBatch,
    SessionQuestion,
    SessionStep,
)
from services.documents.commands import clockwork, rows
from services.documents.domain.errors import Erased, Unknown
from services.documents.domain.life import GONE, JUDGE, REMIND, SETTLE, UNKNOWN, next_step, session_step
from services.documents.settings import Settings
from services.documents.statements import read_seen, sql

QUEUE = "documents"
BATCH_QUEUE = "documents-batch"
_ACTS = {SETTLE: clockwork.settle, REMIND: clockwork.remind, JUDGE: clockwork.judge}


class Activities:
    """This service's activities, bound to its open resources."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx

    @activity.defn(name="documents.next_step")
    @closed_mouth
    async def next_step(self, question: CandidateQuestion) -> NextStep:
        async with self._ctx.database.connection() as conn:
            now, seen = await self._ctx.clock.now(conn), await read_seen(conn)
            try:
                row = await rows.read(conn, question.candidate_id)
                calendar = await rows.calendar_of(conn, row.session_id)
            except Erased:
                return GONE
            except Unknown:
                return UNKNOWN
        return next_step(row, calendar, now, seen)

    @activity.defn(name="documents.act")
    @closed_mouth
    async def act(self, act: CandidateAct) -> ActResult:
        """An action that is not known here no longer applies (an older history asks for it)."""
        decide = _ACTS.get(act.action)
        if decide is None:
            return ActResult(applied=False)
        return ActResult(applied=await decide(self._ctx, act.candidate_id))

    @activity.defn(name="documents.session_next_step")
    @closed_mouth
    async def session_next_step(self, question: SessionQuestion) -> SessionStep:
        async with self._ctx.database.connection() as conn:
            now, seen = await self._ctx.clock.now(conn), await read_seen(conn)
            try:
                calendar = await rows.calendar_of(conn, question.session_id)
            except Unknown:
                return SessionStep(action=SETTLE, wait_seconds=10)
            counted = await sql.count_due(conn, session_id=question.session_id, now=now, **seen.values)
        return session_step(calendar, now, counted["due"], counted["withheld"])

    @activity.defn(name="documents.session_batch")
    @closed_mouth
    async def session_batch(self, batch: SessionBatch) -> BatchResult:
        if batch.action != SETTLE:
            return BatchResult(decided=0, remaining=0)
        if activity.in_activity():
            activity.heartbeat()
        return await clockwork.settle_batch(self._ctx, batch.session_id, batch.limit)

    def queues(self) -> dict[str, Sequence[Callable[..., Any]]]:
        """Task queue → activities. Mass work has a queue of its own, so that it delays no single life."""
        return {
            QUEUE: [self.next_step, self.act, self.session_next_step],
            BATCH_QUEUE: [self.session_next_step, self.session_batch],
        }
