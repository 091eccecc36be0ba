"""D on a recorded round: whatever is there twice for one cause, the audit names."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.notifications.settings import NotificationsSettings
from tests.faults.ledger.audit.doubled import IN_HAND, SENDERS_PLACES
from tests.faults.ledger.mailbag import Mail
from tests.faults.ledger.rounds import Death
from tests.unit.faults.spoiling import (
    CONFIRMED,
    WITHDRAWN,
    Recorded,
    Spoil,
    complaints,
    named,
)

_LEASE = timedelta(seconds=38)


def _with_a_mail_twice(played: Recorded) -> None:
    played.evidence.mails.append(played.evidence.mails[-1])


def _with_two_mails_for_one_cause(played: Recorded) -> None:
    row = next(one for one in played.tables.mails if one.kind == "confirmed")
    other = row.model_copy(update={"message_id": "<another@example>", "cause": f"{row.cause}0"})
    left = next(one for one in played.evidence.mails if one.message_id == row.message_id)
    played.tables.mails.append(other)
    played.evidence.mails.append(left.model_copy(update={"message_id": "<another@example>"}))


def _with_more_reminders_than_planned(played: Recorded) -> None:
    row = next(one for one in played.tables.mails if one.kind == "reminder" and one.state == "sent")
    left = next(one for one in played.evidence.mails if one.message_id == row.message_id)
    for number in range(len(played.round.session.reminders)):
        named = {"message_id": f"<{number}@example>"}
        played.tables.mails.append(row.model_copy(update=named | {"cause": f"{row.cause}{number}"}))
        played.evidence.mails.append(left.model_copy(update=named))


def _with_a_mail_of_nobody(played: Recorded) -> None:
    left = played.evidence.mails[-1]
    played.evidence.mails.append(left.model_copy(update={"message_id": "<another@example>"}))


def _with_two_outcomes(played: Recorded) -> None:
    told = played.told(CONFIRMED, "CandidatureConfirmed")
    fact = next(one for one in played.tables.facts if one.ce_id == told.ce_id)
    other = uuid4()
    payload = told.payload | {"revision": told.payload["revision"] + 1}
    played.evidence.told.append(told.model_copy(update={"ce_id": other, "payload": payload}))
    played.tables.facts.append(fact.model_copy(update={"ce_id": other, "payload": payload}))


def _told_again(played: Recorded, name: str, kind: str = CONFIRMED) -> None:
    """As another fact, with the next revision: the log has no gap and no revision twice."""
    told = played.told(kind, name)
    fact = next(one for one in played.tables.facts if one.ce_id == told.ce_id)
    same = [one for one in played.tables.facts if (one.key, one.service) == (fact.key, fact.service)]
    payload = told.payload | {"revision": max(one.payload["revision"] for one in same) + 1}
    new = {"ce_id": uuid4(), "payload": payload}
    played.evidence.told.append(told.model_copy(update=new))
    played.tables.facts.append(fact.model_copy(update=new))


def _with_an_upload_told_twice(played: Recorded) -> None:
    _told_again(played, "DocumentUploaded")


def _with_a_completion_told_twice(played: Recorded) -> None:
    _told_again(played, "ChecklistCompleted")


def _with_a_withdrawal_told_twice(played: Recorded) -> None:
    _told_again(played, "CandidatureWithdrawn", WITHDRAWN)


def _with_a_revision_twice(played: Recorded) -> None:
    fact = next(one for one in played.tables.facts if one.name == "DocumentUploaded")
    played.tables.facts.append(fact.model_copy(update={"ce_id": uuid4()}))


def _with_two_accounts(played: Recorded) -> None:
    account = next(one for one in played.tables.accounts if one.id == played.candidate(CONFIRMED))
    played.tables.accounts.append(account.model_copy(update={"id": uuid4()}))


def _with_two_files_of_one(played: Recorded) -> None:
    played.tables.files.append(played.tables.files[0].model_copy(update={"file_id": uuid4()}))


def _with_a_file_of_nobody(played: Recorded) -> None:
    other = {"file_id": uuid4(), "sha256": "0" * 64}
    played.tables.files.append(played.tables.files[0].model_copy(update=other))


def _with_two_versions_of_one(played: Recorded) -> None:
    version = played.tables.versions[0]
    played.tables.versions.append(version.model_copy(update={"version": version.version + 7}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_with_a_mail_twice, "one mail accepted twice"),
        (_with_two_mails_for_one_cause, "2 mails confirmed left where 1 had a cause"),
        (_with_more_reminders_than_planned, "3 mails reminder left where 2 had a cause"),
        (_with_a_mail_of_nobody, "queued nowhere"),
        (_with_two_outcomes, "CandidatureConfirmed: 2 events"),
        (_with_an_upload_told_twice, "2 events"),
        (_with_a_completion_told_twice, "ChecklistCompleted: 2 events where 1 had a cause"),
        (_with_a_withdrawal_told_twice, "withdrawn 2 times"),
        (_with_a_revision_twice, "twice"),
        (_with_two_accounts, "two accounts for one address"),
        (_with_two_files_of_one, "one upload is 2 files"),
        (_with_a_file_of_nobody, "1 files that nobody sent"),
        (_with_two_versions_of_one, "one save made 2 versions"),
    ],
    ids=named,
)
def test_what_is_doubled_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in what for what in complaints(played, "doubled"))


def test_the_one_double_that_may_be_is_counted_apart(played: Recorded) -> None:
    """Between the server's 250 and our commit: only where the sender may have died there."""
    first = _sent_again(played, 1)[0]
    assert not played.judged(faults=("kill:notifications-worker",)).clean, "planned is not died"
    assert not played.judged(deaths=[("documents-http", first.at + timedelta(seconds=1))]).clean
    excused = played.judged(deaths=[("notifications-worker", first.at + timedelta(seconds=1))])
    assert excused.clean
    assert excused.mail_doubles_allowed == 1


@pytest.mark.parametrize("after", [timedelta(seconds=-2), IN_HAND + timedelta(seconds=2), _LEASE * 2])
def test_a_death_that_did_not_lie_between_them_excuses_no_double(played: Recorded, after: timedelta) -> None:
    first = _sent_again(played, 1)[0]
    assert not played.judged(deaths=[("notifications-worker", first.at + after)]).clean


def test_a_sender_has_a_mail_in_hand_for_as_long_as_the_database_is_away(played: Recorded) -> None:
    """It died just after the database was back, 7 s after the 250: nothing was written down before that."""
    first = _sent_again(played, 1)[0].at
    away = Death(name="postgres", at=first - timedelta(seconds=0.4), back_at=first + timedelta(seconds=7))
    died = Death(name="notifications-worker", at=first + timedelta(seconds=7.4))
    assert not played.judged(deaths=[died]).clean
    excused = played.judged(deaths=[away, died])
    assert excused.clean
    assert excused.mail_doubles_allowed == 1
    before = away.model_copy(
        update={"at": first - timedelta(seconds=9), "back_at": first - timedelta(seconds=2)}
    )
    later = away.model_copy(update={"at": first + timedelta(seconds=3)})
    assert not played.judged(deaths=[later, died]).clean
    once_more = Death(name="postgres", at=first + timedelta(seconds=9), back_at=first + timedelta(seconds=14))
    long_after = died.model_copy(update={"at": first + timedelta(seconds=16)})
    assert not played.judged(deaths=[before, died]).clean
    assert not played.judged(deaths=[away, long_after]).clean
    assert not played.judged(deaths=[away, once_more, long_after]).clean


def test_a_sender_that_dies_doubles_no_more_than_it_had_on_the_way(played: Recorded) -> None:
    together = next(one for one in played.evidence.mails if one.accepted).at
    played.evidence.mails = [one.model_copy(update={"at": together}) for one in played.evidence.mails]
    _sent_again(played, SENDERS_PLACES + 1)
    death = ("notifications-worker", together)
    once = played.judged(deaths=[death])
    assert [one.kind for one in once.violations].count("doubled") == 1
    assert once.mail_doubles_allowed == SENDERS_PLACES
    assert not any(one.kind == "doubled" for one in played.judged(deaths=[death, death]).violations)


def _sent_again(played: Recorded, number: int) -> list[Mail]:
    """So many mails are accepted once more when the lease is over; the first deliveries of these."""
    first = [one for one in played.evidence.mails if one.accepted][:number]
    played.evidence.mails += [one.model_copy(update={"at": one.at + _LEASE}) for one in first]
    return first


def test_the_senders_places_are_those_of_the_product() -> None:
    assert NotificationsSettings.model_fields["senders"].default == SENDERS_PLACES


def test_what_an_officer_undid_may_come_again(played: Recorded) -> None:
    _with_two_outcomes(played)
    played.release(CONFIRMED)
    assert not any("CandidatureConfirmed" in what for what in complaints(played, "doubled"))


def test_an_event_published_twice_is_one_event(played: Recorded) -> None:
    """At least once is what the topics promise; doubling is what consumers must not do."""
    played.told(CONFIRMED, "CandidatureConfirmed").copies = 3
    assert played.judged().clean
