"""The owners of a session's mass decisions as counters in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio import activity

from services.contracts.life import BatchResult, SessionBatch, SessionQuestion, SessionStep
from tests.workflow.timekeeping import Timeline


@dataclass
class Mass:
    """What one owner has to decide: `due` rows once `limit` has passed, `locked` of them held by others."""

    time: Timeline
    action: str
    limit: datetime
    due: int
    locked: int = 0
    known: bool = True
    batches: list[tuple[datetime, int, int]] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    after_batch: Callable[[], None] = lambda: None

    def activities(self, owner: str) -> list[Callable[..., Any]]:
        @activity.defn(name=f"{owner}.session_next_step")
        async def next_step(question: SessionQuestion) -> SessionStep:
            assert question.session_id == "2021"
            now = await self.time.now()
            self.asked.append(now)
            left = (self.limit - now).total_seconds()
            if not self.known or (left <= 0 and self.due == 0):
                return SessionStep()
            wait = 0.0 if left <= 0 else self.time.wait(left)
            return SessionStep(action=self.action, wait_seconds=wait, due_at=self.limit)

        @activity.defn(name=f"{owner}.session_batch")
        async def batch(asked: SessionBatch) -> BatchResult:
            assert asked.action == self.action
            now = await self.time.now()
            activity.heartbeat()
            decided = 0 if now < self.limit else min(asked.limit, self.due - self.locked)
            self.due -= decided
            self.batches.append((now, asked.limit, decided))
            self.after_batch()
            return BatchResult(decided=decided, remaining=0 if now < self.limit else self.due)

        return [next_step, batch]
