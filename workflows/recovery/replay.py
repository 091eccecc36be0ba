"""Replay of one candidate's life: every fact told of them, what the facts imply, and whether that is so."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from services.contracts.recovery import (
        SERVICES,
        AccountLines,
        DocumentsLines,
        Facts,
        FactsQuestion,
        Line,
        Lines,
        NotificationsLines,
        Page,
        RefillAsked,
        RegistrationLines,
        Repair,
        RepairItem,
        recovery_queue,
    )
    from workflows.recovery.fold import actual, differences, implied
    from workflows.recovery.refill import refill_of
    from workflows.recovery.shapes import LivesAsked, LivesSeen, Replayed, ReplayOrder

_RETRY = RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=0)
_CALL = timedelta(seconds=60)
_SHAPES: dict[str, type[Lines]] = {
    "accounts": AccountLines,
    "registration": RegistrationLines,
    "documents": DocumentsLines,
    "notifications": NotificationsLines,
}


@workflow.defn(name="Replaying")
class Replaying:
    """`ReplayOrder` in, `Replayed` out; `publish`: the relays send the facts again, the life is poked."""

    @workflow.run
    async def run(self, order: ReplayOrder) -> Replayed:
        republished = await self._publish(order) if order.publish else {}
        logs = await asyncio.gather(*(_facts(service, order) for service in SERVICES))
        lines = [line for line in await asyncio.gather(*(_line(s, order) for s in SERVICES)) if line]
        facts = sorted((fact for log in logs for fact in log.facts), key=lambda fact: fact.at)
        folded, databases = implied(facts), actual(dict(lines))
        lives: LivesSeen = await workflow.execute_activity(
            "recovery.ask_lives",
            LivesAsked(candidate_ids=(order.candidate_id,)),
            result_type=LivesSeen,
            start_to_close_timeout=_CALL,
            retry_policy=_RETRY,
        )
        return Replayed(
            facts=tuple(facts),
            implied=folded,
            actual=databases,
            differences=differences(folded, databases),
            republished=republished,
            life_runs=bool(lives.lives),
        )

    async def _publish(self, order: ReplayOrder) -> dict[str, int]:
        done = await asyncio.gather(
            *(
                refill_of(service, RefillAsked(refill_id=workflow.uuid4(), key=order.candidate_id))
                for service in SERVICES
            )
        )
        await workflow.sleep(order.patience_seconds)  # the consumers take them in
        await workflow.execute_activity(
            "recovery.repair",
            Repair(repair_id=workflow.uuid4(), act="start", items=(RepairItem(key=order.candidate_id),)),
            start_to_close_timeout=_CALL,
            retry_policy=_RETRY,
        )
        return {service: one.republished for service, one in zip(SERVICES, done, strict=True)}


async def _facts(service: str, order: ReplayOrder) -> Facts:
    found: Facts = await workflow.execute_activity(
        f"{service}.facts",
        FactsQuestion(key=order.candidate_id),
        task_queue=recovery_queue(service),
        result_type=Facts,
        start_to_close_timeout=_CALL,
        retry_policy=_RETRY,
    )
    return found


async def _line(service: str, order: ReplayOrder) -> tuple[str, Line] | None:
    told = await workflow.execute_activity(
        f"{service}.lines",
        Page(candidate_ids=(order.candidate_id,), facts_since=workflow.now()),
        task_queue=recovery_queue(service),
        result_type=_SHAPES[service],
        start_to_close_timeout=_CALL,
        retry_policy=_RETRY,
    )
    lines: tuple[Line, ...] = getattr(told, "lines", ())
    return (service, lines[0]) if lines else None
