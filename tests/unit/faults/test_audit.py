"""The judges on a round that was really played: clean as it was, and each thing that goes wrong is named.

An audit that cannot fail is worthless, so every test spoils one thing and expects to be told of that.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.faults.ledger.audit.cases import docket
from tests.faults.ledger.audit.evidence import Candidature, Dossier, Evidence, Letter, Tables, Told
from tests.faults.ledger.audit.report import Report, judge
from tests.faults.ledger.record import Act, LifeRecord
from tests.faults.ledger.rounds import Round
from tests.unit.faults.recording import recorded

CONFIRMED, CANCELLED, SILENT, ERASED, DELETED, WITHDRAWN = (
    "edits",
    "missing",
    "silent",
    "erases",
    "unactivated",
    "withdraws",
)


class Recorded:
    """The recorded round, to be spoilt. `of` finds a life by what it is about."""

    def __init__(self) -> None:
        self.round, self.lives, self.evidence = recorded()

    @property
    def tables(self) -> Tables:
        return self.evidence.tables

    def of(self, kind: str) -> LifeRecord:
        return next(life for life in self.lives if life.kind == kind)

    def candidate(self, kind: str) -> UUID:
        life = self.of(kind)
        return next(case.candidate for case in docket(self.round, self.lives, self.evidence).of_life(life))

    def candidature(self, kind: str) -> Candidature:
        return next(one for one in self.tables.candidatures if one.candidate_id == self.candidate(kind))

    def dossier(self, kind: str) -> Dossier:
        return next(one for one in self.tables.dossiers if one.candidate_id == self.candidate(kind))

    def told(self, kind: str, name: str) -> Told:
        candidate = self.candidate(kind)
        return next(one for one in self.evidence.told if one.key == candidate and one.name == name)

    def answer(self, kind: str, act: str, **changes: object) -> None:
        """Change the last answer that a life got to an act."""
        life = self.of(kind)
        last = next(one for one in reversed(life.acts) if one.act == act)
        changed: tuple[Act, ...] = tuple(
            one.model_copy(update=changes) if one.n == last.n else one for one in life.acts
        )
        self.lives = [
            one.model_copy(update={"acts": changed}) if one.life == life.life else one for one in self.lives
        ]

    def judged(self, *, faults: tuple[str, ...] = ()) -> Report:
        of_round: Round = self.round.model_copy(update={"faults": faults})
        return judge(docket(of_round, self.lives, self.evidence))


@pytest.fixture
def played() -> Recorded:
    return Recorded()


def test_the_round_as_it_was_played_is_clean(played: Recorded) -> None:
    report = played.judged()
    assert report.violations == []
    assert set(report.outcomes) == {
        "confirmed",
        "cancelled",
        "not_registered",
        "deleted",
        "erased",
        "withdrawn",
    }
    assert report.lines({})[-1].startswith("seeds=3 lives=8 lost=0 doubled=0 unjust=0 unresolved=0 settle_s=")


Spoil = Callable[[Recorded], object]


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


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
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
        (_without_the_mail_of_a_save, "no mail told of the acknowledged version"),
        (_without_the_bytes, "do not come back"),
        (_with_another_stage_on_the_site, "the site says cancelled"),
        (_without_a_login, "cannot log in any more"),
        (_with_a_row_of_the_erased, "still in a table"),
        (_without_an_account, "an acknowledged activation is not there"),
    ],
    ids=lambda one: getattr(one, "__name__", "said").strip("_"),
)
def test_what_is_lost_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in one.what for one in played.judged().violations if one.kind == "lost")


def _with_a_mail_twice(played: Recorded) -> None:
    played.evidence.mails.append(played.evidence.mails[-1])


def _with_two_mails_for_one_cause(played: Recorded) -> None:
    row = next(one for one in played.tables.mails if one.kind == "confirmed")
    other = row.model_copy(update={"message_id": "<another@example>", "cause": f"{row.cause}0"})
    left = next(one for one in played.evidence.mails if one.message_id == row.message_id)
    played.tables.mails.append(other)
    played.evidence.mails.append(left.model_copy(update={"message_id": "<another@example>"}))


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


def _with_a_revision_twice(played: Recorded) -> None:
    fact = next(one for one in played.tables.facts if one.name == "DocumentUploaded")
    played.tables.facts.append(fact.model_copy(update={"ce_id": uuid4()}))


def _with_two_accounts(played: Recorded) -> None:
    account = next(one for one in played.tables.accounts if one.id == played.candidate(CONFIRMED))
    played.tables.accounts.append(account.model_copy(update={"id": uuid4()}))


def _with_two_files_of_one(played: Recorded) -> None:
    played.tables.files.append(played.tables.files[0].model_copy(update={"file_id": uuid4()}))


def _with_two_versions_of_one(played: Recorded) -> None:
    version = played.tables.versions[0]
    played.tables.versions.append(version.model_copy(update={"version": version.version + 7}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_with_a_mail_twice, "one mail accepted twice"),
        (_with_two_mails_for_one_cause, "2 mails confirmed left where 1 had a cause"),
        (_with_a_mail_of_nobody, "queued nowhere"),
        (_with_two_outcomes, "CandidatureConfirmed: 2 events"),
        (_with_a_revision_twice, "twice"),
        (_with_two_accounts, "two accounts for one address"),
        (_with_two_files_of_one, "one upload is 2 files"),
        (_with_two_versions_of_one, "one save made 2 versions"),
    ],
    ids=lambda one: getattr(one, "__name__", "said").strip("_"),
)
def test_what_is_doubled_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in one.what for one in played.judged().violations if one.kind == "doubled")


def test_the_one_double_that_may_be_is_counted_apart(played: Recorded) -> None:
    """Between the server's 250 and our commit: only where the sender may have died there."""
    _with_a_mail_twice(played)
    assert not played.judged(faults=("postgres",)).clean
    excused = played.judged(faults=("kill-service",))
    assert excused.clean
    assert excused.mail_doubles_allowed == 1


def test_an_event_published_twice_is_one_event(played: Recorded) -> None:
    """At least once is what the topics promise; doubling is what consumers must not do."""
    played.told(CONFIRMED, "CandidatureConfirmed").copies = 3
    assert played.judged().clean


def _cancelled_though_complete(played: Recorded) -> None:
    played.candidature(CONFIRMED).stage = "cancelled"


def _confirmed_though_incomplete(played: Recorded) -> None:
    played.candidature(CANCELLED).stage = "confirmed"


def _held_for_nothing(played: Recorded) -> None:
    row = played.candidature(CANCELLED)
    row.stage, row.hold_cause = "held", "ours"


def _held_though_complete(played: Recorded) -> None:
    row = played.candidature(CONFIRMED)
    row.stage, row.hold_cause = "held", "ours"


def _deleted_though_activated(played: Recorded) -> None:
    candidate = played.candidate(SILENT)
    for stones in played.tables.buried.values():
        stones.append(candidate)


def _registered_though_silent(played: Recorded) -> None:
    played.candidature(SILENT).stage = "cancelled"


def _back_though_withdrawn(played: Recorded) -> None:
    played.candidature(WITHDRAWN).stage = "cancelled"


def _late_though_in_time(played: Recorded) -> None:
    next(o for o in played.tables.files if o.candidate_id == played.candidate(CANCELLED)).state = "late"


def _refused_though_in_time(played: Recorded) -> None:
    played.answer(CANCELLED, "upload", status=409, slug="echeance-passee", told={})


def _expired_though_in_time(played: Recorded) -> None:
    played.answer(CANCELLED, "activate", status=410, slug="lien-expire", told={})


def _closed_though_in_time(played: Recorded) -> None:
    played.answer(CANCELLED, "save", status=409, slug="fenetre-fermee", told={})


def _mailed_to_a_stranger(played: Recorded) -> None:
    stranger = f"personne@{played.round.mail_domain}"
    played.evidence.mails.append(played.evidence.mails[0].model_copy(update={"to": (stranger,)}))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cancelled_though_complete, "cancelled, where confirmed would be just"),
        (_confirmed_though_incomplete, "confirmed, where cancelled would be just"),
        (_held_for_nothing, "held, where cancelled would be just"),
        (_held_though_complete, "held, where confirmed would be just"),
        (_deleted_though_activated, "deleted, where not_registered would be just"),
        (_registered_though_silent, "cancelled, where not_registered would be just"),
        (_back_though_withdrawn, "cancelled, where withdrawn would be just"),
        (_late_though_in_time, "counted as late though surely in time"),
        (_refused_though_in_time, "refused as late though surely in time"),
        (_expired_though_in_time, "an activation refused as late"),
        (_closed_though_in_time, "a save refused as after the window"),
        (_mailed_to_a_stranger, "whom nobody knows"),
    ],
    ids=lambda one: getattr(one, "__name__", "said").strip("_"),
)
def test_what_is_unjust_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in one.what for one in played.judged().violations if one.kind == "unjust")


def test_complete_in_time_is_never_held_whatever_the_fault(played: Recorded) -> None:
    _held_though_complete(played)
    assert any("held, where confirmed" in one.what for one in played.judged(faults=("postgres",)).violations)


def test_an_incomplete_file_may_be_held_in_a_round_with_faults(played: Recorded) -> None:
    _held_for_nothing(played)
    dossier = played.dossier(CANCELLED)
    dossier.stage, dossier.service_fault_at = "held", dossier.deadline_at - timedelta(seconds=3)
    found = played.judged(faults=("temporal",)).violations
    assert not any(one.kind == "unjust" for one in found)


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


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
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
        (_with_a_site_that_is_down, "the site does not answer"),
    ],
    ids=lambda one: getattr(one, "__name__", "said").strip("_"),
)
def test_what_is_unresolved_is_named(played: Recorded, spoil: Spoil, said: str) -> None:
    spoil(played)
    assert any(said in one.what for one in played.judged().violations if one.kind == "unresolved")


def test_a_held_candidature_keeps_its_workflow(played: Recorded) -> None:
    """Only an officer ends a hold, so there is still something to wait for."""
    _held_for_nothing(played)
    played.evidence.clocks[played.candidate(CANCELLED)] = "RUNNING"
    assert not any("workflow" in one.what for one in played.judged().violations)


def test_an_account_no_mail_could_leave_for_is_no_loss(played: Recorded) -> None:
    """Ours 3: it is listed to operators and never deleted."""
    life = LifeRecord(
        life=99, email=f"vie-0099@{played.round.mail_domain}", kind="unactivated", ended=played.lives[0].ended
    )
    account = played.tables.accounts[0].model_copy(
        update={"id": uuid4(), "email": life.email, "state": "awaiting_activation", "expiry_due_at": None}
    )
    played.lives.append(life)
    played.tables.accounts.append(account)
    created = Told(
        topic="accounts.events",
        ce_id=uuid4(),
        key=account.id,
        type="accounts.AccountCreated.v1",
        payload={"revision": 1},
    )
    played.evidence.told.append(created)
    fact = next(one for one in played.tables.facts if one.name == "AccountCreated")
    played.tables.facts.append(fact.model_copy(update={"ce_id": created.ce_id, "key": account.id}))
    assert played.judged().violations == []


def test_evidence_comes_back_as_it_was_kept(played: Recorded) -> None:
    assert Evidence.model_validate_json(played.evidence.model_dump_json()) == played.evidence
