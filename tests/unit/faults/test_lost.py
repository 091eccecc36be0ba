"""L on a recorded round: whatever of an acknowledged act is missing, the audit names."""

import pytest

from tests.unit.faults.spoiling import (
    CANCELLED,
    CONFIRMED,
    DELETED,
    ERASED,
    SILENT,
    WITHDRAWN,
    Recorded,
    Spoil,
    complaints,
    named,
)


def _without_a_version(played: Recorded) -> None:
    played.tables.versions.remove(
        next(o for o in played.tables.versions if o.candidate_id == played.candidate(CONFIRMED))
    )


def _with_another_form(played: Recorded) -> None:
    next(
        o for o in played.tables.versions if o.candidate_id == played.candidate(CONFIRMED)
    ).mark = "0600000000"


def _without_a_file(played: Recorded) -> None:
    played.tables.files.remove(
        next(o for o in played.tables.files if o.candidate_id == played.candidate(CONFIRMED))
    )


def _with_another_file(played: Recorded) -> None:
    next(o for o in played.tables.files if o.candidate_id == played.candidate(CONFIRMED)).sha256 = "0" * 64


def _with_a_file_taken_away(played: Recorded) -> None:
    next(o for o in played.tables.files if o.candidate_id == played.candidate(CONFIRMED)).state = "removed"


def _without_an_event(played: Recorded) -> None:
    played.evidence.told.remove(played.told(CONFIRMED, "RegistrationSaved"))


def _without_a_row_of_the_log(played: Recorded) -> None:
    played.tables.facts.remove(next(o for o in played.tables.facts if o.name == "RegistrationSaved"))


def _without_the_outcomes_event(played: Recorded) -> None:
    played.evidence.told.remove(played.told(CONFIRMED, "CandidatureConfirmed"))


def _without_a_mail_that_was_sent(played: Recorded) -> None:
    played.evidence.mails.pop()


def _without_the_outcomes_mail(played: Recorded) -> None:
    candidate = played.candidate(CANCELLED)
    next(
        o for o in played.tables.mails if o.candidate_id == candidate and o.kind == "cancelled"
    ).state = "moot"


def _without_the_mail_of_a_save(played: Recorded) -> None:
    candidate = played.candidate(CONFIRMED)
    played.tables.mails.remove(
        next(o for o in played.tables.mails if o.candidate_id == candidate and o.kind == "registration_saved")
    )


def _without_the_bytes(played: Recorded) -> None:
    seen = played.evidence.sites[played.of(CONFIRMED).life]
    seen.contents[next(iter(seen.contents))] = ""


def _with_another_stage_on_the_site(played: Recorded) -> None:
    played.evidence.sites[played.of(CONFIRMED).life].stage = "cancelled"


def _without_a_login(played: Recorded) -> None:
    played.evidence.sites[played.of(CONFIRMED).life].login = 401


def _with_a_row_of_the_erased(played: Recorded) -> None:
    row = played.candidature(CONFIRMED).model_copy(update={"candidate_id": played.candidate(ERASED)})
    played.tables.candidatures.append(row)


def _without_an_account(played: Recorded) -> None:
    candidate = played.candidate(SILENT)
    played.tables.accounts = [one for one in played.tables.accounts if one.id != candidate]


def _without_an_activation_mail(played: Recorded) -> None:
    candidate = played.candidate(SILENT)
    next(one for one in played.tables.accounts if one.id == candidate).state = "awaiting_activation"
    played.tables.mails = [one for one in played.tables.mails if one.candidate_id != candidate]


def _with_a_mail_failed_that_nobody_refused(played: Recorded) -> None:
    candidate = played.candidate(CANCELLED)
    mail = next(o for o in played.tables.mails if o.candidate_id == candidate and o.kind == "reminder")
    mail.state = "failed"
    played.evidence.mails = [o for o in played.evidence.mails if o.message_id != mail.message_id]


def _with_a_mail_failed_for_a_refusal_for_now(played: Recorded) -> None:
    """451 is to be tried again (RFC 5321 §4.2.1)."""
    candidate = played.candidate(CONFIRMED)
    mail = next(o for o in played.tables.mails if o.candidate_id == candidate and o.kind == "confirmed")
    mail.state = "failed"
    played.evidence.mails = [
        one.model_copy(update={"accepted": False}) if one.message_id == mail.message_id else one
        for one in played.evidence.mails
    ]


def _without_a_reminder_that_was_decided(played: Recorded) -> None:
    candidate = played.candidate(CANCELLED)
    played.tables.mails = [
        one for one in played.tables.mails if one.candidate_id != candidate or one.kind != "reminder"
    ]


def _with_a_file_put_back_and_gone(played: Recorded) -> None:
    candidate = played.candidate(CONFIRMED)
    file = next(o for o in played.tables.files if o.candidate_id == candidate)
    file.state = "removed"
    life = played.of(CONFIRMED)
    upload = next(one for one in life.done("upload") if one.told["file_id"] == str(file.file_id))
    facts = {"piece": file.piece, "file_id": str(file.file_id)}
    taken = {"act": "remove", "status": 204, "facts": facts, "told": {}}
    put_back = {"act": "restore", "status": 200, "facts": facts}
    more = tuple(
        upload.model_copy(update=one | {"n": upload.n + 1000 + place})
        for place, one in enumerate((taken, put_back))
    )
    changed = life.model_copy(update={"acts": (*life.acts, *more)})
    played.lives[played.lives.index(life)] = changed


def _without_a_word_though_nothing_was_wrong(played: Recorded) -> None:
    life = played.of(SILENT)
    played.lives[played.lives.index(life)] = life.model_copy(update={"note": "no activation mail came"})


def _without_a_trace_of_an_account(played: Recorded) -> None:
    """Nothing but its mails said whose the deleted account was."""
    address = played.of(DELETED).email
    played.evidence.mails = [one for one in played.evidence.mails if address not in one.to]


def _with_an_older_version_in_force(played: Recorded) -> None:
    played.candidature(CONFIRMED).version -= 1


def _with_an_older_version_on_the_site(played: Recorded) -> None:
    played.evidence.sites[played.of(CONFIRMED).life].version = 1


def _with_a_removal_that_was_not_done(played: Recorded) -> None:
    file = played.file(CONFIRMED)
    played.do(CONFIRMED, "remove", piece=file.piece, file_id=str(file.file_id))


def _with_an_erasure_that_did_not_arrive(played: Recorded) -> None:
    played.tables.buried["documents"].remove(played.candidate(ERASED))


def _with_a_new_password_asked_for_in_vain(played: Recorded) -> None:
    played.do(SILENT, "reset_ask")


def _with_a_password_changed_in_vain(played: Recorded) -> None:
    played.do(SILENT, "reset")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_with_a_mail_failed_for_a_refusal_for_now, "is marked failed though no server refused it for good"),
        (_without_a_reminder_that_was_decided, "was decided and never queued"),
        (_with_a_file_put_back_and_gone, "taken out of view by nobody"),
        (_without_a_word_though_nothing_was_wrong, "though nothing was wrong: no activation mail came"),
        (_without_a_version, "is not there with its content"),
        (_with_another_form, "is not there with its content"),
        (_without_a_file, "an acknowledged file is not there"),
        (_with_another_file, "is not the one that was sent"),
        (_with_a_file_taken_away, "taken out of view by nobody"),
        (_without_an_event, "is marked published and is not in the topic"),
        (_without_a_row_of_the_log, "is in the topic and not in the log"),
        (_without_the_outcomes_event, "confirmed without its event"),
        (_without_a_mail_that_was_sent, "is marked sent and never left"),
        (_without_the_outcomes_mail, "no mail told the candidate that it is cancelled"),
        (_with_a_mail_failed_that_nobody_refused, "is marked failed though no server refused it"),
        (_without_the_mail_of_a_save, "no mail told of the acknowledged version"),
        (_without_the_bytes, "do not come back"),
        (_with_another_stage_on_the_site, "the site says cancelled"),
        (_without_a_login, "cannot log in any more"),
        (_with_a_row_of_the_erased, "still in a table"),
        (_without_an_activation_mail, "no activation mail was ever queued"),
        (_without_an_account, "an acknowledged activation is not there"),
        (_without_a_trace_of_an_account, "an acknowledged account is nowhere"),
        (_without_a_row_of_the_log, "the log of registration has gaps"),
        (_with_an_older_version_in_force, "version 1 is in force though 2 was acknowledged"),
        (_with_an_older_version_on_the_site, "the site shows version 1 though 2 was acknowledged"),
        (_with_a_removal_that_was_not_done, "an acknowledged removal has no DocumentRemoved in the topic"),
        (_with_a_removal_that_was_not_done, "an acknowledged removal was undone by nobody"),
        (_with_an_erasure_that_did_not_arrive, "an erasure has not reached documents"),
        (_with_a_new_password_asked_for_in_vain, "request for a new password without its event"),
        (_with_a_new_password_asked_for_in_vain, "request for a new password without its mail"),
        (_with_a_password_changed_in_vain, "an acknowledged change of the password without its event"),
        (_with_a_password_changed_in_vain, "no mail told of the acknowledged change of the password"),
    ],
    ids=named,
)
def test_what_is_lost_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in what for what in complaints(played, "lost"))


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (SILENT, "AccountCreated", "no AccountCreated in the topic"),
        (SILENT, "AccountActivated", "an acknowledged activation without its event"),
        (CONFIRMED, "RegistrationSaved", "the acknowledged version 1 has no RegistrationSaved"),
        (CONFIRMED, "ConfirmationIssued", "the acknowledged version 1 has no ConfirmationIssued"),
        (CONFIRMED, "DocumentUploaded", "an acknowledged file has no DocumentUploaded in the topic"),
        (WITHDRAWN, "CandidatureWithdrawn", "an acknowledged withdrawal without its event"),
        (ERASED, "AccountDeleted", "an acknowledged erasure without its event"),
    ],
)
def test_what_was_acknowledged_and_is_in_no_topic_is_named(
    played: Recorded, kind: str, name: str, said: str
) -> None:
    played.evidence.told.remove(played.told(kind, name))
    assert any(said in what for what in complaints(played, "lost"))


@pytest.mark.parametrize("faults", [("smtp",), ("kill:notifications-worker",), ("mixed",)])
def test_no_fault_excuses_a_mail_that_failed_though_nobody_refused_it(
    played: Recorded, faults: tuple[str, ...]
) -> None:
    _with_a_mail_failed_that_nobody_refused(played)
    assert any("marked failed" in one.what for one in played.judged(faults=faults).violations)
