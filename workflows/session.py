"""The closing of an exam session: the mass decisions of its limits, paced and in view.

At the window's close and at the deadline everybody is due at once. One statement for many rows does in a
second what as many timers do in minutes, so this workflow has the owners decide in batches until a plain
count finds nothing more, with a rest between two batches. Operators pause, resume and throttle it.

It ends when no owner has had anything ahead for `_QUIET` in a row; an owner's first "nothing" may only mean
that it has not heard of the session yet. `SessionScheduled` starts it again whenever the calendar changes,
and the candidates' own timers catch what comes later still.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from services.contracts.life import BatchResult, SessionBatch, SessionQuestion, SessionStep
    from workflows.cadence import Answer, Cadence
    from workflows.names import POKE, batch_queue
    from workflows.search_attributes import NEXT_DEADLINE_AT, SESSION, STAGE, changes
    from workflows.shapes import Closing, OwnerProgress, Progress, Throttle

OWNERS = ("registration", "documents")
Steps = dict[str, SessionStep]

_QUIET = timedelta(days=7)
_COALESCE = timedelta(seconds=1)
_ASK = timedelta(seconds=30)
_BATCH = timedelta(minutes=2)
_HEARTBEAT = timedelta(seconds=30)
_RETRY = RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=0)
_FRUITLESS = 8
"""Batches in a row that decided nothing although rows were counted (others hold their locks)."""


@workflow.defn(name="SessionClosing")
class SessionClosing:
    """`Closing` in, `Progress` out."""

    @workflow.init
    def __init__(self, closing: Closing) -> None:
        self._session_id = closing.session_id
        self._paused = closing.paused
        self._throttle = closing.throttle
        self._owners = {owner: OwnerProgress(decided=closing.decided.get(owner, 0)) for owner in OWNERS}
        self._poked = False
        self._cadence = Cadence()

    @workflow.signal(name=POKE)
    def poke(self) -> None:
        """The calendar changed: ask again."""
        self._poked = True

    @workflow.signal
    def pause(self) -> None:
        """Begin no further batch; the one in hand ends."""
        self._paused = True

    @workflow.signal
    def resume(self) -> None:
        self._paused = False

    @workflow.signal
    def throttle(self, throttle: Throttle) -> None:
        self._throttle = throttle

    @workflow.query
    def progress(self) -> Progress:
        return Progress(
            session_id=self._session_id,
            paused=self._paused,
            throttle=self._throttle,
            owners=dict(self._owners),
        )

    @workflow.run
    async def run(self, closing: Closing) -> Progress:
        quiet_since = workflow.now()
        while True:
            self._take_note()
            steps = await self._ask()
            self._show(steps)
            if any(step.action for step in steps.values()):
                quiet_since = workflow.now()
            if workflow.now() - quiet_since >= _QUIET and not self._poked:
                self._show({})
                return self.progress()
            due = {
                owner: step.action for owner, step in steps.items() if step.action and not step.wait_seconds
            }
            if due:
                await asyncio.gather(*(self._work_off(owner, action) for owner, action in due.items()))
            self._continue_if_long()
            await self._sleep({owner: step for owner, step in steps.items() if owner not in due})

    def _take_note(self) -> None:
        if self._poked:
            self._cadence.something_happened()
        self._poked = False

    async def _ask(self) -> Steps:
        answers = await asyncio.gather(*(self._next_step(owner) for owner in OWNERS))
        return dict(zip(OWNERS, answers, strict=True))

    async def _next_step(self, owner: str) -> SessionStep:
        step: SessionStep = await workflow.execute_activity(
            f"{owner}.session_next_step",
            SessionQuestion(session_id=self._session_id),
            task_queue=batch_queue(owner),
            result_type=SessionStep,
            start_to_close_timeout=_ASK,
            retry_policy=_RETRY,
        )
        return step

    async def _sleep(self, steps: Steps) -> None:
        """Until the soonest limit, a poke, or the time to ask again; what was just decided is asked again."""
        seconds, _ = self._cadence.soonest(
            Answer(owner, step.wait_seconds, step.action is not None) for owner, step in steps.items()
        )
        try:
            await workflow.wait_condition(
                lambda: self._poked, timeout=max(seconds, 1.0), timeout_summary="next limit"
            )
        except TimeoutError:
            self._cadence.nothing_happened()
        else:
            await workflow.sleep(_COALESCE)

    async def _work_off(self, owner: str, action: str) -> None:
        """Batch after batch until the count is 0; gives up for this turn when nothing can be decided."""
        fruitless = 0
        decided_before = self._owners[owner].decided
        while fruitless < _FRUITLESS and not workflow.info().is_continue_as_new_suggested():
            await workflow.wait_condition(lambda: not self._paused)
            result = await self._batch(owner, action)
            if result.remaining == 0:
                break
            fruitless = 0 if result.decided else fruitless + 1
            rest = self._throttle.rest_seconds + (2.0**fruitless - 1)
            if rest > 0:
                await workflow.sleep(rest)
        if self._owners[owner].decided > decided_before:
            self._cadence.something_happened()

    async def _batch(self, owner: str, action: str) -> BatchResult:
        result: BatchResult = await workflow.execute_activity(
            f"{owner}.session_batch",
            SessionBatch(session_id=self._session_id, action=action, limit=self._throttle.batch_size),
            task_queue=batch_queue(owner),
            result_type=BatchResult,
            start_to_close_timeout=_BATCH,
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=_RETRY,
        )
        before = self._owners[owner]
        self._owners[owner] = before.model_copy(
            update={"decided": before.decided + result.decided, "remaining": result.remaining}
        )
        return result

    def _continue_if_long(self) -> None:
        if workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(
                Closing(
                    session_id=self._session_id,
                    paused=self._paused,
                    throttle=self._throttle,
                    decided={owner: progress.decided for owner, progress in self._owners.items()},
                )
            )

    def _show(self, steps: Steps) -> None:
        for owner, progress in self._owners.items():
            step = steps.get(owner, SessionStep())
            self._owners[owner] = progress.model_copy(update={"action": step.action, "due_at": step.due_at})
        updates = changes(
            workflow.info().typed_search_attributes,
            (
                (SESSION, self._session_id),
                (STAGE, "closing" if steps else "closed"),
                (NEXT_DEADLINE_AT, _soonest_limit(steps)),
            ),
        )
        if updates:
            workflow.upsert_search_attributes(updates)


def _soonest_limit(steps: Steps) -> datetime | None:
    return min((step.due_at for step in steps.values() if step.due_at is not None), default=None)
