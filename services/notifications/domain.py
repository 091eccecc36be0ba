"""The rules of a mail: when it no longer makes sense, how long to wait, what the server's answer means.

Pure: the instants and what the owners say are arguments.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.contracts.events import Calendar
from services.contracts.internal import Link, MissingPieces, Refusal, Standing
from services.contracts.stages import Stage

_WAITS_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 600)
_HANDS_IN = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD})
_MOST_REFUSALS = 1000  # a week, at the longest wait
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_OF_RECIPIENT = ("5.1.", "5.2.")
_OF_SENDER = frozenset({"5.1.7", "5.1.8"})
_IDENTITY = uuid5(NAMESPACE_URL, "urn:candidat-libre:mail")


class State(StrEnum):
    """Of a mail. `moot`: it no longer made sense, nothing was sent. `bounced`: taken, and returned later."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    MOOT = "moot"
    BOUNCED = "bounced"


class Facts(BaseModel):
    """What the event said, for subject and content: ids, numbers, instants; no personal data."""

    model_config = ConfigDict(frozen=True)

    session_id: str | None = None
    issue: int | None = None
    version: int | None = None
    review_id: UUID | None = None
    deadline_at: AwareDatetime | None = None
    hold_cause: str | None = None


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail to queue, once for each `cause`."""

    candidate_id: UUID
    kind: str
    cause: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Content:
    """What the owners said at the moment of sending; what a kind does not need is None."""

    link: Link | None = None
    standing: Standing | None = None
    missing: MissingPieces | None = None
    refusal: Refusal | None = None
    confirmation: bytes | None = field(default=None, repr=False)
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a mail of some kind still makes sense. The default: always.

    stages: the candidature is in one of these.
    missing: pieces are missing (True) or none is (False).
    before_deadline: the deadline of its facts has not come.
    before_close: the session's window has not closed.
    same_hold: the candidature is held for the cause of its facts.
    still_refused: the piece of its refusal has not been replaced.
    unheard: in these stages the owner has not heard yet of what asked for the mail: it waits for that.
    """

    stages: frozenset[Stage] | None = None
    missing: bool | None = None
    before_deadline: bool = False
    before_close: bool = False
    same_hold: bool = False
    still_refused: bool = False
    unheard: frozenset[Stage] = frozenset()

    def owner_is_behind(self, content: Content) -> bool:
        """Whether what an owner says is of before what asked for the mail: to be asked again."""
        if content.standing is not None and content.standing.stage in self.unheard:
            return True
        return self.missing is not None and is_behind(content.missing, content.standing)


def is_behind(missing: MissingPieces | None, standing: Standing | None) -> bool:
    """Whether `documents` has not heard yet of the version in force: its pieces are those of an older one."""
    if missing is None or standing is None:
        return False
    return missing.registration_version < standing.registration_version


def expired(conditions: Conditions, facts: Facts, calendar: Calendar | None, now: datetime) -> bool:
    """Whether its limit has come (an exclusive upper bound), so that nobody need be asked."""
    closed = calendar is not None and now >= calendar.closes_at
    over = facts.deadline_at is not None and now >= facts.deadline_at
    return (conditions.before_deadline and over) or (conditions.before_close and closed)


def moot_because(conditions: Conditions, facts: Facts, content: Content) -> str | None:
    """The code of why the mail no longer makes sense; None when it does."""
    standing, missing = content.standing, content.missing
    if standing is not None:
        if conditions.stages is not None and standing.stage not in conditions.stages:
            return f"stage_{standing.stage.value}"
        if conditions.same_hold and standing.hold_cause not in (None, facts.hold_cause):
            return "held_otherwise"
    if conditions.still_refused and _replaced(content):
        return "piece_replaced"
    if missing is not None and conditions.missing is not None and bool(missing.titles) != conditions.missing:
        return "pieces_missing" if missing.titles else "pieces_complete"
    return None


def _replaced(content: Content) -> bool:
    refusal, missing = content.refusal, content.missing
    return refusal is not None and missing is not None and refusal.title not in missing.titles


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th attempt (from 1): soon at first, then every 10 minutes."""
    return timedelta(seconds=_WAITS_SECONDS[min(attempts, len(_WAITS_SECONDS)) - 1])


class Step(Enum):
    """Which step of the talk with the mail server an answer is to."""

    US = auto()
    """Greeting, TLS, login or sender: the same for every mail."""
    RECIPIENT = auto()
    DATA = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the mail server said when it did not take a mail.

    status: the reply code (RFC 5321 §4.2). code: the enhanced one (RFC 3463), if it gave one.
    """

    step: Step
    status: int
    code: str | None = None

    @property
    def about_recipient(self) -> bool:
        """Whether it is final, since no later attempt can end otherwise: this address takes no mail.

        A quota of ours, a policy, a server's state pass or are mended: where the code does not say that it is
        the address (X.1) or its mailbox (X.2), the mail is not given up for it. Without a code only the
        answers to the recipient that RFC 5321 §4.2.3 has for a mailbox count.
        """
        if self.status < 500 or self.step is Step.US:
            return False
        if self.code is None:
            return self.step is Step.RECIPIENT and self.status in _NO_SUCH_MAILBOX
        return self.code.startswith(_OF_RECIPIENT) and self.code not in _OF_SENDER

    @property
    def about_us(self) -> bool:
        """Whether it would be the same for every mail, so that none may be given up for it."""
        return self.status >= 500 and self.step is Step.US


def gives_up(answer: Answer | None, refusals: int) -> bool:
    """Whether a refusal for now is final: the server has answered so for about a week (RFC 5321 §4.5.4.1).

    No answer, and a 5xx about our own login or address, is our fault and never ends a mail.
    """
    return answer is not None and not answer.about_us and refusals >= _MOST_REFUSALS


def message_id(cause: str, domain: str) -> str:
    """The Message-ID (RFC 5322 §3.6.4), always the same for a cause: a mail sent twice is known by it."""
    return f"<{uuid5(_IDENTITY, cause)}@{domain}>"


def is_over(standing: Standing | None, deadline: datetime | None, now: datetime) -> bool:
    """Whether nothing can be handed in any more for a decision that is still to be taken."""
    if standing is None:
        return False
    return standing.stage not in _HANDS_IN or (deadline is not None and deadline <= now)


def deadline_to_show(facts: Facts, standing: Standing | None, now: datetime) -> datetime | None:
    """The owner's deadline; that of the facts while the owner's is past or unknown, and a refusal's if later.

    A refusal's own deadline reaches the owner a little later than the mail about it (decision 0001), and no
    other mail tells it.
    """
    if facts.review_id is not None and facts.deadline_at is not None and standing is not None:
        return max(facts.deadline_at, standing.deadline_at)
    if standing is not None and (facts.deadline_at is None or standing.deadline_at > now):
        return standing.deadline_at
    return facts.deadline_at
