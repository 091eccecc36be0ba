"""C on a recorded round: whatever has not come to rest, the audit names."""

import pytest

from tests.faults.ledger.audit.evidence import Letter, Queued
from tests.unit.faults.spoiling import (
    CANCELLED,
    CONFIRMED,
    DELETED,
    SILENT,
    Recorded,
    Spoil,
    complaints,
    named,
)


def _with_an_activation_time_that_never_began(played: Recorded) -> None:
    account = next(one for one in played.tables.accounts if one.id == played.candidate(SILENT))
    account.state, account.expiry_due_at = "awaiting_activation", None
    played.candidature(SILENT).stage = "awaiting_activation"


def _with_a_fact_unpublished(played: Recorded) -> None:
    played.tables.facts[0].published = False


def _with_a_mail_that_waits(played: Recorded) -> None:
    played.tables.mails[0].state = "queued"


def _with_a_workflow_that_runs(played: Recorded) -> None:
    played.evidence.clocks[played.candidate(CONFIRMED)] = "RUNNING"


def _without_an_outcome(played: Recorded) -> None:
    played.candidature(CONFIRMED).stage = "awaiting_documents"


def _without_a_verdict(played: Recorded) -> None:
    played.dossier(CANCELLED).settled_rev -= 1


def _with_a_dead_letter(played: Recorded) -> None:
    candidate = played.candidate(CONFIRMED)
    played.tables.letters.append(
        Letter(service="documents", consumer="documents.accounts", candidate_id=candidate)
    )


def _with_a_consumer_behind(played: Recorded) -> None:
    played.dossier(CONFIRMED).stage = "awaiting_documents"


def _with_an_address_kept(played: Recorded) -> None:
    played.tables.farewells.append(played.candidate(DELETED))


def _with_a_deletion_that_did_not_arrive(played: Recorded) -> None:
    played.tables.buried["documents"] = []


def _settled_too_late(played: Recorded) -> None:
    played.evidence.settled_seconds = None


def _with_a_site_that_is_down(played: Recorded) -> None:
    played.evidence.sites[played.of(CONFIRMED).life].login = 503


def _with_a_site_that_lets_nobody_in(played: Recorded) -> None:
    played.evidence.sites[played.of(CONFIRMED).life].login = 429


def _return(played: Recorded, kind: str) -> Queued:
    """Let the one reminder of a life come back."""
    candidate = played.candidate(kind)
    mail = next(o for o in played.tables.mails if o.candidate_id == candidate and o.kind == "reminder")
    left = next(o for o in played.evidence.mails if o.message_id == mail.message_id)
    played.evidence.mails.append(left.model_copy(update={"accepted": False, "returned": True}))
    return mail


def _with_a_return_that_is_not_marked(played: Recorded) -> None:
    _return(played, CANCELLED)
    played.dossier(CANCELLED).unreachable = True


def _with_all_reminders_returned_and_nobody_told(played: Recorded) -> None:
    _return(played, CANCELLED).state = "bounced"


def _with_a_workflow_that_failed(played: Recorded) -> None:
    played.evidence.clocks[played.candidate(CONFIRMED)] = "FAILED"


def _with_a_workflow_that_took_too_long(played: Recorded) -> None:
    played.evidence.clocks[played.candidate(DELETED)] = "TIMED_OUT"


def _without_a_workflow(played: Recorded) -> None:
    del played.evidence.clocks[played.candidate(CONFIRMED)]


def _with_a_hold_whose_workflow_ended(played: Recorded) -> None:
    played.hold(CANCELLED)
    played.evidence.clocks[played.candidate(CANCELLED)] = "COMPLETED"


def _with_documents_of_another_version(played: Recorded) -> None:
    played.dossier(CONFIRMED).registration_version -= 1


def _without_a_dossier(played: Recorded) -> None:
    played.tables.dossiers.remove(played.dossier(CONFIRMED))


def _with_a_life_that_broke_off(played: Recorded) -> None:
    life = played.of(SILENT)
    played.lives[played.lives.index(life)] = life.model_copy(update={"ended": None})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_with_an_activation_time_that_never_began, "no outcome: awaiting_activation"),
        (_with_a_fact_unpublished, "not published"),
        (_with_a_mail_that_waits, "mails that wait"),
        (_with_a_workflow_that_runs, "the workflow still runs"),
        (_without_an_outcome, "no outcome"),
        (_without_a_verdict, "a verdict on the newest evidence is missing"),
        (_with_a_dead_letter, "an open dead letter"),
        (_with_a_consumer_behind, "documents believes awaiting_documents"),
        (_with_an_address_kept, "is still kept"),
        (_with_a_deletion_that_did_not_arrive, "has not reached documents"),
        (_settled_too_late, "only after the bound"),
        (_with_a_site_that_is_down, "the site does not answer: 503"),
        (_with_a_site_that_lets_nobody_in, "the site does not answer: 429"),
        (_with_a_return_that_is_not_marked, "the mail reminder came back and is sent"),
        (_with_all_reminders_returned_and_nobody_told, "documents believes the candidate warned"),
        (_with_a_workflow_that_failed, "the workflow is FAILED"),
        (_with_a_workflow_that_took_too_long, "the workflow is TIMED_OUT"),
        (_without_a_workflow, "no workflow of a candidature that is confirmed"),
        (_with_a_hold_whose_workflow_ended, "the workflow has ended though the candidature is held"),
        (_with_documents_of_another_version, "documents knows version 1 of 2"),
        (_without_a_dossier, "documents does not know the candidate"),
        (_with_a_life_that_broke_off, "the life was not played to its end"),
    ],
    ids=named,
)
def test_what_is_unresolved_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in what for what in complaints(played, "unresolved"))


def test_a_held_candidature_keeps_its_workflow(played: Recorded) -> None:
    """Only an officer ends a hold, so there is still something to wait for."""
    played.hold(CANCELLED)
    played.evidence.clocks[played.candidate(CANCELLED)] = "RUNNING"
    assert not any("workflow" in one.what for one in played.judged().violations)


def test_a_return_that_everybody_heard_of_is_at_rest(played: Recorded) -> None:
    _return(played, CANCELLED).state = "bounced"
    played.dossier(CANCELLED).unreachable = True
    assert complaints(played, "unresolved") == []
    assert complaints(played, "doubled") == []
    assert complaints(played, "lost") == []


def test_one_reminder_that_stayed_warned_the_candidate(played: Recorded) -> None:
    mail = _return(played, CANCELLED)
    mail.state = "bounced"
    stayed = next(one for one in played.evidence.mails if one.message_id == mail.message_id)
    other = {"message_id": "<other@example>", "cause": f"{mail.cause}0", "state": "sent"}
    played.tables.mails.append(mail.model_copy(update=other))
    played.evidence.mails.append(stayed.model_copy(update={"message_id": "<other@example>"}))
    assert complaints(played, "unresolved") == []
