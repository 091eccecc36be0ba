"""The candidature: the row that every decision locks, and how a change of it makes its facts.

A decision reads columns of this row alone, so whatever it depends on is copied here under the same lock.
Transitions (saving, outcome, acts, window) are pure: they take the row and return a `Step` or refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.contracts.events import CandidatureEvent
from services.contracts.stages import Stage, Verdict

HoldCause = Literal["ours", "eligibility", "officer"]
Canceller = Literal["verdict", "officer"]

OUTCOMES = frozenset({Stage.CONFIRMED, Stage.CANCELLED, Stage.HELD, Stage.NOT_REGISTERED, Stage.WITHDRAWN})
"""Stages that somebody or something decided; `decided_at` says when."""
UNDECIDED = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD})
"""Stages of a saved candidature whose outcome is to come."""
_IN_FORCE = UNDECIDED | {Stage.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Candidature:
    """One candidate's row.

    version: of the registration last saved, 0 when nothing is.
    own_deadline: the deadline was given to this candidate alone; the session's moves only lengthen it.
    eligible: R7 as declared in the last version; eligibility_accepted: an officer released it all the same.
    verdict…: the last one heard of `documents`, by evidence_rev, and None once a piece that it counted is
        missing; applied_evidence_rev: of the last that has no more to say, being applied, or closed by an
        act: what is reopened waits for a fresh one, and an upheld cancellation stands in spite of it.
    releases: how often a hold was ended, for who hears of the stage alone; released_at, settle_now: of the
        last one, when, and whether it was to be settled by the deadline in force.
    open_dead_letters: events about this candidate that this service could not take in.
    closes_at: of the session, unless an officer has opened the form to this candidate again.
    save_fault_at: the last request to the form, in the fault window before `closes_at`, that did not reach
        its owner, found it failing, or came in time and could not end in time; None once an officer has
        looked (decision 0014).
    """

    candidate_id: UUID
    session_id: str
    revision: int
    stage: Stage
    version: int
    closes_at: datetime
    deadline_at: datetime
    grace_seconds: int
    own_deadline: bool = False
    eligible: bool | None = None
    eligibility_accepted: bool = False
    portfolio: int | None = None
    hold_cause: HoldCause | None = None
    cancelled_by: Canceller | None = None
    officer_reason: str | None = None
    decided_at: datetime | None = None
    verdict: Verdict | None = None
    verdict_version: int | None = None
    verdict_deadline_at: datetime | None = None
    verdict_evidence_rev: int = -1
    applied_evidence_rev: int = -1
    releases: int = 0
    released_at: datetime | None = None
    settle_now: bool = False
    open_dead_letters: int = 0
    accounts_revision: int = 0
    save_fault_at: datetime | None = None

    @property
    def closing_at(self) -> datetime:
        """When the window's end is decided: close + grace (ours 2)."""
        return self.closes_at + timedelta(seconds=self.grace_seconds)

    @property
    def seen(self) -> str:
        """Names this state for who looked at it: another one as soon as an act would be judged otherwise.

        A verdict that changes nothing yet, a dead letter, a save that was turned away and what an officer
        lets stand take no revision.
        """
        fault = 0 if self.save_fault_at is None else int(self.save_fault_at.timestamp() * 1000)
        numbers = (
            self.revision,
            self.verdict_evidence_rev,
            self.applied_evidence_rev,
            self.open_dead_letters,
            fault,
        )
        return ".".join(map(str, numbers))

    def may_be_confirmed(self) -> bool:
        return bool(self.eligible) or self.eligibility_accepted

    @property
    def in_force(self) -> bool:
        """Whether the version last saved counts: one withdrawn or cancelled does not."""
        return self.stage in _IN_FORCE

    @property
    def doubtful(self) -> bool:
        """Whether an officer will have to decide, since a declared condition of R7 fails (ours 6)."""
        return self.stage in UNDECIDED and not self.may_be_confirmed()

    def resumed_stage(self, now: datetime) -> Stage:
        """Where a saved candidature goes on after a hold, a withdrawal or a cancellation is undone."""
        return Stage.REGISTERED if now < self.closing_at else Stage.AWAITING_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Step:
    """The row as it becomes and the facts to publish, in order. `act` names it in the journal."""

    candidature: Candidature
    act: str
    events: tuple[CandidatureEvent, ...] = ()


Kinds = tuple[Callable[..., CandidatureEvent], ...]
"""Facts to be made, in order: an event's class, or a partial of it with its own members."""


def facts(row: Candidature, kinds: Kinds) -> tuple[CandidatureEvent, ...]:
    """The facts of a row that has already become; the last one has its revision.

    Each takes a revision of its own, since consumers apply only a higher one.
    """
    first = row.revision - len(kinds) + 1
    return tuple(
        kind(
            revision=revision,
            candidate_id=row.candidate_id,
            session_id=row.session_id,
            state=row.stage,
            registration_version=row.version,
            deadline_at=row.deadline_at,
        )
        for revision, kind in enumerate(kinds, start=first)
    )


def step(before: Candidature, act: str, kinds: Kinds, **changes: Any) -> Step:
    """Change the row and make its facts."""
    after = replace(before, **changes, revision=before.revision + len(kinds))
    return Step(after, act, facts(after, kinds))


def decided(
    before: Candidature,
    act: str,
    kinds: Kinds,
    stage: Stage,
    now: datetime,
    **changes: Any,
) -> Step:
    """Move to `stage`; what only described the stage before is cleared."""
    described: dict[str, Any] = {"hold_cause": None, "cancelled_by": None, "officer_reason": None}
    return step(
        before,
        act,
        kinds,
        stage=stage,
        decided_at=now if stage in OUTCOMES else None,
        **(described | changes),
    )
