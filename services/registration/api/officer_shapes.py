"""What the officers' routes take and answer."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, model_validator

from services.chassis.texts import storable
from services.contracts.stages import Stage
from services.registration.api.shapes import CandidatureView, SessionView, Shape
from services.registration.domain.candidature import Candidature
from services.registration.domain.outcome import hold_unheeded, save_unheeded
from services.registration.guidance import Next
from services.registration.queries import JournalEntry

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000), AfterValidator(storable)
]


class Act(BaseModel):
    """An officer's act: the reason is kept in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Reason


class DeadlineAct(Act):
    deadline_at: AwareDatetime


class ReleaseAct(Act):
    """Once the deadline has passed or is near: a new one, or `settle_now` (« juger tout de suite »)."""

    deadline_at: AwareDatetime | None = None
    settle_now: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.settle_now and self.deadline_at is not None:
            raise ValueError("Une nouvelle échéance et « juger tout de suite » s’excluent : choisissez.")
        return self


class ReinstatementAct(Act):
    deadline_at: AwareDatetime | None = None


class FormOpeningAct(Act):
    """`closes_at`: until when the form is open again; the deadline, given or not, comes after it."""

    closes_at: AwareDatetime
    deadline_at: AwareDatetime | None = None


class JournalView(Shape):
    """One act; closes_at, deadline_at: the candidature's with it, unknown in the oldest lines."""

    at: datetime
    actor: str
    act: str
    revision: int
    reason: str | None
    closes_at: datetime | None
    deadline_at: datetime | None


class OfficerView(Shape):
    """The candidature as an officer sees it, with its journal.

    hold_unheeded: cancelled by a verdict, and a later one would have held it: reinstate or uphold.
    save_unheeded: nothing is in force, and a save since (`save_fault_at`), in the last day of the window, was
        turned away or could not end in time: open the form again or reinstate, or uphold.
    """

    candidature: CandidatureView
    stage: Stage
    portfolio: int | None
    eligible: bool | None
    eligibility_accepted: bool
    hold_cause: str | None
    cancelled_by: str | None
    own_deadline: bool
    verdict: str | None
    verdict_evidence_rev: int
    applied_evidence_rev: int
    hold_unheeded: bool
    save_unheeded: bool
    save_fault_at: datetime | None
    open_dead_letters: int
    journal: tuple[JournalView, ...] = ()

    @classmethod
    def of(cls, row: Candidature, now: datetime, step: Next, journal: list[JournalEntry]) -> Self:
        return cls(
            candidature=CandidatureView.of(row, now, step),
            stage=row.stage,
            portfolio=row.portfolio,
            eligible=row.eligible,
            eligibility_accepted=row.eligibility_accepted,
            hold_cause=row.hold_cause,
            cancelled_by=row.cancelled_by,
            own_deadline=row.own_deadline,
            verdict=row.verdict,
            verdict_evidence_rev=row.verdict_evidence_rev,
            applied_evidence_rev=row.applied_evidence_rev,
            hold_unheeded=hold_unheeded(row),
            save_unheeded=save_unheeded(row),
            save_fault_at=row.save_fault_at,
            open_dead_letters=row.open_dead_letters,
            journal=tuple(
                JournalView(
                    at=entry.at,
                    actor=entry.actor,
                    act=entry.act,
                    revision=entry.revision,
                    reason=entry.reason,
                    closes_at=entry.closes_at,
                    deadline_at=entry.deadline_at,
                )
                for entry in journal
            ),
        )


class MovedView(Shape):
    session: SessionView
    touched: int
    reinstated: int
    released: int


class MissingVerdictView(Shape):
    candidate_id: UUID
    session_id: str
    stage: str
    version: int
    deadline_at: datetime
    verdict_evidence_rev: int
    open_dead_letters: int


class UnheededHoldView(Shape):
    """`cancelled_at`: when the verdict cancelled that a later one speaks against."""

    candidate_id: UUID
    session_id: str
    portfolio: int | None
    version: int
    deadline_at: datetime
    cancelled_at: datetime | None
    verdict_evidence_rev: int


class UnheededSaveView(Shape):
    """closes_at: until when the form was open. save_fault_at: when a write to it came last that was
    turned away or could not end in time.
    """

    candidate_id: UUID
    session_id: str
    stage: Stage
    closes_at: datetime
    save_fault_at: datetime
    decided_at: datetime | None
