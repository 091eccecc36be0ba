"""One candidate's life as a durable clock.

It asks the three owners what is next, sleeps until the soonest, asks that owner to decide, and asks again.
Signals carry nothing, so what is delivered twice or in another order cannot matter, and the history holds
only ids, stages and instants.

No poke is lost: the mark is taken off before the owners are asked, a poke that comes later asks again, also
when they all said it is over; a new run (continue as new) asks first thing.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from services.contracts.life import OWNERS, ActResult, CandidateAct, CandidateQuestion, NextStep
    from workflows.cadence import Answer, Cadence
    from workflows.names import POKE
    from workflows.search_attributes import NEXT_DEADLINE_AT, PORTFOLIO, SESSION, STAGE, changes
    from workflows.shapes import LifeEnded, Waiting

Steps = dict[str, NextStep]

_COALESCE = timedelta(seconds=1)
_CALL = timedelta(seconds=10)
_RETRY = RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=0)


@workflow.defn(name="CandidateLife")
class CandidateLife:
    """`CandidateQuestion` in; ends when an owner says `gone` or all say `ended`."""

    @workflow.init
    def __init__(self, question: CandidateQuestion) -> None:
        self._question = question
        self._poked = False
        self._cadence = Cadence()
        self._waiting = Waiting()

    @workflow.signal(name=POKE)
    def poke(self) -> None:
        """Something happened: ask again."""
        self._poked = True

    @workflow.query(name="next")
    def next(self) -> Waiting:
        return self._waiting

    @workflow.run
    async def run(self, question: CandidateQuestion) -> LifeEnded:
        while True:
            self._take_note()
            asked_at = workflow.now()
            steps = await self._ask()
            over = _over(steps)
            self._show(steps, over)
            if over and not self._poked:
                return LifeEnded(stage=_stage(steps), asked_at=asked_at)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._question)
            await self._sleep_and_act(steps)

    def _take_note(self) -> None:
        if self._poked:
            self._cadence.something_happened()
        self._poked = False

    async def _ask(self) -> Steps:
        answers = await asyncio.gather(*(self._next_step(owner) for owner in OWNERS))
        return dict(zip(OWNERS, answers, strict=True))

    async def _next_step(self, owner: str) -> NextStep:
        step: NextStep = await workflow.execute_activity(
            f"{owner}.next_step",
            self._question,
            task_queue=owner,
            result_type=NextStep,
            start_to_close_timeout=_CALL,
            retry_policy=_RETRY,
        )
        return step

    async def _sleep_and_act(self, steps: Steps) -> None:
        seconds, owner = self._cadence.soonest(
            Answer(owner, step.wait_seconds, step.action is not None)
            for owner, step in steps.items()
            if not step.ended
        )
        self._tell(steps, seconds, owner)
        try:
            await workflow.wait_condition(
                lambda: self._poked, timeout=seconds, timeout_summary=_summary(owner, steps)
            )
        except TimeoutError:
            await self._act(owner, steps[owner].action if owner else None)
        else:
            await workflow.sleep(_COALESCE)

    async def _act(self, owner: str | None, action: str | None) -> None:
        if owner is None or action is None:
            self._cadence.nothing_happened()
            return
        try:
            result: ActResult = await workflow.execute_activity(
                f"{owner}.act",
                CandidateAct(candidate_id=self._question.candidate_id, action=action),
                task_queue=owner,
                result_type=ActResult,
                start_to_close_timeout=_CALL,
                retry_policy=_RETRY,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            result = ActResult(applied=False)  # refused for good: the life goes on, asking less and less
        self._cadence.decided(owner, result.applied)

    def _tell(self, steps: Steps, seconds: float, owner: str | None) -> None:
        step = steps[owner] if owner else None
        self._waiting = Waiting(
            owner=owner,
            action=step.action if step else None,
            due_at=step.due_at if step else None,
            wakes_at=workflow.now() + timedelta(seconds=seconds),
            stage=_stage(steps),
        )

    def _show(self, steps: Steps, over: bool) -> None:
        updates = changes(
            workflow.info().typed_search_attributes,
            (
                (SESSION, _session(steps)),
                (STAGE, _stage(steps)),
                (PORTFOLIO, steps["registration"].portfolio),
                (NEXT_DEADLINE_AT, None if over else _next_limit(steps)),
            ),
        )
        if updates:
            workflow.upsert_search_attributes(updates)


def _over(steps: Steps) -> bool:
    return any(step.gone for step in steps.values()) or all(step.ended for step in steps.values())


def _by_weight(steps: Steps) -> tuple[NextStep, ...]:
    """Who is believed first about the candidature: who said that the person is gone, then registration."""
    gone = tuple(step for step in steps.values() if step.gone)
    return (*gone, steps["registration"], steps["accounts"], steps["documents"])


def _stage(steps: Steps) -> str | None:
    return next((step.stage for step in _by_weight(steps) if step.stage is not None), None)


def _session(steps: Steps) -> str | None:
    return next((step.session_id for step in _by_weight(steps) if step.session_id is not None), None)


def _next_limit(steps: Steps) -> datetime | None:
    """The limit the candidate has before them: the activation's while it runs, then the candidature's."""
    in_turn = (steps[owner] for owner in OWNERS)
    return next((step.due_at for step in in_turn if not step.ended and step.due_at is not None), None)


def _summary(owner: str | None, steps: Steps) -> str:
    """What operators read beside the timer."""
    return f"{owner}: {steps[owner].action}" if owner else "ask again"
