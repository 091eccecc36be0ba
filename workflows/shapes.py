"""What the workflows take, answer and tell, beside the contracts they share with the owners."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Waiting(_Shape):
    """Query `next` of a life: what it waits for. No `owner`, no `action`: it will only ask again."""

    owner: str | None = None
    action: str | None = None
    due_at: AwareDatetime | None = None
    wakes_at: AwareDatetime | None = None
    stage: str | None = None


class LifeEnded(_Shape):
    """A life's result: the stage its owners last told, and when it began to ask them that.

    Whatever an owner had committed by `asked_at` was known to it then. None: of before 1 December 2026.
    """

    stage: str | None = None
    asked_at: AwareDatetime | None = None


class Throttle(_Shape):
    """Signal `throttle` of a closing: rows for each batch, and the rest between two of them."""

    batch_size: int = Field(default=500, gt=0, le=10_000)
    rest_seconds: float = Field(default=0.1, ge=0, le=3600)


class OwnerProgress(_Shape):
    """How far one owner's mass decision is; `remaining` is its last plain count."""

    action: str | None = None
    due_at: AwareDatetime | None = None
    decided: int = 0
    remaining: int | None = None


class Closing(_Shape):
    """A closing's input, and what it takes along when it continues as new."""

    session_id: str
    paused: bool = False
    throttle: Throttle = Throttle()
    decided: dict[str, int] = Field(default_factory=dict)


class Progress(_Shape):
    """Query `progress` of a closing."""

    session_id: str
    paused: bool
    throttle: Throttle
    owners: dict[str, OwnerProgress]
