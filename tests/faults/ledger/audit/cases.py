"""One candidate, with everything that the ledger and the looks have about them: what the judges judge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from tests.faults.ledger import model
from tests.faults.ledger.audit.evidence import (
    Account,
    Candidature,
    Dossier,
    Evidence,
    Fact,
    Letter,
    Queued,
    Seen,
    Stored,
    Tables,
    Told,
    Version,
)
from tests.faults.ledger.mailbag import Mail
from tests.faults.ledger.record import Act, LifeRecord
from tests.faults.ledger.rounds import Round

_DECIDING = frozenset({"documents", "registration"})
_HEARD = timedelta(seconds=3)
"""So long at most until whom it concerns has heard of something, where nothing hinders it."""
_MAKES_UP_FOR_NOTHING = frozenset({"late", "to_judge"})
_IN_A_ROW = 3
"""So many uploads without an answer, one soon after the other, are surely one wait."""
_UNDECIDED = frozenset({"awaiting_activation", "activated", "registered", "awaiting_documents"})


@dataclass(frozen=True)
class Violation:
    """`kind`: lost, doubled, unjust or unresolved."""

    kind: str
    life: int | None
    candidate: UUID | None
    what: str


@dataclass
class Case:
    """One candidate of a life; a life whose account was deleted and asked for again has two."""

    of_round: Round
    life: LifeRecord
    candidate: UUID
    account: Account | None = None
    candidature: Candidature | None = None
    dossier: Dossier | None = None
    farewell: bool = False
    buried: frozenset[str] = frozenset()
    versions: list[Version] = field(default_factory=list)
    files: list[Stored] = field(default_factory=list)
    mails: list[Queued] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    deliveries: list[Mail] = field(default_factory=list)
    clock: str | None = None

    def violation(self, kind: str, what: str) -> Violation:
        return Violation(kind, self.life.life, self.candidate, what)

    def topic_has(self, name: str, **members: object) -> list[Told]:
        """The events of a name in the topics, whose payload has these members."""
        return [
            told
            for told in self.told
            if told.name == name and all(told.payload.get(key) == value for key, value in members.items())
        ]

    @cached_property
    def activated(self) -> tuple[bool, bool]:
        """Surely, possibly: by the ledger alone."""
        return model.activated(self.life, str(self.candidate))

    @cached_property
    def outcome(self) -> str | None:
        """What came of it, by the tables; None: nothing yet."""
        if "accounts" in self.buried:
            erased = any(fact.payload.get("reason") == "erased" for fact in self.facts)
            return model.ERASED if erased else model.DELETED
        if self.candidature is None or self.candidature.stage in _UNDECIDED:
            return None
        return self.candidature.stage

    @cached_property
    def in_force(self) -> model.InForce:
        version = self.candidature.version if self.candidature else 0
        mark = next((one.mark for one in self.versions if one.version == version), None)
        return model.InForce(version, mark)

    @cached_property
    def sure_and_possible(self) -> model.Facts:
        forgetful = self.of_round.may_forget_attempts()
        stored = frozenset(file.sha256 for file in self.files if file.state not in _MAKES_UP_FOR_NOTHING)
        return model.facts_of(
            self.life, self.of_round.session, self.in_force, forgetful=forgetful, stored=stored
        )

    @cached_property
    def just_outcomes(self) -> model.Outcomes:
        surely, possibly = self.activated
        found: set[str] = set() if surely else {model.DELETED}
        if possibly:
            excused = self.of_round.faulty or self.kept_waiting or not self.warned
            found |= model.outcomes(self.sure_and_possible, excused=excused)
            if self.released:
                # Whoever releases has accepted what was declared (ours 6) and knew of the fault (0006).
                accepted = replace(self.sure_and_possible, eligible=True, fault_surely=False)
                found |= model.outcomes(accepted, excused=excused)
            elif self.fault_unwritten or (self._to_hold and model.HELD in found):
                found.discard(model.CANCELLED)
        return frozenset(found)

    @cached_property
    def fault_unwritten(self) -> bool:
        """Cancelled, and of an upload that the gateway saw cut or answered 5xx there is no trace."""
        if self.outcome != model.CANCELLED or self.dossier is None:
            return False
        return self.sure_and_possible.fault_owed and self.dossier.verdict != "held" and not self.released

    @cached_property
    def kept_waiting(self) -> bool:
        """Whether an upload may have been with us for as long as counts as an outage, or was given up."""
        longest = timedelta(seconds=self.of_round.outage_seconds)
        return any(
            act.error == model.IN_VAIN or (act.heard is not None and act.heard - act.sent >= longest)
            for act in self.life.of("upload")
        )

    @cached_property
    def hindered(self) -> bool:
        """Whether the candidate surely tried in vain, again and again, for as long as counts as an outage.

        When the first of the tries arrived is not known: by its end it had. What was over before the time in
        which a fault counts is none.
        """
        longest = timedelta(seconds=self.of_round.outage_seconds)
        session = self.of_round.session
        counts_from = session.deadline_at - timedelta(seconds=session.fault_window_seconds)
        before = session.deadline_at - _HEARD
        row: list[Act] = []
        for act in self.life.of("upload"):
            if act.error != model.IN_VAIN or act.heard is None or act.heard >= before:
                row = []
                continue
            row.append(act)
            lasted = act.heard - _ended(row[0]) > longest
            if len(row) >= _IN_A_ROW and lasted and act.heard > counts_from + _HEARD:
                return True
        return False

    @property
    def released(self) -> bool:
        """Whether an officer ended a hold: the officer's own word, not the product's."""
        return self.candidate in self.of_round.released

    @property
    def _to_hold(self) -> bool:
        """What nobody who is incomplete may be cancelled after (ours 7)."""
        ours = self.of_round.outage or self.hindered or self.in_quarantine
        return ours or self.never_warned or self._all_came_back

    @property
    def _all_came_back(self) -> bool:
        """Whether every reminder that was taken had come back well before it was decided."""
        decided_at = self.of_round.session.deadline_at + self.of_round.session.grace
        returned = [mail for mail in self.deliveries if mail.returned]
        back = {mail.message_id for mail in returned if mail.at + _HEARD < decided_at}
        reminders = self._reminders_taken
        return self.of_round.only_mails_fail and bool(reminders) and reminders <= back

    @cached_property
    def in_quarantine(self) -> bool:
        """Whether an event about the candidate lay in quarantine when it was decided, at who decides."""
        session = self.of_round.session
        before, after = session.deadline_at, session.deadline_at + session.grace + _HEARD
        return any(
            letter.service in _DECIDING
            and letter.opened_at is not None
            and letter.opened_at + _HEARD < before
            and (letter.closed_at is None or letter.closed_at > after)
            for letter in self.letters
        )

    @cached_property
    def warned(self) -> bool:
        """Whether a reminder was taken before the deadline and stayed; if none, that may be our fault."""
        returned = {mail.message_id for mail in self.deliveries if mail.returned}
        return bool(self._reminders_taken - returned)

    @cached_property
    def never_warned(self) -> bool:
        """Whether a reminder was due, and the mail server took none before the deadline."""
        deadline = self.of_round.session.deadline_at
        due = [fact for fact in self.facts if fact.name == "ReminderDue"]
        of_it = [one for one in due if datetime.fromisoformat(one.payload["deadline_at"]) == deadline]
        return bool(of_it or self._was_to_be_reminded) and not self._reminders_taken

    @property
    def _was_to_be_reminded(self) -> bool:
        """Whether something was missing from the save to the deadline, across a reminder.

        By the ledger alone, whoever was to decide it.
        """
        session = self.of_round.session
        if not session.reminders or self.sure_and_possible.complete_possibly or self.life.of("remove"):
            return False
        last = session.deadline_at - timedelta(seconds=min(session.reminders))
        return any(act.heard is not None and act.heard < last for act in self.life.done("save"))

    @cached_property
    def _reminders_taken(self) -> set[str]:
        reminders = {mail.message_id for mail in self.mails if mail.kind == "reminder"}
        deadline = self.of_round.session.deadline_at
        return {
            mail.message_id
            for mail in self.deliveries
            if mail.accepted and mail.message_id in reminders and mail.at < deadline
        }


def _ended(act: Act) -> datetime:
    assert act.heard is not None
    return act.heard


@dataclass
class Docket:
    """A whole round before the judges. `nowhere`: lives of which no candidate is known."""

    of_round: Round
    lives: Sequence[LifeRecord]
    evidence: Evidence
    cases: list[Case]

    @cached_property
    def nowhere(self) -> list[LifeRecord]:
        known = {case.life.life for case in self.cases}
        return [life for life in self.lives if life.life not in known]

    def of_life(self, life: LifeRecord) -> list[Case]:
        return [case for case in self.cases if case.life.life == life.life]

    def deliveries(self, life: LifeRecord) -> list[Mail]:
        return [mail for mail in self.evidence.mails if life.email in mail.to]

    def site(self, life: LifeRecord) -> Seen | None:
        return self.evidence.sites.get(life.life)


def owners(
    lives: Iterable[LifeRecord], mails: Iterable[Mail], tables: Tables | None = None
) -> dict[UUID, int]:
    """Candidate → life: by what lives were told, by links that reached their addresses, by their accounts."""
    of_address = {life.email: life.life for life in lives}
    found = (
        {account.id: of_address[account.email] for account in tables.accounts if account.email in of_address}
        if tables
        else {}
    )
    for mail in mails:
        for address in mail.to:
            if mail.link is not None and address in of_address:
                found[mail.link] = of_address[address]
    for life in lives:
        for act in life.acts:
            known = act.told.get("candidate") or act.facts.get("candidate")
            if known:
                found[UUID(str(known))] = life.life
    return found


def docket(of_round: Round, lives: Sequence[LifeRecord], evidence: Evidence) -> Docket:
    tables = evidence.tables
    by_number = {life.life: life for life in lives}
    cases = {
        candidate: Case(of_round, by_number[life], candidate)
        for candidate, life in owners(lives, evidence.mails, tables).items()
    }
    for account in tables.accounts:
        if account.id in cases:
            cases[account.id].account = account
    for candidature in tables.candidatures:
        if candidature.candidate_id in cases:
            cases[candidature.candidate_id].candidature = candidature
    for dossier in tables.dossiers:
        if dossier.candidate_id in cases:
            cases[dossier.candidate_id].dossier = dossier
    for case in cases.values():
        whom = case.candidate
        case.farewell = whom in tables.farewells
        case.buried = frozenset(service for service, stones in tables.buried.items() if whom in stones)
        case.versions = [one for one in tables.versions if one.candidate_id == whom]
        case.files = [one for one in tables.files if one.candidate_id == whom]
        case.mails = [one for one in tables.mails if one.candidate_id == whom]
        case.facts = [one for one in tables.facts if one.key == whom]
        case.told = [one for one in evidence.told if one.key == whom]
        case.letters = [one for one in tables.letters if one.candidate_id == whom]
        case.deliveries = [mail for mail in evidence.mails if case.life.email in mail.to]
        case.clock = evidence.clocks.get(whom)
    return Docket(of_round, lives, evidence, list(cases.values()))
