"""What was found after a round, as plain values: each look fills its part, the judges read all of it.

It can be kept as JSON, so that the judges themselves are tried on a recorded round (tests/unit/faults).
"""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from tests.faults.ledger.mailbag import Mail


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Account(_Row):
    id: UUID
    email: str
    session_id: str
    state: str
    created_at: AwareDatetime
    activation_expires_at: AwareDatetime | None = None
    expiry_due_at: AwareDatetime | None = None


class Candidature(_Row):
    candidate_id: UUID
    stage: str
    version: int
    revision: int
    hold_cause: str | None = None
    cancelled_by: str | None = None
    eligible: bool | None = None
    deadline_at: AwareDatetime
    open_dead_letters: int = 0
    save_fault_at: AwareDatetime | None = None
    decided_at: AwareDatetime | None = None


class Version(_Row):
    """`mark`: the telephone number in its form, by which the save is known."""

    candidate_id: UUID
    version: int
    mark: str
    eligible: bool
    arrived_at: AwareDatetime


class Dossier(_Row):
    candidate_id: UUID
    stage: str
    registration_version: int
    revision: int
    missing_count: int
    to_judge_count: int
    evidence_rev: int
    settled_rev: int
    verdict: str | None = None
    faults: dict[str, Any] = {}
    fault_at: AwareDatetime | None = None
    service_fault_at: AwareDatetime | None = None
    unreachable: bool = False
    reminded_for: list[AwareDatetime] = []
    warned_for: list[AwareDatetime] = []
    reminder_due_at: AwareDatetime | None = None
    open_dead_letters: int = 0
    deadline_at: AwareDatetime

    @property
    def unwarned(self) -> bool:
        """Nobody is known to have warned of the deadline in force, and a reminder of it was due (ours 7)."""
        due = self.reminder_due_at is not None or self.deadline_at in self.reminded_for
        return due and self.deadline_at not in self.warned_for


class Stored(_Row):
    file_id: UUID
    candidate_id: UUID
    piece: str
    state: str
    sha256: str
    arrived_at: AwareDatetime
    flags: list[str] = []

    @property
    def live(self) -> bool:
        return self.state in ("received", "accepted", "to_judge")


class Queued(_Row):
    """A mail as `notifications` has it."""

    candidate_id: UUID
    kind: str
    cause: str
    state: str
    message_id: str
    last_status: int | None = None
    last_error: str | None = None


class Fact(_Row):
    """A row of a service's event log."""

    service: str
    ce_id: UUID
    key: UUID
    type: str
    published: bool
    payload: dict[str, Any]

    @property
    def name(self) -> str:
        """`RegistrationSaved` of `registration.RegistrationSaved.v1`."""
        return self.type.split(".")[1]


class Told(_Row):
    """A record of a topic, read from offset 0; `copies`: how often the same event is there."""

    topic: str
    ce_id: UUID
    key: UUID
    type: str
    payload: dict[str, Any]
    copies: int = 1

    @property
    def name(self) -> str:
        return self.type.split(".")[1]


class Letter(_Row):
    """A dead letter; open where it has no `closed_at`."""

    service: str
    consumer: str
    candidate_id: UUID | None = None
    error: str = ""
    opened_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None


class Tables(_Row):
    """The databases, about the candidates of the round. `buried`: service → whose tombstone it has."""

    accounts: list[Account] = []
    farewells: list[UUID] = []
    buried: dict[str, list[UUID]] = {}
    candidatures: list[Candidature] = []
    versions: list[Version] = []
    dossiers: list[Dossier] = []
    files: list[Stored] = []
    mails: list[Queued] = []
    facts: list[Fact] = []
    letters: list[Letter] = []


class Seen(_Row):
    """The site as one candidate sees it. `contents`: file → the digest of what came down, "" for none."""

    login: int | None = None
    candidate_id: UUID | None = None
    stage: str | None = None
    version: int | None = None
    mark: str | None = None
    contents: dict[str, str] = {}
    trouble: str = ""


class Evidence(_Row):
    """`clocks`: candidate → the state of their workflow, where one was found. `sites`: by life."""

    tables: Tables = Tables()
    told: list[Told] = []
    clocks: dict[UUID, str] = {}
    mails: list[Mail] = []
    sites: dict[int, Seen] = {}
    settled_seconds: float | None = None
    """From the end of the faults until all was at rest; None: it was not within the bound."""
