"""The three owners as small models in memory: for the workflows' own logic, without databases.

The rules here are few and plain; the real owners are in `test_lives_2021.py`. An owner can be away (its
activities fail) or behind (it answers from what it knew before).
"""

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.contracts.life import ActResult, CandidateAct, CandidateQuestion, NextStep
from tests.workflow.calendar_2021 import ACTIVATION, CLOSES, DEADLINE, GRACE
from tests.workflow.timekeeping import Timeline

OUTCOMES = ("confirmed", "cancelled", "not_registered")


@dataclass
class Person:
    """What all owners together hold of one candidate."""

    id: UUID = field(default_factory=uuid4)
    account: str = "awaiting_activation"
    expires_at: datetime | None = None
    stage: str = "awaiting_activation"
    complete: bool = False
    faulty: bool = False
    deadline_at: datetime = DEADLINE
    reminders: list[datetime] = field(default_factory=list)
    settled: bool = False


class Act(NamedTuple):
    at: datetime
    owner: str
    action: str
    applied: bool


class Owners:
    """One candidate's owners. `acts` and `asked` tell what was asked of them."""

    def __init__(self, time: Timeline, person: Person) -> None:
        self.person = person
        self.acts: list[Act] = []
        self.asked: Counter[str] = Counter()
        self.away: set[str] = set()
        self.refusing: set[str] = set()
        self.before_answer: Callable[[str], Any] | None = None
        self._time = time
        self._behind: dict[str, Person] = {}

    def fall_behind(self, owner: str) -> None:
        """From now on `owner` does not hear what happens to the candidate."""
        self._behind[owner] = copy.deepcopy(self.person)

    def catch_up(self, owner: str) -> None:
        self._behind.pop(owner, None)

    def applied(self, action: str) -> list[datetime]:
        return [act.at for act in self.acts if act.action == action and act.applied]

    def activities(self, owner: str) -> list[Callable[..., Any]]:
        @activity.defn(name=f"{owner}.next_step")
        async def next_step(question: CandidateQuestion) -> NextStep:
            self._answer(owner, question.candidate_id)
            self.asked[owner] += 1
            known = self._behind.get(owner, self.person)
            step = _STEPS[owner](known, await self._time.now())
            if self.before_answer is not None:
                await self.before_answer(owner)
            if step.wait_seconds is None:
                return step
            return step.model_copy(update={"wait_seconds": self._time.wait(step.wait_seconds)})

        @activity.defn(name=f"{owner}.act")
        async def act(asked: CandidateAct) -> ActResult:
            self._answer(owner, asked.candidate_id)
            now = await self._time.now()
            if owner in self.refusing:
                raise ApplicationError("UnknownAction", type="UnknownAction", non_retryable=True)
            applied = _ACTS[asked.action](self.person, now)
            self.acts.append(Act(now, owner, asked.action, applied))
            return ActResult(applied=applied)

        return [next_step, act]

    def _answer(self, owner: str, candidate_id: UUID) -> None:
        assert candidate_id == self.person.id
        if owner in self.away:
            raise ApplicationError("OperationalError", type="OperationalError")


def _accounts(person: Person, now: datetime) -> NextStep:
    if person.account == "deleted":
        return NextStep(ended=True, gone=True, stage="deleted")
    if person.account == "activated":
        return NextStep(ended=True, session_id="2021")
    if person.expires_at is None:
        return NextStep(ended=False, session_id="2021")
    return _at("expire", person.expires_at + GRACE, now, due_at=person.expires_at)


def _registration(person: Person, now: datetime) -> NextStep:
    shown = {"session_id": "2021", "stage": person.stage, "portfolio": "5"}
    if person.stage in OUTCOMES or (person.stage == "withdrawn" and now >= CLOSES + GRACE):
        return NextStep(ended=True, **shown)
    if person.stage in ("held", "awaiting_documents"):
        return NextStep(ended=False, due_at=person.deadline_at, **shown)
    return _at("close_window", CLOSES + GRACE, now, due_at=CLOSES, **shown)


def _documents(person: Person, now: datetime) -> NextStep:
    if person.stage in (*OUTCOMES, "withdrawn", "held"):
        return NextStep(ended=person.stage != "held")
    if person.stage not in ("registered", "awaiting_documents"):
        return NextStep(ended=False, wait_seconds=30)
    if person.complete:
        return _at("settle", CLOSES + GRACE, now)
    remind = _next_reminder(person, now)
    if remind is not None:
        return _at("remind", remind, now)
    return _at("settle", person.deadline_at + GRACE, now)


def _next_reminder(person: Person, now: datetime) -> datetime | None:
    at = person.deadline_at - timedelta(days=7)
    return None if any(at <= sent for sent in person.reminders) or now >= person.deadline_at else at


def _at(action: str, instant: datetime, now: datetime, **facts: Any) -> NextStep:
    wait = max(1.0, (instant - now).total_seconds())
    return NextStep(ended=False, action=action, wait_seconds=wait, **({"due_at": instant} | facts))


def _expire(person: Person, now: datetime) -> bool:
    if person.account != "awaiting_activation" or person.expires_at is None:
        return False
    if now < person.expires_at + GRACE:
        return False
    person.account = person.stage = "deleted"
    return True


def _close_window(person: Person, now: datetime) -> bool:
    if now < CLOSES + GRACE or person.stage not in ("activated", "registered"):
        return False
    person.stage = "not_registered" if person.stage == "activated" else "awaiting_documents"
    return True


def _remind(person: Person, now: datetime) -> bool:
    at = _next_reminder(person, now)
    if person.complete or at is None or now < at:
        return False
    person.reminders.append(now)
    return True


def _settle(person: Person, now: datetime) -> bool:
    due = CLOSES if person.complete else person.deadline_at
    if now < due + GRACE or person.stage not in ("registered", "awaiting_documents"):
        return False
    if person.complete:
        person.stage = "confirmed"
    else:
        person.stage = "held" if person.faulty else "cancelled"
    return True


_STEPS: dict[str, Callable[[Person, datetime], NextStep]] = {
    "accounts": _accounts,
    "registration": _registration,
    "documents": _documents,
}
_ACTS: dict[str, Callable[[Person, datetime], bool]] = {
    "expire": _expire,
    "close_window": _close_window,
    "remind": _remind,
    "settle": _settle,
}


def invited(sent_at: datetime, **facts: Any) -> Person:
    """Somebody whose activation mail has left."""
    return Person(expires_at=sent_at + ACTIVATION, **facts)


def activated(**facts: Any) -> Person:
    return Person(account="activated", **({"stage": "activated"} | facts))


def registered(**facts: Any) -> Person:
    return activated(stage="registered", **facts)
