"""The event catalogue: facts in the past tense, one model each, grouped by the service that owns them.

Every event carries ids, the sender's revision for this key and the resulting state; never personal data
(that a medical certificate is due is health data, so pieces are not named either). A consumer fetches
what it needs from the owner. A consumer applies only a higher revision, so a gap heals with the next
event and a replay cannot go back in time.

Errors: decoding raises `services.contracts.envelope.InvalidEvent`.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.contracts.stages import AccountState, Stage, Verdict
from services.contracts.topics import ACCOUNTS, DOCUMENTS, NOTIFICATIONS, REGISTRATION, Topic


class Event(BaseModel, ABC):
    """What every event has. `revision` grows by the owner, per key, under the lock of the key's row."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[Topic]
    version: ClassVar[int] = 1

    revision: int = Field(ge=1)

    @property
    @abstractmethod
    def key(self) -> UUID:
        """The Kafka key: everything about one key stays in order."""

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, for example `accounts.AccountCreated.v1`."""
        return f"{cls.topic.owner}.{cls.__name__}.v{cls.version}"


class CandidateEvent(Event):
    """A fact about one candidate."""

    candidate_id: UUID

    @property
    def key(self) -> UUID:
        return self.candidate_id


# --- accounts ---------------------------------------------------------------------------------------


class AccountEvent(CandidateEvent):
    topic: ClassVar[Topic] = ACCOUNTS
    state: AccountState


class AccountCreated(AccountEvent):
    """An account waits for its activation. `issue` numbers the activation mail to send."""

    session_id: str
    issue: int = 1


class ActivationMailRequested(AccountEvent):
    """The candidate asked for the link again: a valid link, no more time (domain, ours 3)."""

    issue: int


class AccountCreationRepeated(AccountEvent):
    """Somebody asked for an account with an activated account's address: its owner is told by mail.

    The one who asked is answered as for any other address.
    """


class ActivationPeriodStarted(AccountEvent):
    """The mail server took the first activation mail: the 48 h run (domain, ours 3)."""

    expires_at: AwareDatetime


class AccountActivated(AccountEvent):
    """The activation button was pressed in time (R2)."""

    session_id: str


class AccountDeleted(AccountEvent):
    """R2: not activated within 48 h; or erased on request."""

    reason: Literal["not_activated", "erased"]


class PasswordResetRequested(AccountEvent):
    """A reset link is to be sent; `issue` numbers it."""

    issue: int


class PasswordChanged(AccountEvent):
    """An activated account has another password, by its owner's login or a reset link: its owner is told."""


# --- registration -----------------------------------------------------------------------------------


class Calendar(BaseModel):
    """The dates of one exam session: instants are exclusive upper bounds (domain, ours 1)."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    label: str
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    deadline_at: AwareDatetime
    ends_at: AwareDatetime
    activation_seconds: int = Field(gt=0, description="R2: 48 h")
    undelivered_seconds: int = Field(gt=0, description="ours 3: 7 days without any activation mail leaving")
    grace_seconds: int = Field(ge=0, description="ours 2: 10 min")
    fault_window_seconds: int = Field(ge=0, description="ours 7: uploads that failed in the last 24 h")
    spread_seconds: int = Field(ge=0, description="candidates' own timers spread over this after a limit")
    reminder_offsets_seconds: tuple[int, ...] = Field(description="before the deadline, largest first")
    reminder_gap_seconds: int = Field(ge=0, description="never two reminders within 20 h")
    reminder_hour: int | None = Field(default=None, ge=0, le=23, description="Paris hour; none: exact offset")


class SessionScheduled(Event):
    """The calendar of a session as it now stands; keyed by the session."""

    topic: ClassVar[Topic] = REGISTRATION
    session_key: UUID
    calendar: Calendar

    @property
    def key(self) -> UUID:
        return self.session_key


class CandidatureEvent(CandidateEvent):
    """A fact about the registration or its outcome. `registration_version` 0 means nothing saved."""

    topic: ClassVar[Topic] = REGISTRATION
    session_id: str
    state: Stage
    registration_version: int = Field(ge=0)
    deadline_at: AwareDatetime


class RegistrationSaved(CandidatureEvent):
    """A version of the form was saved (R3): `registration_version` is its number."""


class ConfirmationIssued(CandidatureEvent):
    """The confirmation of this version can be printed; the one before it is périmée."""


class DeadlineMoved(CandidatureEvent):
    """This candidate's deadline, moved alone, with a cohort or with the session.

    `because`: what moved it; the mail about a refusal, a reinstatement or a release tells the date itself.
    """

    scope: Literal["candidate", "session"]
    because: Literal["officer", "refusal", "reinstatement", "release"] = "officer"


class CandidatureWindowClosed(CandidatureEvent):
    """The window closed on a saved registration: no change any more, the documents are awaited (R5)."""


class CandidatureNotRegistered(CandidatureEvent):
    """The window closed on an activated account without a save."""


class CandidatureConfirmed(CandidatureEvent):
    """Inscription définitive: complete, and the window closed (R5, R6; ours 6)."""


class CandidatureCancelled(CandidatureEvent):
    """Cancelled on an incomplete verdict at the deadline (R6), or by an officer."""


class CandidatureHeld(CandidatureEvent):
    """Held instead of cancelled or confirmed (domain, ours 6 and 7); `cause` is a code, never free text."""

    cause: Literal["ours", "eligibility", "officer"]


class CandidatureReleased(CandidatureEvent):
    """An officer ended the hold: it is settled again at once, without the faults that held it.

    `releases`: how often by now, this one included; 0 was written by a sender that did not count yet.
    `released_at`: by the owner's clock; null was written by one that did not say it yet. `settle_now`: the
    officer means it to be settled by the deadline in force, warned or not.
    """

    releases: int = Field(default=0, ge=0)
    released_at: AwareDatetime | None = None
    settle_now: bool = False


class CandidatureWithdrawn(CandidatureEvent):
    """The candidate withdrew; a save undoes it until the window closes (ours 9)."""


class CandidatureReinstated(CandidatureEvent):
    """An officer, a later deadline or evidence in time undid an outcome (ours 9)."""


# --- documents --------------------------------------------------------------------------------------


class DocumentEvent(CandidateEvent):
    """A fact about the evidence. `evidence_rev` grows whenever the evidence of the candidate changes."""

    topic: ClassVar[Topic] = DOCUMENTS
    state: Literal["unknown", "incomplete", "complete"]
    registration_version: int = Field(ge=0)
    evidence_rev: int = Field(ge=0)


class DocumentUploaded(DocumentEvent):
    """A file was stored for a piece; whether it counts is in `state` and the evidence."""

    file_id: UUID


class DocumentRemoved(DocumentEvent):
    """The candidate took a file back before the deadline."""

    file_id: UUID


class DocumentAccepted(DocumentEvent):
    """An officer accepted a piece; a review is not needed for a piece to count (ours 5)."""

    review_id: UUID


class DocumentRejected(DocumentEvent):
    """A piece was refused. `deadline_at` is set when the refusal gives a deadline of its own (ours 5)."""

    review_id: UUID
    deadline_at: AwareDatetime | None = None


class ChecklistCompleted(DocumentEvent):
    """Every piece that is due has a file that counts: dossier complet, not yet définitive."""


class ChecklistReopened(DocumentEvent):
    """A piece is missing again: removed, refused, or asked for by a new version."""


class ChecklistSettled(DocumentEvent):
    """The verdict, made by one conditional statement on the candidate's row.

    `registration` changes an outcome only when version and deadline are those in force, highest
    `evidence_rev` first; any other is acknowledged and ignored.
    """

    session_id: str
    deadline_at: AwareDatetime
    verdict: Verdict


class ReminderDue(DocumentEvent):
    """A reminder was decided: not complete, not held, not within the gap. `kind` is the offset's name."""

    kind: str
    deadline_at: AwareDatetime


# --- notifications ----------------------------------------------------------------------------------


class MailEvent(CandidateEvent):
    """A fact about one mail. `cause` is the mail's identity: one cause, one mail."""

    topic: ClassVar[Topic] = NOTIFICATIONS
    mail_id: UUID
    kind: str
    cause: str


class MailSent(MailEvent):
    """The mail server answered 250 at `accepted_at`.

    `warned_of`: of a reminder that was taken before its deadline, that deadline (domain, ours 7); null of any
    other mail, and where it was written by a sender that did not say it yet.
    """

    state: Literal["sent"] = "sent"
    accepted_at: AwareDatetime
    warned_of: AwareDatetime | None = None


class MailBounced(MailEvent):
    """The mail server refused for good (5xx) or returned it later."""

    state: Literal["failed", "bounced"]
    status: int | None = Field(default=None, description="SMTP reply code")


class ReachabilityChanged(CandidateEvent):
    """Whether the candidate can be thought warned of the deadline (domain, ours 7); told only on change.

    `unreachable`: every reminder of the latest deadline failed or bounced and none was taken, or an event
    about the candidate is a dead letter of `notifications`, so a mail may be lacking. Without a word:
    `reachable`.
    """

    topic: ClassVar[Topic] = NOTIFICATIONS
    state: Literal["reachable", "unreachable"]


def _leaves(model: type[Event]) -> list[type[Event]]:
    children = model.__subclasses__()
    if not children:
        return [model]
    return [leaf for child in children for leaf in _leaves(child)]


_FACTS: list[type[Event]] = [SessionScheduled, *_leaves(CandidateEvent)]
CATALOGUE: dict[str, type[Event]] = {model.type_name(): model for model in _FACTS}
"""CloudEvents type → model. A consumer leaves a fact aside that it does not know by any version."""
