"""T on a recorded round: whatever contradicts the instants, the audit names."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.faults.ledger.audit.evidence import Letter
from tests.faults.ledger.rounds import Death
from tests.unit.faults.spoiling import (
    CANCELLED,
    CONFIRMED,
    DELETED,
    OTHER_CANCELLED,
    SILENT,
    WITHDRAWN,
    Recorded,
    Spoil,
    complaints,
    named,
)


def _cancelled_though_complete(played: Recorded) -> None:
    played.candidature(CONFIRMED).stage = "cancelled"


def _confirmed_though_incomplete(played: Recorded) -> None:
    played.candidature(CANCELLED).stage = "confirmed"


def _held_for_nothing(played: Recorded) -> None:
    played.hold(CANCELLED)


def _held_though_complete(played: Recorded) -> None:
    played.hold(CONFIRMED)


def _held_for_eligibility_though_eligible(played: Recorded) -> None:
    played.hold(CONFIRMED)
    played.candidature(CONFIRMED).hold_cause = "eligibility"


def _deleted_though_activated(played: Recorded) -> None:
    candidate = played.candidate(SILENT)
    for stones in played.tables.buried.values():
        stones.append(candidate)


def _deleted_though_no_link_was_sent(played: Recorded) -> None:
    candidate = played.candidate(DELETED)
    played.evidence.mails = [
        one.model_copy(update={"accepted": False}) if one.link == candidate else one
        for one in played.evidence.mails
    ]


def _registered_though_silent(played: Recorded) -> None:
    played.candidature(SILENT).stage = "cancelled"


def _back_though_withdrawn(played: Recorded) -> None:
    played.candidature(WITHDRAWN).stage = "cancelled"


def _late_though_in_time(played: Recorded) -> None:
    next(o for o in played.tables.files if o.candidate_id == played.candidate(CANCELLED)).state = "late"


def _counted_though_late(played: Recorded) -> None:
    deadline = played.round.session.deadline_at
    played.answer(CANCELLED, "upload", sent=deadline, heard=deadline + timedelta(seconds=1))


def _read_though_unsigned(played: Recorded) -> None:
    facts = played.of(CANCELLED).of("upload")[-1].facts
    played.answer(CANCELLED, "upload", facts=facts | {"paper": "unsigned"})


def _refused_though_in_time(played: Recorded) -> None:
    played.answer(CANCELLED, "upload", status=409, slug="echeance-passee", told={})


def _expired_though_in_time(played: Recorded) -> None:
    played.answer(CANCELLED, "activate", status=410, slug="lien-expire", told={})


def _closed_though_in_time(played: Recorded) -> None:
    played.answer(CANCELLED, "save", status=409, slug="fenetre-fermee", told={})


def _cut_short(played: Recorded) -> None:
    told = played.told(SILENT, "ActivationPeriodStarted")
    expires_at = datetime.fromisoformat(told.payload["expires_at"]) - timedelta(seconds=2)
    told.payload["expires_at"] = expires_at.isoformat()


def _drawn_out(played: Recorded) -> None:
    told = played.told(SILENT, "ActivationPeriodStarted")
    expires_at = datetime.fromisoformat(told.payload["expires_at"]) + timedelta(seconds=4)
    told.payload["expires_at"] = expires_at.isoformat()


def _turned_away_and_nobody_told(played: Recorded) -> None:
    played.turn_away(SILENT)


def _too_slow_and_nobody_told(played: Recorded) -> None:
    played.turn_away(SILENT, status=409)
    played.answer(SILENT, "save", slug="enregistrement-trop-long")


def _mailed_to_a_stranger(played: Recorded) -> None:
    stranger = f"personne@{played.round.mail_domain}"
    played.evidence.mails.append(played.evidence.mails[0].model_copy(update={"to": (stranger,)}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cancelled_though_complete, "cancelled, where confirmed would be just"),
        (_confirmed_though_incomplete, "confirmed, where cancelled would be just"),
        (_cancelled_though_complete, "cancelled though its own evidence is complete"),
        (_confirmed_though_incomplete, "confirmed though its own evidence is incomplete"),
        (_held_for_nothing, "held, where cancelled would be just"),
        (_held_for_nothing, "held for a fault of ours that is on no row and never was"),
        (_held_for_eligibility_though_eligible, "held for eligibility though eligible"),
        (_held_though_complete, "held, where confirmed would be just"),
        (_deleted_though_no_link_was_sent, "deleted though no activation mail"),
        (_deleted_though_activated, "deleted, where not_registered would be just"),
        (_registered_though_silent, "cancelled, where not_registered would be just"),
        (_back_though_withdrawn, "cancelled, where withdrawn would be just"),
        (_late_though_in_time, "counted as late though surely in time"),
        (_late_though_in_time, "taken as in time and counted as late"),
        (_counted_though_late, "a file counted though surely late"),
        (_read_though_unsigned, "a confirmation that was unsigned was read and counts"),
        (_refused_though_in_time, "refused as late though surely in time"),
        (_expired_though_in_time, "an activation refused as late"),
        (_closed_though_in_time, "a save refused as after the window"),
        (
            _turned_away_and_nobody_told,
            "not_registered though a save in time was turned away, and no officer is told",
        ),
        (
            _too_slow_and_nobody_told,
            "not_registered though a save in time was turned away, and no officer is told",
        ),
        (_cut_short, "the time to activate was 2.0 s too short"),
        (_drawn_out, "the time to activate was 4.0 s too long"),
        (_mailed_to_a_stranger, "whom nobody knows"),
    ],
    ids=named,
)
def test_what_is_unjust_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in what for what in complaints(played, "unjust"))


def test_the_time_that_a_250_takes_to_be_read_is_given_in_addition(played: Recorded) -> None:
    told = played.told(SILENT, "ActivationPeriodStarted")
    expires_at = datetime.fromisoformat(told.payload["expires_at"]) + timedelta(seconds=2)
    told.payload["expires_at"] = expires_at.isoformat()
    assert complaints(played, "unjust") == []


def test_a_save_that_would_have_undone_a_withdrawal_is_to_be_told_too(played: Recorded) -> None:
    arrived_at = played.turn_away(WITHDRAWN)
    row = played.candidature(WITHDRAWN)
    row.decided_at = arrived_at - timedelta(seconds=5)
    expected = "withdrawn though a save in time was turned away, and no officer is told"
    assert any(expected in what for what in complaints(played, "unjust"))
    row.save_fault_at = arrived_at
    assert not any("turned away" in what for what in complaints(played, "unjust"))


def test_a_save_that_was_turned_away_is_looked_at_by_an_officer(played: Recorded) -> None:
    arrived_at = played.turn_away(SILENT)
    played.candidature(SILENT).save_fault_at = arrived_at
    assert not complaints(played, "unjust")


@pytest.mark.parametrize(
    ("status", "after_the_close"), [(409, timedelta(seconds=-1)), (503, timedelta(milliseconds=1))]
)
def test_a_save_that_was_refused_or_came_too_late_is_none(
    played: Recorded, status: int, after_the_close: timedelta
) -> None:
    played.turn_away(SILENT, status=status, after_the_close=after_the_close)
    assert not any("turned away" in what for what in complaints(played, "unjust"))


def test_an_officer_who_releases_accepts_what_was_declared(played: Recorded) -> None:
    save = played.of(CONFIRMED).done("save")[-1]
    played.answer(CONFIRMED, "save", facts=save.facts | {"eligible": False})
    assert any("confirmed, where held" in what for what in complaints(played, "unjust"))
    played.release(CONFIRMED)
    assert complaints(played, "unjust") == []


def test_complete_in_time_is_never_held_whatever_the_fault(played: Recorded) -> None:
    _held_though_complete(played)
    assert any("held, where confirmed" in one.what for one in played.judged(faults=("postgres",)).violations)


def _away(played: Recorded, name: str, *spans: tuple[float, float]) -> list[Death]:
    """`spans`: from and until, in seconds before the deadline."""
    deadline = played.round.session.deadline_at
    return [
        Death(name=name, at=deadline - timedelta(seconds=since), back_at=deadline - timedelta(seconds=until))
        for since, until in spans
    ]


@pytest.mark.parametrize(
    ("name", "spans", "just"),
    [
        ("documents-http", ((15, 2),), True),
        ("documents-http", ((15, 10), (9, 8), (6, 2)), True),
        ("documents-http", ((12, 10), (4, 1)), False),
        ("notifications-http", ((20, 1),), False),
        ("temporal", ((20, 1),), False),
    ],
)
def test_an_outage_holds_only_where_what_is_looked_at_was_away_for_so_long(
    played: Recorded, name: str, spans: tuple[tuple[float, float], ...], just: bool
) -> None:
    _held_for_nothing(played)
    dossier = played.dossier(CANCELLED)
    dossier.stage, dossier.service_fault_at = "held", dossier.deadline_at - timedelta(seconds=3)
    judged = played.judged(faults=("kill",), deaths=_away(played, name, *spans))
    found = [one.what for one in judged.violations if one.kind == "unjust"]
    assert found == ([] if just else ["held for service, of which nothing is known to have been"])


@pytest.mark.parametrize(
    ("seconds", "error", "just"), [(20, None, True), (12, "ReadTimeout", True), (12, None, False)]
)
def test_so_does_a_wait_of_that_length_or_one_that_was_given_up(
    played: Recorded, seconds: float, error: str | None, just: bool
) -> None:
    """Once its own commit stood, so that no fault of its own is left; where nothing else went wrong."""
    _held_for_nothing(played)
    dossier = played.dossier(CANCELLED)
    dossier.stage, dossier.service_fault_at = "held", dossier.deadline_at - timedelta(seconds=3)
    last = played.of(CANCELLED).of("upload")[-1]
    ends: dict[str, object] = {"status": None, "told": {}} if error else {}
    played.answer(CANCELLED, "upload", heard=last.sent + timedelta(seconds=seconds), error=error, **ends)
    assert (complaints(played, "unjust") == []) is just


def test_whoever_has_no_hold_ended_by_an_officer_is_released_by_nobody(played: Recorded) -> None:
    played.release(CONFIRMED)
    played.round = played.round.model_copy(update={"released": ()})
    assert "released by no officer" in complaints(played, "unjust")


def _told_of(played: Recorded, kind: str, name: str, place: int) -> None:
    """One more outcome before (-1) or after the one that was told."""
    told = played.told(kind, "CandidatureConfirmed" if kind == CONFIRMED else "CandidatureCancelled")
    payload = told.payload | {"revision": told.payload["revision"] + place}
    other = {"ce_id": uuid4(), "type": f"registration.{name}.v1", "payload": payload}
    played.evidence.told.append(told.model_copy(update=other))


def test_whoever_was_held_is_cancelled_by_an_officer_alone(played: Recorded) -> None:
    _told_of(played, CANCELLED, "CandidatureHeld", -1)
    assert "held, and cancelled afterwards by no officer" in complaints(played, "unjust")


def test_whoever_had_everything_there_is_not_cancelled_on_the_way(played: Recorded) -> None:
    _told_of(played, CONFIRMED, "CandidatureCancelled", -1)
    assert any("cancelled on the way" in what for what in complaints(played, "unjust"))


def test_whose_every_reminder_came_back_in_time_is_held_and_not_cancelled(played: Recorded) -> None:
    reminders = {mail.message_id for mail in played.tables.mails if mail.kind == "reminder"}
    for one in [one for one in played.evidence.mails if one.message_id in reminders and one.accepted]:
        back = {"accepted": False, "returned": True, "at": one.at + timedelta(seconds=1)}
        played.evidence.mails.append(one.model_copy(update=back))
    found = [one.what for one in played.judged(faults=("smtp",)).violations if one.kind == "unjust"]
    assert set(found) == {"cancelled, where held would be just"}


def _quarantined(played: Recorded, closed: timedelta | None) -> None:
    """From 10 s before the deadline; `closed`: so long after the deadline, None for never."""
    deadline = played.round.session.deadline_at
    letter = Letter(
        service="documents",
        consumer="documents.notifications",
        candidate_id=played.candidate(CANCELLED),
        opened_at=deadline - timedelta(seconds=10),
        closed_at=None if closed is None else deadline + closed,
    )
    played.tables.letters.append(letter)


@pytest.mark.parametrize("closed", [None, timedelta(seconds=20)])
def test_about_whom_an_event_lies_in_quarantine_is_held_and_not_cancelled(
    played: Recorded, closed: timedelta | None
) -> None:
    _quarantined(played, closed)
    found = [one.what for one in played.judged(faults=("poison",)).violations if one.kind == "unjust"]
    assert found == ["cancelled, where held would be just"]


def test_a_letter_that_was_closed_before_it_was_decided_holds_nobody(played: Recorded) -> None:
    _quarantined(played, timedelta(seconds=-5))
    assert complaints(played, "unjust") == []


@pytest.mark.parametrize(
    ("faults", "just"), [(("poison",), True), (("postgres", "kill:documents-http"), False)]
)
def test_a_dead_letter_holds_only_where_there_was_poison(
    played: Recorded, faults: tuple[str, ...], just: bool
) -> None:
    _held_for_nothing(played)
    dossier = played.dossier(CANCELLED)
    dossier.stage, dossier.open_dead_letters = "held", 1
    assert any(one.kind == "unjust" for one in played.judged(faults=faults).violations) is not just


def test_a_file_that_came_late_completes_nothing(played: Recorded) -> None:
    """Whatever the row's own count says."""
    life = played.of(CONFIRMED)
    late = [
        one.model_copy(update={"told": one.told | {"state": "late"}}) if one.act == "upload" else one
        for one in life.acts
    ]
    played.lives[played.lives.index(life)] = life.model_copy(update={"acts": tuple(late)})
    assert any(what.startswith("confirmed, where") for what in complaints(played, "unjust"))


def test_whoever_was_never_reminded_is_held_though_nobody_decided_a_reminder(played: Recorded) -> None:
    _no_reminder_taken(played)
    played.tables.facts = [one for one in played.tables.facts if one.name != "ReminderDue"]
    found = [one.what for one in played.judged(faults=("temporal",)).violations if one.kind == "unjust"]
    assert "cancelled, where held would be just" in found


def test_whoever_is_incomplete_after_an_outage_is_held_and_not_cancelled(played: Recorded) -> None:
    outage, away = ("outage:documents-http",), _away(played, "documents-http", (12, -14))
    found = [one.what for one in played.judged(faults=outage).violations if one.kind == "unjust"]
    assert set(found) == {"cancelled, where held would be just"}
    for kind in (CANCELLED, OTHER_CANCELLED):
        played.hold(kind)
        dossier = played.dossier(kind)
        dossier.stage, dossier.service_fault_at = "held", dossier.deadline_at - timedelta(seconds=3)
    assert not any(one.kind == "unjust" for one in played.judged(faults=outage, deaths=away).violations)


def test_what_was_over_before_a_fault_counts_holds_nobody(played: Recorded) -> None:
    session = played.round.session.model_copy(update={"fault_window_seconds": 4})
    played.round = played.round.model_copy(update={"session": session})
    played.try_in_vain(CANCELLED, 5, 6)
    assert "cancelled, where held would be just" not in complaints(played, "unjust")


@pytest.mark.parametrize(
    ("times", "seconds", "held"),
    [
        pytest.param(5, 6, True, id="again and again"),
        pytest.param(3, 6, False, id="not for long enough"),
        pytest.param(2, 18, False, id="too few to be sure of when they came"),
    ],
)
def test_whoever_tried_in_vain_as_long_as_an_outage_lasts_is_held_and_not_cancelled(
    played: Recorded, times: int, seconds: float, held: bool
) -> None:
    """The file itself was there all the time."""
    played.try_in_vain(CANCELLED, times, seconds)
    assert ("cancelled, where held would be just" in complaints(played, "unjust")) is held
    played.hold(CANCELLED)
    dossier = played.dossier(CANCELLED)
    dossier.stage, dossier.service_fault_at = "held", dossier.deadline_at
    assert not any(what.startswith("cancelled, where") for what in complaints(played, "unjust"))


@pytest.mark.parametrize(("state", "owed"), [("late", True), ("to_judge", True), ("received", False)])
def test_a_file_that_came_too_late_makes_up_for_no_fault(played: Recorded, state: str, owed: bool) -> None:
    """Turned away in time, then the same was taken to be judged, without an answer."""
    deadline = played.round.session.deadline_at
    times = {"sent": deadline - timedelta(seconds=9), "heard": deadline - timedelta(seconds=8)}
    played.answer(CANCELLED, "upload", status=503, told={}, **times)
    sent = played.of(CANCELLED).of("upload")[-1].facts["sha256"]
    next(one for one in played.tables.files if one.sha256 == sent).state = state
    unwritten = "no fault was written of an upload that was cut or answered 5xx"
    assert (unwritten in complaints(played, "unresolved")) is owed


def test_an_outage_holds_nobody_who_was_complete(played: Recorded) -> None:
    _held_though_complete(played)
    found = played.judged(faults=("outage:postgres",)).violations
    assert any(one.what == "held, where confirmed would be just" for one in found)


def test_whom_an_officer_released_after_a_cut_upload_may_be_cancelled(played: Recorded) -> None:
    sent = played.round.session.deadline_at - timedelta(seconds=1)
    cut = played.of(CANCELLED).of("upload")[-1].facts | {"how": "cut"}
    played.answer(CANCELLED, "upload", status=None, facts=cut, told={}, sent=sent, arrived_by=sent)
    assert "cancelled, where held would be just" in complaints(played, "unjust")
    played.release(CANCELLED)
    assert not any(what.startswith("cancelled, where") for what in complaints(played, "unjust"))


def _no_reminder_taken(played: Recorded) -> None:
    """A reminder was due to the incomplete, and the mail server took none of them."""
    reminders = {mail.message_id for mail in played.tables.mails if mail.kind == "reminder"}
    played.evidence.mails = [
        one.model_copy(update={"accepted": False}) if one.message_id in reminders else one
        for one in played.evidence.mails
    ]


@pytest.mark.parametrize("faults", [(), ("kill:notifications-worker",)])
def test_whoever_was_to_be_reminded_and_never_was_is_held_and_not_cancelled(
    played: Recorded, faults: tuple[str, ...]
) -> None:
    _no_reminder_taken(played)
    found = [one.what for one in played.judged(faults=faults).violations if one.kind == "unjust"]
    assert set(found) == {"cancelled, where held would be just"}
    for kind in (CANCELLED, OTHER_CANCELLED):
        played.hold(kind)
        dossier = played.dossier(kind)
        dossier.stage, dossier.reminded_for = "held", [dossier.deadline_at]
    assert not any(one.kind == "unjust" for one in played.judged(faults=faults).violations)


def test_a_reminder_taken_after_the_deadline_warned_nobody(played: Recorded) -> None:
    reminders = {mail.message_id for mail in played.tables.mails if mail.kind == "reminder"}
    played.evidence.mails = [
        one.model_copy(update={"at": played.round.session.deadline_at})
        if one.message_id in reminders
        else one
        for one in played.evidence.mails
    ]
    assert "cancelled, where held would be just" in complaints(played, "unjust")


def test_who_was_reminded_in_time_may_be_cancelled_whatever_the_fault(played: Recorded) -> None:
    found = played.judged(faults=("kill:notifications-worker",)).violations
    assert not any(one.kind == "unjust" for one in found)


def test_in_a_session_without_reminders_none_can_lack(played: Recorded) -> None:
    _no_reminder_taken(played)
    facts = played.tables.facts
    played.tables.facts = [one for one in facts if one.name != "ReminderDue"]
    session = played.round.session.model_copy(update={"reminders": ()})
    played.round = played.round.model_copy(update={"session": session})
    assert not any(what.startswith("cancelled, where") for what in complaints(played, "unjust"))


def test_who_was_reminded_and_is_held_for_lack_of_it_is_named(played: Recorded) -> None:
    played.hold(CANCELLED)
    dossier = played.dossier(CANCELLED)
    dossier.stage, dossier.reminded_for = "held", [dossier.deadline_at]
    assert any("held, where cancelled" in what for what in complaints(played, "unjust"))


def test_whom_an_officer_released_warned_or_not_may_be_cancelled(played: Recorded) -> None:
    _no_reminder_taken(played)
    for kind in (CANCELLED, OTHER_CANCELLED):
        played.release(kind)
    assert not any(what.startswith("cancelled, where") for what in complaints(played, "unjust"))


def test_whom_an_officer_released_after_an_outage_may_be_cancelled(played: Recorded) -> None:
    for kind in (CANCELLED, OTHER_CANCELLED):
        played.release(kind)
    found = played.judged(faults=("outage:documents-http",)).violations
    assert not any(one.kind == "unjust" for one in found)
