"""What workflows and owners say to each other: questions, next steps and acts, by Temporal activity.

The workflow is a clock, the database is the judge: an owner answers how long to sleep by its own clock,
and at the wake-up decides with one conditional statement whether the act still applies.
"""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

OWNERS = ("accounts", "registration", "documents")
"""Each has a task queue of its name, and the activities `<owner>.next_step` and `<owner>.act`.

`registration` and `documents` also have `<owner>.session_next_step` and `<owner>.session_batch` on the
queue `<owner>-batch`, for the closing of a session.
"""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class CandidateQuestion(_Shape):
    candidate_id: UUID


class NextStep(_Shape):
    """An owner's answer.

    ended: this owner awaits nothing more of this life (`accounts`: activated or deleted; `registration`: an
        outcome is reached; `documents`: nothing to remind or settle).
    gone: the person is deleted or erased: the life is over whatever the others say.
    action: what to ask of this owner at the wake-up; none when only an event can change anything.
    wait_seconds: how long to sleep by the owner's clock, never under 1.
    """

    ended: bool
    gone: bool = False
    action: str | None = None
    wait_seconds: float | None = Field(default=None, ge=1)
    due_at: AwareDatetime | None = None
    session_id: str | None = None
    stage: str | None = None
    portfolio: str | None = None


class CandidateAct(_Shape):
    candidate_id: UUID
    action: str


class ActResult(_Shape):
    """Whether the statement changed the row; `False` is an ordinary answer (it no longer applied)."""

    applied: bool


class SessionQuestion(_Shape):
    session_id: str


class SessionStep(_Shape):
    """When the owner's next mass decision of the session is due: `action` in `wait_seconds` (0: now)."""

    action: str | None = None
    wait_seconds: float | None = Field(default=None, ge=0)
    due_at: AwareDatetime | None = None


class SessionBatch(_Shape):
    session_id: str
    action: str
    limit: int = Field(gt=0)


class BatchResult(_Shape):
    """How many rows this batch decided, and how many a plain count still finds due."""

    decided: int
    remaining: int
