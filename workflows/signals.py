"""Which event wakes which clock: pure, the events' side of the bridge.

Most facts only poke a life that runs. Six may start one, because they can come when no life runs:

    AccountCreated                    the life begins
    RegistrationSaved                 undoes a withdrawal, whose life may be over
    CandidatureReinstated             an officer, or a moved session, opens a closed candidature again
    DeadlineMoved of one candidate    the same by its date
    ChecklistCompleted                evidence in time, committed after the outcome, needs a new verdict, and
                                      nobody else would ask for it
    DocumentUploaded                  a file stored after the outcome may wait for the deadline in force

A life started for nothing asks the owners, hears `ended` and ends.
"""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from services.contracts.events import (
    AccountCreated,
    AccountCreationRepeated,
    ActivationMailRequested,
    CandidateEvent,
    CandidatureReinstated,
    ChecklistCompleted,
    ChecklistSettled,
    ConfirmationIssued,
    DeadlineMoved,
    DocumentUploaded,
    Event,
    MailEvent,
    PasswordChanged,
    PasswordResetRequested,
    RegistrationSaved,
    ReminderDue,
    SessionScheduled,
)


class Wake(Enum):
    POKE = "poke a life that runs"
    START = "poke the life, starting it if none runs"


@dataclass(frozen=True)
class WakeLife:
    candidate_id: UUID
    wake: Wake


@dataclass(frozen=True)
class WakeClosing:
    """Poke the session's closing, starting it if none runs."""

    session_id: str


_STARTS = (AccountCreated, RegistrationSaved, CandidatureReinstated, ChecklistCompleted, DocumentUploaded)

_CHANGES_NO_NEXT_STEP = (
    MailEvent,  # the mail that starts the 48 h is told by ActivationPeriodStarted, from the owner
    AccountCreationRepeated,
    ActivationMailRequested,
    PasswordChanged,
    PasswordResetRequested,
    ConfirmationIssued,  # RegistrationSaved goes before it
    ReminderDue,  # the life itself asked for it
    ChecklistSettled,  # likewise; what registration makes of it is an event of its own
)


def wakes(event: Event) -> WakeLife | WakeClosing | None:
    """What this event wakes; None for facts that change no next step."""
    if isinstance(event, SessionScheduled):
        return WakeClosing(event.calendar.session_id)
    if not isinstance(event, CandidateEvent) or isinstance(event, _CHANGES_NO_NEXT_STEP):
        return None
    return WakeLife(event.candidate_id, Wake.START if _may_start(event) else Wake.POKE)


def _may_start(event: CandidateEvent) -> bool:
    if isinstance(event, DeadlineMoved):
        return event.scope == "candidate"
    return isinstance(event, _STARTS)
