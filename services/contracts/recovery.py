"""What reconciliation, replay and refill ask of the services, by Temporal activity on `<service>-recovery`.

Each service has `<service>.lines`, `.unheard`, `.repair`, `.facts` and `.refill`. All of it is ids,
revisions, states and instants: nothing here is about a person.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.contracts.stages import AccountState, Stage, Verdict

SERVICES = ("accounts", "registration", "documents", "notifications")
CONSUMERS = {
    "accounts": ("registration", "documents", "notifications"),
    "registration": ("accounts", "documents", "notifications"),
    "documents": ("registration", "notifications"),
    "notifications": ("accounts", "documents"),
}
"""Who tells → who hears it behind an inbox, as the consumer `<hears>.<tells>`."""


def recovery_queue(service: str) -> str:
    return f"{service}-recovery"


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Page(_Shape):
    """Which lines: the first `limit` after the id `after`, of one session or of all; or `candidate_ids`.

    `facts_since`: of which facts the ids are told; none: of all.
    """

    after: UUID | None = None
    limit: int = 200
    session_id: str | None = None
    candidate_ids: tuple[UUID, ...] | None = None
    facts_since: AwareDatetime | None = None


class Line(_Shape):
    """One candidate as one service has them.

    gone: deleted; only the id is known. dead_letters: open ones; dead_letters_noted: what the row says of it.
    unpublished_since: the oldest fact that waits to be published; facts: type → the `ce_id`s of those that
    were, the newest ones; none while they are being published again. facts_left_out: how many older ones.
    heard: who tells → the highest revision that was taken in of what they told.
    ended, act_at, limit_at: the owner's next step: nothing awaited; when its next act is due; its next limit.
    """

    candidate_id: UUID
    gone: bool = False
    session_id: str | None = None
    revision: int = 0
    dead_letters: int = 0
    dead_letters_noted: int = 0
    unpublished_since: AwareDatetime | None = None
    facts: dict[str, tuple[UUID, ...]] = {}
    facts_left_out: int = 0
    heard: dict[str, int] = {}
    ended: bool = False
    act_at: AwareDatetime | None = None
    limit_at: AwareDatetime | None = None


class AccountLine(Line):
    state: AccountState | None = None


class RegistrationLine(Line):
    """accounts_revision: of the last that was heard of the account.

    judgeable: a verdict is kept that would change the row, and was not applied.
    hold_unheeded: cancelled by a verdict, and the newest one in force says `held`.
    save_unheeded: nothing is in force, though a save came to nothing by a fault of ours.
    closes_at: until when the form may be changed; with `documents` the end of it that was learnt.
    undecided_seconds: for how long deadline and grace have passed without an outcome.
    """

    stage: Stage | None = None
    version: int = 0
    deadline_at: AwareDatetime | None = None
    releases: int = 0
    accounts_revision: int = 0
    verdict_evidence_rev: int = -1
    judgeable: bool = False
    hold_unheeded: bool = False
    save_unheeded: bool = False
    closes_at: AwareDatetime | None = None
    undecided_seconds: float = 0


class DocumentsLine(Line):
    """`…_counted`: counted anew from the pieces and files. `own_deadline`: of a refusal not yet told back.

    warned_for: of which deadlines the candidate is known to have been warned, or was not to be.
    lost: pieces that are missing since the store has lost what counted for them; lost_files: those files, and
    what an officer had accepted.
    undeleted: of somebody erased, objects are left that the store refuses to delete.
    """

    stage: Stage | None = None
    version: int = 0
    registration_revision: int = 0
    closes_at: AwareDatetime | None = None
    deadline_at: AwareDatetime | None = None
    own_deadline: bool = False
    releases: int = 0
    missing: int = 0
    missing_counted: int = 0
    to_judge: int = 0
    to_judge_counted: int = 0
    lost: int = 0
    lost_counted: int = 0
    lost_files: tuple[UUID, ...] = ()
    evidence_rev: int = 0
    settled_rev: int = -1
    verdict: Verdict | None = None
    open: bool = False
    paused: bool = False
    unreachable_told: bool | None = None
    reachability_revision: int = 0
    warned_for: tuple[AwareDatetime, ...] = ()
    undeleted: bool = False


class NotificationsLine(Line):
    """failed: kinds of mails found undeliverable this week; late: of mails whose time passed an hour ago.

    warned_for: the deadlines of which a reminder was taken before they came.
    """

    reachable: bool = True
    warned_for: tuple[AwareDatetime, ...] = ()
    failed: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


class Lines(_Shape):
    """`more`: the page was full. `sessions`: the calendars known, by revision; `session_keys`: by owner."""

    at: AwareDatetime
    more: bool = False
    sessions: dict[str, int] = {}
    session_keys: dict[str, UUID] = {}


class AccountLines(Lines):
    lines: tuple[AccountLine, ...] = ()


class RegistrationLines(Lines):
    lines: tuple[RegistrationLine, ...] = ()


class DocumentsLines(Lines):
    lines: tuple[DocumentsLine, ...] = ()


class NotificationsLines(Lines):
    lines: tuple[NotificationsLine, ...] = ()


class Unheard(_Shape):
    """Which of these facts of `topic`, by type, the consumer passed without taking them in."""

    consumer: str
    topic: str
    facts: dict[str, tuple[UUID, ...]]


class UnheardFacts(_Shape):
    """Those that were lost. None of a type that the consumer does not know, and none while it is behind."""

    ce_ids: tuple[UUID, ...] = ()


class RepairItem(_Shape):
    """`key`: of a candidate or a session. The others are what the owner said, for acts that need it."""

    key: UUID
    session_id: str | None = None
    state: str | None = None
    revision: int = 0
    deadlines: tuple[AwareDatetime, ...] = ()

    def said(self, member: Literal["session_id", "state"]) -> str:
        """What an act cannot do without: refused where it is lacking, never guessed."""
        told: str | None = getattr(self, member)
        if told is None:
            raise ValueError(f"no {member} was told")
        return told


class Repair(_Shape):
    """`repair_id`: of this asking; the act that leaves a request behind leaves it once."""

    repair_id: UUID
    act: str
    items: tuple[RepairItem, ...]


class Repaired(_Shape):
    """`failed`: items whose act was refused or failed; the type of the error is in the service's log."""

    done: int = 0
    failed: int = 0


class FactsQuestion(_Shape):
    key: UUID


class Fact(_Shape):
    """One row of an event log."""

    ce_id: UUID
    type: str
    at: AwareDatetime
    revision: int
    published: bool
    event: dict[str, Any]


class Facts(_Shape):
    facts: tuple[Fact, ...] = ()


class RefillAsked(_Shape):
    """`refill_id` makes asking twice harmless. `key`: of one candidate; `since`: facts written from then."""

    refill_id: UUID
    key: UUID | None = None
    since: AwareDatetime | None = None


class Refilled(_Shape):
    republished: int = 0
