"""What the API takes and answers. Instants are UTC, limits are exclusive; `…_text` says it in French."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.chassis.texts import storable
from services.chassis.times import paris_limit, paris_minute
from services.contracts.events import Calendar
from services.contracts.internal import DuePiece
from services.contracts.stages import Stage
from services.registration.domain.candidature import OUTCOMES, Candidature
from services.registration.domain.eligibility import Condition
from services.registration.domain.form import Form
from services.registration.domain.saving import EDITABLE
from services.registration.guidance import Doing, Next
from services.registration.queries import Version
from services.registration.wording import STAGE_LABELS, outcome_of


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class SessionView(Shape):
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


class NextView(Shape):
    """What to do, by when, what happens then; `doing`: where it is done."""

    what: str
    by: datetime | None
    by_text: str | None
    then: str
    doing: Doing | None

    @classmethod
    def of(cls, step: Next) -> Self:
        return cls(
            what=str(step.what),
            by=step.by,
            by_text=None if step.by is None else paris_limit(step.by),
            then=str(step.then),
            doing=step.doing,
        )


class CandidatureView(Shape):
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
    def of(cls, row: Candidature, now: datetime, step: Next) -> Self:
        # Its candidate is logged in, so the account is activated, whether the event has come or not.
        stage = Stage.ACTIVATED if row.stage is Stage.AWAITING_ACTIVATION else row.stage
        return cls(
            candidate_id=row.candidate_id,
            session_id=row.session_id,
            revision=row.revision,
            stage=stage,
            stage_label=STAGE_LABELS[stage],
            version=row.version,
            editable=now < row.closes_at and stage in EDITABLE,
            closes_at=row.closes_at,
            closes_text=paris_limit(row.closes_at),
            deadline_at=row.deadline_at,
            deadline_text=paris_limit(row.deadline_at),
            decided_at=row.decided_at if stage in OUTCOMES else None,
            outcome_reason=outcome_of(row),
            next=NextView.of(step),
        )


class ConditionView(Shape):
    """One of R7's: whether the declarations meet it, and the sentence that says why."""

    met: bool
    said: str

    @classmethod
    def of(cls, condition: Condition) -> Self:
        return cls(met=condition.met, said=str(condition.said))


class VersionView(Shape):
    """One saved version: the form, R7 condition by condition, and the pieces it asks for."""

    version: int
    latest: bool
    saved_at: datetime
    eligible: bool
    conditions: tuple[ConditionView, ...]
    checklist: tuple[DuePiece, ...]
    form: Form

    @classmethod
    def of(cls, version: Version, latest: int, conditions: Sequence[Condition]) -> Self:
        return cls(
            version=version.version,
            latest=version.version == latest,
            saved_at=version.saved_at,
            eligible=version.eligible,
            conditions=tuple(ConditionView.of(one) for one in conditions),
            checklist=version.checklist,
            form=version.form,
        )


class PiecesView(Shape):
    version: int
    pieces: tuple[DuePiece, ...]


class WithdrawalRequest(BaseModel):
    """Why, if the candidate wants to say it; kept in the journal."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    reason: Annotated[str, Field(max_length=1000), AfterValidator(storable)] | None = None
