"""Reconciliation: page after page of what the services have, compared, looked at again, repaired or raised.

A workflow, so that it survives whatever it is there to find; its steps are activities on the queues of
recovery. It reads no database and writes none: each repair is a command of the row's owner.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from services.contracts.life import SessionQuestion, SessionStep
    from services.contracts.recovery import (
        CONSUMERS,
        SERVICES,
        AccountLines,
        DocumentsLines,
        Lines,
        NotificationsLines,
        Page,
        RegistrationLines,
        Repair,
        Repaired,
        RepairItem,
        Unheard,
        UnheardFacts,
        recovery_queue,
    )
    from services.contracts.topics import TOPICS
    from workflows.names import batch_queue
    from workflows.recovery.compare import CURES, LIVES, Case, compare, item_for, suspicious_life
    from workflows.recovery.shapes import (
        ClosingsAsked,
        ClosingsSeen,
        Finding,
        Going,
        LivesAsked,
        LivesSeen,
        Report,
    )
    from workflows.session import OWNERS as CLOSED_BY

A = TypeVar("A", bound=BaseModel)
Look = dict[tuple[UUID, str], Finding]

_RETRY = RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=0)
_CALL = timedelta(seconds=60)
_REPAIR = timedelta(minutes=10)
_HEARTBEAT = timedelta(seconds=60)
_PAGES_A_RUN = 10
_LOOKS = 5
_ROUNDS = 3
_LISTED = 200
_TOPICS = {topic.owner: topic.name for topic in TOPICS}
_SHAPES: dict[str, type[Lines]] = {
    "accounts": AccountLines,
    "registration": RegistrationLines,
    "documents": DocumentsLines,
    "notifications": NotificationsLines,
}


@workflow.defn(name="Reconciliation")
class Reconciliation:
    """`Going` in, `Report` out."""

    @workflow.init
    def __init__(self, going: Going) -> None:
        self._scope = going.scope
        self._report = going.report
        self._cases: dict[UUID, Case] = {}
        self._sessions: dict[UUID, str] = {}
        """The key of a session → its id, of those whose closing was looked for."""

    @workflow.query
    def report(self) -> Report:
        return self._report

    @workflow.run
    async def run(self, going: Going) -> Report:
        suspects: Look = {}
        after, more, pages = going.after, True, 0
        while more and pages < _PAGES_A_RUN and not workflow.info().is_continue_as_new_suggested():
            found, after, more = await self._page(after)
            suspects |= found
            pages += 1
        await self._judge(suspects)
        if more:
            workflow.continue_as_new(Going(scope=self._scope, after=after, begun=True, report=self._report))
        await workflow.execute_activity(
            "recovery.tell",
            args=[self._scope, self._report],
            start_to_close_timeout=_CALL,
            retry_policy=_RETRY,
        )
        return self._report

    async def _page(self, after: UUID | None) -> tuple[Look, UUID | None, bool]:
        one = self._scope.candidate_id
        asked = self._asked(after=after) if one is None else self._asked(candidate_ids=(one,))
        told = await self._lines(asked)
        ends = [max(line.candidate_id for line in lines.lines) for lines in told.values() if lines.more]
        bound = min(ends) if ends else None
        cases = _cases(told, bound)
        look = await self._compare(told, cases, sure=one is not None)
        if one is None and after is None:
            look |= await self._closings(told)
        self._report = self._report.model_copy(
            update={
                "candidates": self._report.candidates + len(cases),
                "lives": self._report.lives + sum(1 for case in cases.values() if case.life),
                "uncompared": self._report.uncompared + _left_out(cases),
            }
        )
        return look, bound, bound is not None

    async def _judge(self, suspects: Look) -> None:
        """What stands when looked at again is repaired or raised; what does not was work under way."""
        if not suspects:
            return
        standing = await self._look_until_stable(suspects)
        moving = len(set(suspects) - set(standing))
        repaired: Look = {}
        for _ in range(_ROUNDS if self._scope.repair else 0):
            if not await self._cure(standing):
                break
            await workflow.sleep(self._scope.patience_seconds)
            now = await self._look_until_stable(await self._look_at(_keys(standing)))
            repaired |= {name: finding for name, finding in standing.items() if name not in now}
            standing = now
        self._report = _added(self._report, moving, repaired, standing)

    async def _look_until_stable(self, look: Look) -> Look:
        """What two looks in a row found alike."""
        stands: Look = {}
        for _ in range(_LOOKS):
            if not look:
                return {}
            await workflow.sleep(self._scope.patience_seconds)
            again = await self._look_at(_keys(look))
            stands = {name: finding for name, finding in again.items() if look.get(name) == finding}
            if len(stands) == len(again):
                break
            look = again
        return stands

    async def _look_at(self, keys: Sequence[UUID]) -> Look:
        """Page after page; `_cases` has all of them, for the cures."""
        found: Look = {}
        self._cases = {}
        for start in range(0, len(keys), self._scope.page_size):
            ids = tuple(keys[start : start + self._scope.page_size])
            told = await self._lines(self._asked(candidate_ids=ids))
            cases = _cases(told, None)
            found |= await self._compare(told, cases, sure=True)
            if self._sessions.keys() & set(ids):
                found |= await self._closings(told)
            self._cases |= cases
        return found

    def _asked(self, after: UUID | None = None, candidate_ids: tuple[UUID, ...] | None = None) -> Page:
        age = self._scope.facts_seconds
        return Page(
            after=after,
            limit=self._scope.page_size,
            session_id=self._scope.session_id,
            candidate_ids=candidate_ids,
            facts_since=workflow.now() - timedelta(seconds=age) if age else None,
        )

    async def _lines(self, page: Page) -> dict[str, Any]:
        answers = await asyncio.gather(
            *(_ask(service, "lines", page, _SHAPES[service]) for service in SERVICES)
        )
        return dict(zip(SERVICES, answers, strict=True))

    async def _compare(self, told: dict[str, Any], cases: dict[UUID, Case], *, sure: bool) -> Look:
        """`sure`: each life is asked itself, not looked up in the list of those that run."""
        await self._add_unheard(cases)
        await self._add_lives(cases, sure=sure)
        findings = [finding for case in cases.values() for finding in compare(case, self._scope)]
        if self._scope.candidate_id is None:
            findings += _calendars(told, self._scope.session_id)
        return {(finding.key, finding.kind): finding for finding in findings}

    async def _add_unheard(self, cases: dict[UUID, Case]) -> None:
        async def ask(teller: str, hearer: str) -> None:
            owner_of: dict[UUID, UUID] = {}
            facts: dict[str, tuple[UUID, ...]] = {}
            for key, case in cases.items():
                told = case.lines[teller].facts if teller in case.lines else {}
                for kind, ce_ids in told.items():
                    facts[kind] = (*facts.get(kind, ()), *ce_ids)
                    owner_of |= dict.fromkeys(ce_ids, key)
            if not facts:
                return
            consumer = f"{hearer}.{teller}"
            asked = Unheard(consumer=consumer, topic=_TOPICS[teller], facts=facts)
            missing = await _ask(hearer, "unheard", asked, UnheardFacts)
            counts: dict[UUID, int] = {}
            for ce_id in missing.ce_ids:
                key = owner_of[ce_id]
                counts[key] = counts.get(key, 0) + 1
            for key, count in counts.items():
                cases[key].unheard += ((teller, consumer, count),)

        await asyncio.gather(*(ask(teller, hearer) for teller in CONSUMERS for hearer in CONSUMERS[teller]))
        for case in cases.values():
            case.unheard = tuple(sorted(case.unheard))

    async def _add_lives(self, cases: dict[UUID, Case], *, sure: bool) -> None:
        if not sure:
            for seen in (await _lives("recovery.list_lives", cases)).lives:
                cases[seen.candidate_id].life = seen
        asked = [key for key, case in cases.items() if sure or suspicious_life(case, self._scope)]
        for key in asked:
            cases[key].life = None
        for seen in (await _lives("recovery.ask_lives", asked)).lives:
            cases[seen.candidate_id].life = seen

    async def _closings(self, told: dict[str, Any]) -> Look:
        """Sessions in which an owner has a mass decision ahead, and whose closing does not run.

        The fact that starts it is told once: where Temporal was wiped, nobody else would begin it again.
        """
        owner, scope = told["registration"], self._scope.session_id
        sessions = {key: one for one, key in owner.session_keys.items() if scope in (None, one)}
        if not sessions or not workflow.patched("closings"):
            return {}
        self._sessions = sessions
        running = await _running_closings(sorted(sessions.values()))
        found = {}
        for key, session_id in sorted(sessions.items()):
            if session_id in running:
                continue
            if ahead := await _ahead(session_id):
                seen = f"{session_id}: {' '.join(ahead)}"
                found[key, "closing_missing"] = Finding(key=key, kind="closing_missing", seen=seen)
        return found

    async def _cure(self, standing: Look) -> bool:
        """Ask for the acts, each once for a candidate; False when there is none to ask for."""
        acts: dict[tuple[str, str], dict[UUID, RepairItem]] = {}
        for finding in standing.values():
            cure = CURES[finding.kind]
            if cure is not None:
                case = self._cases.get(finding.key) or Case(finding.key, workflow.now())
                items = acts.setdefault((cure.service, cure.act), {})
                items[finding.key] = self._item_for(finding, case)
        # Copies before what is judged by them, and lives last: they are to find all of it done.
        for (service, act), items in sorted(acts.items(), key=lambda pair: _ORDER.index(pair[0][1])):
            repair = Repair(repair_id=workflow.uuid4(), act=act, items=tuple(items.values()))
            await workflow.execute_activity(
                f"{'recovery' if service == LIVES else service}.repair",
                repair,
                task_queue=None if service == LIVES else recovery_queue(service),
                result_type=Repaired,
                start_to_close_timeout=_REPAIR,
                heartbeat_timeout=_HEARTBEAT,
                retry_policy=_RETRY,
            )
        return bool(acts)

    def _item_for(self, finding: Finding, case: Case) -> RepairItem:
        session_id = self._sessions.get(finding.key)
        if session_id is not None:
            return RepairItem(key=finding.key, session_id=session_id)
        return item_for(finding.kind, case)


_ORDER = (
    "hear_account",
    "erase",
    "recount_dead_letters",
    "learn",
    "hear_reachability",
    "hear_warnings",
    "again",
    "judge",
    "republish",
    "start_closing",
    "start",
    "poke",
)


async def _ask(service: str, question: str, argument: BaseModel, shape: type[A]) -> A:
    answer: A = await workflow.execute_activity(
        f"{service}.{question}",
        argument,
        task_queue=recovery_queue(service),
        result_type=shape,
        start_to_close_timeout=_CALL,
        retry_policy=_RETRY,
    )
    return answer


async def _lives(activity: str, ids: Iterable[UUID]) -> LivesSeen:
    asked = LivesAsked(candidate_ids=tuple(ids))
    if not asked.candidate_ids:
        return LivesSeen()
    seen: LivesSeen = await workflow.execute_activity(
        activity,
        asked,
        result_type=LivesSeen,
        start_to_close_timeout=_REPAIR,
        heartbeat_timeout=_HEARTBEAT,
        retry_policy=_RETRY,
    )
    return seen


async def _running_closings(session_ids: Sequence[str]) -> frozenset[str]:
    seen: ClosingsSeen = await workflow.execute_activity(
        "recovery.list_closings",
        ClosingsAsked(session_ids=tuple(session_ids)),
        result_type=ClosingsSeen,
        start_to_close_timeout=_CALL,
        retry_policy=_RETRY,
    )
    return frozenset(seen.running)


async def _ahead(session_id: str) -> list[str]:
    """Who has a mass decision of the session ahead, or due."""

    async def ask(owner: str) -> SessionStep:
        step: SessionStep = await workflow.execute_activity(
            f"{owner}.session_next_step",
            SessionQuestion(session_id=session_id),
            task_queue=batch_queue(owner),
            result_type=SessionStep,
            start_to_close_timeout=_CALL,
            retry_policy=_RETRY,
        )
        return step

    steps = await asyncio.gather(*(ask(owner) for owner in CLOSED_BY))
    return [owner for owner, step in zip(CLOSED_BY, steps, strict=True) if step.action]


def _keys(look: Look) -> list[UUID]:
    return sorted({key for key, _ in look})


def _cases(told: dict[str, Any], bound: UUID | None) -> dict[UUID, Case]:
    found: dict[UUID, Case] = {}
    at = max(lines.at for lines in told.values())
    for service, lines in told.items():
        for line in lines.lines:
            if bound is None or line.candidate_id <= bound:
                case = found.setdefault(line.candidate_id, Case(line.candidate_id, at))
                setattr(case, service, line)
    return found


def _left_out(cases: dict[UUID, Case]) -> int:
    return sum(line.facts_left_out for case in cases.values() for line in case.lines.values())


def _calendars(told: dict[str, Any], session_id: str | None) -> list[Finding]:
    owner = told["registration"]
    found = []
    for session, revision in owner.sessions.items():
        behind = [
            f"{service} {lines.sessions.get(session, 0)}"
            for service, lines in told.items()
            if lines.sessions.get(session, 0) < revision
        ]
        if behind and session_id in (None, session):
            seen = f"{session} {revision}: {', '.join(behind)}"
            found.append(Finding(key=owner.session_keys[session], kind="calendar_unheard", seen=seen))
    return found


def _added(report: Report, moving: int, repaired: Look, left: Look) -> Report:
    return report.model_copy(
        update={
            "moving": report.moving + moving,
            "repaired_by_kind": _counted(report.repaired_by_kind, repaired),
            "left_by_kind": _counted(report.left_by_kind, left),
            "repaired": (*report.repaired, *repaired.values())[:_LISTED],
            "left": (*report.left, *left.values())[:_LISTED],
        }
    )


def _counted(counts: dict[str, int], findings: Look) -> dict[str, int]:
    found = dict(counts)
    for _, kind in findings:
        found[kind] = found.get(kind, 0) + 1
    return found
