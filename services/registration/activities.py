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
from services.registration.commands.window import close_window, close_window_of
from services.registration.domain.errors import Erased, Unknown
from services.registration.domain.life import CLOSE_WINDOW, GONE, UNKNOWN, next_step, session_step
from services.registration.queries import count_undecided, read_candidature, session_of
from services.registration.settings import Settings

QUEUE = "registration"
BATCH_QUEUE = "registration-batch"


class Activities:
    """This service's activities, bound to its open resources."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx

    @activity.defn(name="registration.next_step")
    @closed_mouth
    async def next_step(self, question: CandidateQuestion) -> NextStep:
        async with self._ctx.database.connection() as conn:
            now = await self._ctx.clock.now(conn)
            try:
                row = await read_candidature(conn, question.candidate_id)
            except Erased:
                return GONE
            except Unknown:
                return UNKNOWN
            calendar = await session_of(conn, row.session_id)
        return next_step(row, now, calendar.spread_seconds)

    @activity.defn(name="registration.act")
    @closed_mouth
    async def act(self, act: CandidateAct) -> ActResult:
        """An action that is not known here no longer applies (an older history asks for it)."""
        if act.action != CLOSE_WINDOW:
            return ActResult(applied=False)
        return ActResult(applied=await close_window_of(self._ctx, act.candidate_id))

    @activity.defn(name="registration.session_next_step")
    @closed_mouth
    async def session_next_step(self, question: SessionQuestion) -> SessionStep:
        async with self._ctx.database.connection() as conn:
            now = await self._ctx.clock.now(conn)
            try:
                calendar = await session_of(conn, question.session_id)
            except Unknown:
                return SessionStep()
            undecided = await count_undecided(conn, question.session_id, now)
        return session_step(calendar, now, undecided)

    @activity.defn(name="registration.session_batch")
    @closed_mouth
    async def session_batch(self, batch: SessionBatch) -> BatchResult:
        if batch.action != CLOSE_WINDOW:
            return BatchResult(decided=0, remaining=0)
        if activity.in_activity():
            activity.heartbeat()
        return await close_window(self._ctx, batch.session_id, batch.limit)

    def queues(self) -> dict[str, Sequence[Callable[..., Any]]]:
        """Task queue → activities. Mass work has a queue of its own, so that it delays no single life."""
        return {
            QUEUE: [self.next_step, self.act, self.session_next_step],
            BATCH_QUEUE: [self.session_next_step, self.session_batch],
        }
