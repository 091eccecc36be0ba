"""Which mail an event asks for (decision 0001, 'Mails'): kind, cause and facts; pure.

The cause is the mail's identity, `<kind>:<candidate>:<discriminator>`. The discriminator is what the kind is
about (issue, version, deadline …), so the same fact told twice is one mail.
"""

from collections.abc import Callable
from datetime import UTC
from typing import Any

from services.contracts import events
from services.contracts.events import Event
from services.contracts.stages import Stage
from services.notifications.domain import DueMail, Facts

_Rule = Callable[[Any], tuple[str, str, Facts] | None]


def _activation(event: events.AccountCreated) -> tuple[str, str, Facts]:
    return "activation", str(event.issue), Facts(issue=event.issue, session_id=event.session_id)


def _activation_again(event: events.ActivationMailRequested) -> tuple[str, str, Facts]:
    return "activation", str(event.issue), Facts(issue=event.issue)


def _activation_reminder(event: events.ActivationPeriodStarted) -> tuple[str, str, Facts]:
    """The first issue's link: each one that was sent is valid (ours 3)."""
    return "activation_reminder", "1", Facts(issue=1, deadline_at=event.expires_at)


def _not_saved(event: events.AccountActivated) -> tuple[str, str, Facts]:
    return "not_saved", event.session_id, Facts(session_id=event.session_id)


def _password_reset(event: events.PasswordResetRequested) -> tuple[str, str, Facts]:
    return "password_reset", str(event.issue), Facts(issue=event.issue)


def _password_changed(event: events.PasswordChanged) -> tuple[str, str, Facts]:
    return "password_changed", str(event.revision), Facts()


def _account_exists(event: events.AccountCreationRepeated) -> tuple[str, str, Facts]:
    return "account_exists", str(event.revision), Facts()


def _account_deleted(event: events.AccountDeleted) -> tuple[str, str, Facts]:
    return ("account_erased" if event.reason == "erased" else "account_deleted"), "1", Facts()


def _registration_saved(event: events.ConfirmationIssued) -> tuple[str, str, Facts]:
    version = event.registration_version
    facts = Facts(version=version, deadline_at=event.deadline_at, session_id=event.session_id)
    return "registration_saved", str(version), facts


def _reminder(event: events.ReminderDue) -> tuple[str, str, Facts]:
    discriminator = f"{event.kind}:{event.deadline_at.astimezone(UTC).isoformat()}"
    return "reminder", discriminator, Facts(deadline_at=event.deadline_at)


def _piece_refused(event: events.DocumentRejected) -> tuple[str, str, Facts]:
    facts = Facts(review_id=event.review_id, deadline_at=event.deadline_at)
    return "piece_refused", str(event.review_id), facts


def _checklist_complete(event: events.ChecklistCompleted) -> tuple[str, str, Facts]:
    return "checklist_complete", str(event.evidence_rev), Facts(version=event.registration_version)


def _deadline_moved(event: events.DeadlineMoved) -> tuple[str, str, Facts] | None:
    """A moved date reaches everybody it is moved for, alone or with the session; nobody without a save.

    What has a mail of its own tells the date in it: one mail, not two.
    """
    if event.registration_version == 0 or event.because != "officer":
        return None
    # The revision too: a date that comes back after another one is news again.
    discriminator = f"{event.revision}:{event.deadline_at.astimezone(UTC).isoformat()}"
    return "deadline_moved", discriminator, _of_candidature(event)


def _held(event: events.CandidatureHeld) -> tuple[str, str, Facts]:
    return "held", str(event.revision), _of_candidature(event, hold_cause=event.cause)


def _outcome(kind: str) -> _Rule:
    """An outcome may come again after a reinstatement, so its revision tells one from the other."""

    def rule(event: events.CandidatureEvent) -> tuple[str, str, Facts]:
        return kind, str(event.revision), _of_candidature(event)

    return rule


def _reinstated(event: events.CandidatureReinstated) -> tuple[str, str, Facts]:
    """Who has nothing saved gets the form back, not a candidature."""
    opened = event.state is Stage.ACTIVATED
    return "form_opened" if opened else "reinstated", str(event.revision), _of_candidature(event)


def _of_candidature(event: events.CandidatureEvent, hold_cause: str | None = None) -> Facts:
    return Facts(
        session_id=event.session_id,
        version=event.registration_version,
        deadline_at=event.deadline_at,
        hold_cause=hold_cause,
    )


_RULES: dict[type[Event], _Rule] = {
    events.AccountCreated: _activation,
    events.ActivationMailRequested: _activation_again,
    events.ActivationPeriodStarted: _activation_reminder,
    events.AccountActivated: _not_saved,
    events.AccountCreationRepeated: _account_exists,
    events.PasswordResetRequested: _password_reset,
    events.PasswordChanged: _password_changed,
    events.AccountDeleted: _account_deleted,
    events.ConfirmationIssued: _registration_saved,
    events.ReminderDue: _reminder,
    events.DocumentRejected: _piece_refused,
    events.ChecklistCompleted: _checklist_complete,
    events.CandidatureConfirmed: _outcome("confirmed"),
    events.CandidatureCancelled: _outcome("cancelled"),
    events.CandidatureHeld: _held,
    events.CandidatureNotRegistered: _outcome("not_registered"),
    events.CandidatureWithdrawn: _outcome("withdrawn"),
    events.CandidatureReinstated: _reinstated,
    events.CandidatureReleased: _outcome("released"),
    events.DeadlineMoved: _deadline_moved,
}


_ENDED_BY: dict[type[Event], str] = {
    events.AccountActivated: "activation_reminder",
    events.RegistrationSaved: "not_saved",
}


def ended_kind(event: Event) -> str | None:
    """The kind of reminder that makes no sense any more after `event`: it would be moot when due."""
    return _ENDED_BY.get(type(event))


def due_mail(event: Event) -> DueMail | None:
    """The mail that `event` asks for, if it asks for one."""
    rule = _RULES.get(type(event))
    found = rule(event) if rule else None
    if found is None or not isinstance(event, events.CandidateEvent):
        return None
    kind, discriminator, facts = found
    return DueMail(event.candidate_id, kind, f"{kind}:{event.candidate_id}:{discriminator}", facts)
