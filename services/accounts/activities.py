"""The life's questions to accounts, and its one act, on the task queue `accounts`."""

from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.accounts.commands.expire import expire
from services.accounts.domain.activation import EXPIRE
from services.accounts.queries import next_step_of
from services.accounts.service import Accounts
from services.chassis.temporal import closed_mouth
from services.contracts.life import ActResult, CandidateAct, CandidateQuestion, NextStep

TASK_QUEUE = "accounts"


def activities(accounts: Accounts) -> list[Callable[..., Any]]:
    @activity.defn(name="accounts.next_step")
    @closed_mouth
    async def next_step(question: CandidateQuestion) -> NextStep:
        async with accounts.database.connection() as conn:
            return await next_step_of(conn, question.candidate_id, await accounts.clock.now(conn))

    @activity.defn(name="accounts.act")
    @closed_mouth
    async def act(asked: CandidateAct) -> ActResult:
        if asked.action != EXPIRE:
            raise ApplicationError("unknown action", type="UnknownAction", non_retryable=True)
        return ActResult(applied=await expire(accounts, asked.candidate_id))

    return [next_step, act]
