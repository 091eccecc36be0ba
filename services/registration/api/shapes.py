"""What the API takes and answers. Instants are UTC, limits are exclusive; `…_text` says it in French."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from services.chassis.times import paris_limit, paris_minute
from services.contracts.events import Calendar
from services.contracts.internal import DuePiece
from services.contracts.stages import Stage
from services.registration.domain.candidature import OUTCOMES, Candidature
from services.registration.domain.form import Form
from services.registration.queries import JournalEntry, Version
from services.registration.wording import STAGE_LABELS, next_of, outcome_of

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Act(_Body):
    """An officer's act: the reason is kept in the file."""

    reason: Reason


class DeadlineAct(Act):
    deadline_at: AwareDatetime


class ReinstatementAct(Act):
    deadline_at: AwareDatetime | None = None


class SessionView(_Shape):
    session_id: str
    label: str
    opens_at: datetime
    opens_text: str
    closes_at: datetime
    closes_text: str
    deadline_at: datetime
    deadline_text: str
    ends_at: datetime
    open: bool

    @classmethod
    def of(cls, calendar: Calendar, now: datetime) -> Self:
        return cls(
            session_id=calendar.session_id,
            label=calendar.label,
            opens_at=calendar.opens_at,
            opens_text=paris_minute(calendar.opens_at),
            closes_at=calendar.closes_at,
            closes_text=paris_limit(calendar.closes_at),
            deadline_at=calendar.deadline_at,
            deadline_text=paris_limit(calendar.deadline_at),
            ends_at=calendar.ends_at,
            open=calendar.opens_at <= now < calendar.closes_at,
        )


class NextView(_Shape):
    what: str
    by: datetime | None
    by_text: str | None
    then: str


class CandidatureView(_Shape):
    """The candidature as its candidate sees it."""

    candidate_id: UUID
    session_id: str
    revision: int
    stage: Stage
    stage_label: str
    version: int
    editable: bool
    closes_at: datetime
    closes_text: str
    deadline_at: datetime
    deadline_text: str
    decided_at: datetime | None
    outcome_reason: str | None
    next: NextView

    @classmethod
    def of(cls, row: Candidature, now: datetime) -> Self:
        # Its candidate is logged in, so the account is activated, whether the event has come or not.
        stage = Stage.ACTIVATED if row.stage is Stage.AWAITING_ACTIVATION else row.stage
        step = next_of(row)
        return cls(
            candidate_id=row.candidate_id,
            session_id=row.session_id,
            revision=row.revision,
            stage=stage,
            stage_label=STAGE_LABELS[stage],
            version=row.version,
            editable=now < row.closes_at and stage in (Stage.ACTIVATED, Stage.REGISTERED, Stage.WITHDRAWN),
            closes_at=row.closes_at,
            closes_text=paris_limit(row.closes_at),
            deadline_at=row.deadline_at,
            deadline_text=paris_limit(row.deadline_at),
            decided_at=row.decided_at if stage in OUTCOMES else None,
            outcome_reason=outcome_of(row),
            next=NextView(what=step.what, by=step.by, by_text=step.by_text, then=step.then),
        )


class VersionView(_Shape):
    """One saved version: the form, R7 with a reason for each condition, and the pieces it asks for."""

    version: int
    latest: bool
    saved_at: datetime
    eligible: bool
    reasons: tuple[str, ...]
    checklist: tuple[DuePiece, ...]
    form: Form

    @classmethod
    def of(cls, version: Version, latest: int) -> Self:
        return cls(
            version=version.version,
            latest=version.version == latest,
            saved_at=version.saved_at,
            eligible=version.eligible,
            reasons=version.reasons,
            checklist=version.checklist,
            form=version.form,
        )


class PiecesView(_Shape):
    version: int
    pieces: tuple[DuePiece, ...]


class JournalView(_Shape):
    at: datetime
    actor: str
    act: str
    revision: int
    reason: str | None


class OfficerView(_Shape):
    """The candidature as an officer sees it, with its journal."""

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
    open_dead_letters: int
    journal: tuple[JournalView, ...] = ()

    @classmethod
    def of(cls, row: Candidature, now: datetime, journal: list[JournalEntry]) -> Self:
        return cls(
            candidature=CandidatureView.of(row, now),
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
            open_dead_letters=row.open_dead_letters,
            journal=tuple(
                JournalView(
                    at=entry.at,
                    actor=entry.actor,
                    act=entry.act,
                    revision=entry.revision,
                    reason=entry.reason,
                )
                for entry in journal
            ),
        )


class MovedView(_Shape):
    session: SessionView
    touched: int
    reinstated: int


class MissingVerdictView(_Shape):
    candidate_id: UUID
    session_id: str
    stage: str
    version: int
    deadline_at: datetime
    verdict_evidence_rev: int
    open_dead_letters: int
