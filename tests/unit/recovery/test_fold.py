"""What a candidate's facts imply: the highest revision has the last word, however they are ordered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.recovery import (
    AccountLine,
    DocumentsLine,
    Fact,
    NotificationsLine,
    RegistrationLine,
)
from services.contracts.stages import AccountState, Stage
from workflows.recovery.fold import actual, differences, implied

WHO = UUID("00000000-0000-7000-8000-000000000001")
DEADLINE = datetime(2020, 12, 7, 23, tzinfo=UTC)
LATER = DEADLINE + timedelta(days=7)


def fact(type_name: str, revision: int, **event: Any) -> Fact:
    at = datetime(2020, 11, 10, 9, revision, tzinfo=UTC)
    event |= {"revision": revision}
    return Fact(ce_id=uuid4(), type=type_name, at=at, revision=revision, published=True, event=event)


def saved(revision: int, version: int) -> Fact:
    return fact(
        "registration.RegistrationSaved.v1",
        revision,
        state="registered",
        registration_version=version,
        deadline_at="2020-12-07T23:00:00Z",
    )


def test_the_highest_revision_has_the_last_word() -> None:
    assert implied([saved(2, 2), saved(1, 1)])["registration.version"] == "2"


def test_facts_and_databases_that_agree_have_no_differences() -> None:
    facts = [
        fact("accounts.AccountActivated.v1", 2, state="activated"),
        saved(2, 1),
        fact("documents.DocumentUploaded.v1", 1, evidence_rev=2),
    ]
    lines = {
        "accounts": AccountLine(candidate_id=WHO, revision=2, state=AccountState.ACTIVATED),
        "registration": RegistrationLine(
            candidate_id=WHO, revision=2, stage=Stage.REGISTERED, version=1, deadline_at=DEADLINE
        ),
        "documents": DocumentsLine(candidate_id=WHO, revision=1, evidence_rev=3),
    }
    assert differences(implied(facts), actual(lines)) == ()


def test_a_database_behind_its_own_facts_is_different() -> None:
    lines = {"documents": DocumentsLine(candidate_id=WHO, revision=1, evidence_rev=1)}
    facts = implied([fact("documents.DocumentUploaded.v1", 1, evidence_rev=2)])
    assert differences(facts, actual(lines)) == ("documents.evidence",)


@pytest.mark.parametrize(
    ("warned_for", "differ"), [((), True), ((DEADLINE,), False), ((DEADLINE, LATER), False)]
)
def test_a_reminder_that_was_taken_is_known_to_have_been(
    warned_for: tuple[datetime, ...], differ: bool
) -> None:
    """Whatever mail was taken afterwards; a fact that does not say it yet contradicts nothing."""
    told = {"state": "sent", "kind": "reminder"}
    facts = [
        fact("notifications.MailSent.v1", 1, **told),
        fact("notifications.MailSent.v1", 2, **told, warned_of="2020-12-07T23:00:00Z"),
        fact("notifications.MailSent.v1", 3, state="sent", kind="held", warned_of=None),
    ]
    lines = {"notifications": NotificationsLine(candidate_id=WHO, revision=3, warned_for=warned_for)}
    assert differences(implied(facts), actual(lines)) == (("notifications.warned",) if differ else ())


def test_a_deleted_account_is_deleted_in_both() -> None:
    facts = implied([fact("accounts.AccountDeleted.v1", 5, state="deleted")])
    lines = {"accounts": AccountLine(candidate_id=WHO, gone=True)}
    assert differences(facts, actual(lines)) == ()
    assert actual(lines) == {"accounts.state": "deleted"}
