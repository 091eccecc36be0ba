"""What the recovery workflows take, answer and tell."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.contracts.recovery import Fact


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Scope(_Shape):
    """What to reconcile, and how.

    patience_seconds: between two looks; what the second finds unchanged is a finding.
    soon_seconds: a life that asks its owners again within it is not wrong.
    verdict_seconds: after deadline and grace, without an outcome.
    facts_seconds: of which age facts are asked for in the inboxes; 0: of every age.
    """

    session_id: str | None = None
    candidate_id: UUID | None = None
    repair: bool = True
    page_size: int = Field(default=200, gt=0, le=1000)
    patience_seconds: float = Field(default=20, gt=0)
    soon_seconds: float = Field(default=90, ge=0)
    horizon_seconds: float = Field(default=1800, ge=0)
    verdict_seconds: float = Field(default=3600, ge=0)
    facts_seconds: int = Field(default=2 * 86_400, ge=0)


class Finding(_Shape):
    """One disagreement. `seen` is what was seen, in ids, numbers and instants: other words, other state."""

    key: UUID
    kind: str
    seen: str = ""


class Report(_Shape):
    """`repaired` and `left` list the first ones; the counts are whole. `moving`: what was only work.

    uncompared: facts of those who have so many that only their newest were asked about in the inboxes.
    """

    candidates: int = 0
    lives: int = 0
    uncompared: int = 0
    moving: int = 0
    repaired_by_kind: dict[str, int] = Field(default_factory=dict)
    left_by_kind: dict[str, int] = Field(default_factory=dict)
    repaired: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()


class Going(_Shape):
    """A reconciliation's input, and what it takes along when it continues as new."""

    scope: Scope = Scope()
    after: UUID | None = None
    begun: bool = False
    report: Report = Report()


class LivesAsked(_Shape):
    candidate_ids: tuple[UUID, ...]


class LifeSeen(_Shape):
    """Of a life that runs. `wakes_at` is known where it was asked; `silent`: it gave no answer."""

    candidate_id: UUID
    limit_at: AwareDatetime | None = None
    wakes_at: AwareDatetime | None = None
    asked: bool = False
    silent: bool = False


class LivesSeen(_Shape):
    lives: tuple[LifeSeen, ...] = ()


class ClosingsAsked(_Shape):
    session_ids: tuple[str, ...]


class ClosingsSeen(_Shape):
    """`running`: the sessions whose closing runs."""

    running: tuple[str, ...] = ()


class RefillOrder(_Shape):
    services: tuple[str, ...]
    since: AwareDatetime | None = None
    key: UUID | None = None


class RefillDone(_Shape):
    republished: dict[str, int] = Field(default_factory=dict)


class ReplayOrder(_Shape):
    candidate_id: UUID
    publish: bool = False
    patience_seconds: float = Field(default=3, gt=0)


class Replayed(_Shape):
    """The facts of every log in the order they were written, and what disagrees with them."""

    facts: tuple[Fact, ...] = ()
    implied: dict[str, str] = Field(default_factory=dict)
    actual: dict[str, str] = Field(default_factory=dict)
    differences: tuple[str, ...] = ()
    republished: dict[str, int] = Field(default_factory=dict)
    life_runs: bool = False
    left: tuple[Finding, ...] = ()
