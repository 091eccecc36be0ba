"""Which mail an event asks for, and under which cause (decision 0001, 'Mails')."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.contracts import events
from services.contracts.events import CATALOGUE, Event
from services.contracts.stages import AccountState, Stage, Verdict
from services.notifications.causes import due_mail
from services.notifications.domain import DueMail
from services.notifications.kinds import KINDS
from tests.unit.notifications.samples import CALENDAR, CANDIDATE, DEADLINE

REVIEW = UUID("01890000-0000-7000-8000-0000000000aa")
ACCOUNT = {"candidate_id": CANDIDATE, "revision": 3, "state": AccountState.AWAITING_ACTIVATION}
CANDIDATURE = {
    "candidate_id": CANDIDATE,
    "revision": 7,
    "session_id": "2021",
    "state": Stage.REGISTERED,
    "registration_version": 2,
    "deadline_at": DEADLINE,
}
DOCUMENT = {
    "candidate_id": CANDIDATE,
    "revision": 5,
    "state": "incomplete",
    "registration_version": 2,
    "evidence_rev": 11,
}
MAIL = {"candidate_id": CANDIDATE, "revision": 1, "mail_id": REVIEW, "kind": "activation", "cause": "x"}


def event(model: type[Event], base: dict[str, Any], **more: Any) -> Event:
    return model.model_validate(base | more)


FORM_OPENED = {"state": Stage.ACTIVATED, "registration_version": 0}
ASKING = [
    (event(events.AccountCreated, ACCOUNT, session_id="2021", issue=1), "activation", "1"),
    (event(events.ActivationMailRequested, ACCOUNT, issue=2), "activation", "2"),
    (event(events.ActivationPeriodStarted, ACCOUNT, expires_at=DEADLINE), "activation_reminder", "1"),
    (event(events.AccountActivated, ACCOUNT, session_id="2021"), "not_saved", "2021"),
    (event(events.AccountCreationRepeated, ACCOUNT), "account_exists", "3"),
    (event(events.PasswordResetRequested, ACCOUNT, issue=4), "password_reset", "4"),
    (event(events.PasswordChanged, ACCOUNT), "password_changed", "3"),
    (event(events.AccountDeleted, ACCOUNT, reason="not_activated"), "account_deleted", "1"),
    (event(events.AccountDeleted, ACCOUNT, reason="erased"), "account_erased", "1"),
    (event(events.ConfirmationIssued, CANDIDATURE), "registration_saved", "2"),
    (
        event(events.DeadlineMoved, CANDIDATURE, scope="candidate"),
        "deadline_moved",
        "7:2020-12-07T23:00:00+00:00",
    ),
    (
        event(events.DeadlineMoved, CANDIDATURE, scope="session"),
        "deadline_moved",
        "7:2020-12-07T23:00:00+00:00",
    ),
    (event(events.CandidatureNotRegistered, CANDIDATURE), "not_registered", "7"),
    (event(events.CandidatureConfirmed, CANDIDATURE), "confirmed", "7"),
    (event(events.CandidatureCancelled, CANDIDATURE), "cancelled", "7"),
    (event(events.CandidatureHeld, CANDIDATURE, cause="ours"), "held", "7"),
    (event(events.CandidatureReleased, CANDIDATURE), "released", "7"),
    (event(events.CandidatureWithdrawn, CANDIDATURE), "withdrawn", "7"),
    (event(events.CandidatureReinstated, CANDIDATURE), "reinstated", "7"),
    (event(events.CandidatureReinstated, CANDIDATURE | FORM_OPENED), "form_opened", "7"),
    (event(events.DocumentRejected, DOCUMENT, review_id=REVIEW), "piece_refused", str(REVIEW)),
    (event(events.ChecklistCompleted, DOCUMENT), "checklist_complete", "11"),
    (
        event(events.ReminderDue, DOCUMENT, kind="J-14", deadline_at=DEADLINE),
        "reminder",
        "J-14:2020-12-07T23:00:00+00:00",
    ),
]
SILENT = [
    events.SessionScheduled(revision=1, session_key=REVIEW, calendar=CALENDAR),
    event(events.RegistrationSaved, CANDIDATURE),
    event(events.DeadlineMoved, CANDIDATURE | {"registration_version": 0}, scope="session"),
    event(events.DeadlineMoved, CANDIDATURE, scope="candidate", because="refusal"),
    event(events.DeadlineMoved, CANDIDATURE, scope="candidate", because="reinstatement"),
    event(events.DeadlineMoved, CANDIDATURE, scope="session", because="release"),
    event(events.DeadlineMoved, CANDIDATURE | {"registration_version": 0}, scope="candidate"),
    event(events.CandidatureWindowClosed, CANDIDATURE),
    event(events.DocumentUploaded, DOCUMENT, file_id=REVIEW),
    event(events.DocumentRemoved, DOCUMENT, file_id=REVIEW),
    event(events.DocumentAccepted, DOCUMENT, review_id=REVIEW),
    event(events.ChecklistReopened, DOCUMENT),
    event(
        events.ChecklistSettled, DOCUMENT, session_id="2021", deadline_at=DEADLINE, verdict=Verdict.INCOMPLETE
    ),
    event(events.MailSent, MAIL, accepted_at=DEADLINE),
    event(events.MailBounced, MAIL, state="failed"),
    events.ReachabilityChanged(candidate_id=CANDIDATE, revision=1, state="unreachable"),
]


def mail_for(event: Event) -> DueMail:
    found = due_mail(event)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("event", "kind", "discriminator"), ASKING, ids=lambda v: getattr(v, "type_name", str)()
)
def test_an_event_asks_for_its_mail_under_its_cause(event: Event, kind: str, discriminator: str) -> None:
    mail = mail_for(event)
    assert (mail.kind, mail.cause) == (kind, f"{kind}:{CANDIDATE}:{discriminator}")
    assert mail.candidate_id == CANDIDATE
    assert mail.kind in KINDS


@pytest.mark.parametrize("event", SILENT, ids=lambda event: type(event).__name__)
def test_other_events_ask_for_no_mail(event: Event) -> None:
    assert due_mail(event) is None


def test_every_event_of_the_catalogue_is_decided_here() -> None:
    decided = {type(event) for event, _, _ in ASKING} | {type(event) for event in SILENT}
    assert decided == set(CATALOGUE.values())


def test_every_kind_is_asked_for_by_an_event() -> None:
    assert {kind for _, kind, _ in ASKING} == set(KINDS)


def test_the_same_fact_told_twice_has_one_cause() -> None:
    first = event(events.ConfirmationIssued, CANDIDATURE)
    again = event(events.ConfirmationIssued, CANDIDATURE, revision=8)
    assert mail_for(first).cause == mail_for(again).cause


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"deadline_at": DEADLINE}, {"deadline_at": DEADLINE + timedelta(days=7)}),
        ({"kind": "J-14"}, {"kind": "J-7"}),
    ],
)
def test_each_reminder_of_each_deadline_is_a_mail_of_its_own(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    usual = {"kind": "J-14", "deadline_at": DEADLINE}
    first, second = (event(events.ReminderDue, DOCUMENT, **(usual | change)) for change in (one, other))
    assert mail_for(first).cause != mail_for(second).cause


def test_a_deadline_written_with_another_offset_is_the_same_cause() -> None:
    paris = datetime.fromisoformat("2020-12-08T00:00:00+01:00")
    first = event(events.ReminderDue, DOCUMENT, kind="J-14", deadline_at=paris)
    second = event(events.ReminderDue, DOCUMENT, kind="J-14", deadline_at=paris.astimezone(UTC))
    assert mail_for(first).cause == mail_for(second).cause


def test_a_date_that_comes_back_after_another_is_told_again() -> None:
    later = DEADLINE + timedelta(days=7)
    moves = [
        event(events.DeadlineMoved, CANDIDATURE, scope="session", revision=revision, deadline_at=moved_to)
        for revision, moved_to in ((7, DEADLINE), (8, later), (9, DEADLINE))
    ]
    assert len({mail_for(move).cause for move in moves}) == 3
