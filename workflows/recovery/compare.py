"""What disagrees about one candidate: pure, from the lines and the life. Each finding names its cure.

A difference may be work under way; whether it is one is decided by whoever looks twice (`reconcile`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.contracts.recovery import (
    AccountLine,
    DocumentsLine,
    Line,
    NotificationsLine,
    RegistrationLine,
    RepairItem,
)
from services.contracts.stages import AccountState, Stage
from workflows.recovery.shapes import Finding, LifeSeen, Scope

LIVES = "lives"
_OWNERS_OF_ROWS = frozenset({"registration", "documents", "notifications"})
_BEFORE = frozenset({Stage.AWAITING_ACTIVATION, Stage.ACTIVATED})


@dataclass(frozen=True)
class Cure:
    """Who is asked for which act; `None`: only people can help, so it is raised."""

    service: str
    act: str


CURES: dict[str, Cure | None] = {
    "account_unheard_by_registration": Cure("registration", "hear_account"),
    "account_unheard_by_documents": Cure("documents", "hear_account"),
    "deletion_unheard_by_registration": Cure("registration", "erase"),
    "deletion_unheard_by_documents": Cure("documents", "erase"),
    "deletion_unheard_by_notifications": Cure("accounts", "republish"),
    "deletion_unheard_by_accounts": None,
    "account_missing": None,
    "standing_unheard": Cure("documents", "learn"),
    "accounts_behind": None,
    "registration_behind": None,
    "documents_behind": None,
    "notifications_behind": None,
    "object_missing": None,
    "objects_undeleted": None,
    "evidence_miscounted": Cure("documents", "again"),
    "reachability_unheard": Cure("documents", "hear_reachability"),
    "warning_unheard": Cure("documents", "hear_warnings"),
    "dead_letters_miscounted_by_registration": Cure("registration", "recount_dead_letters"),
    "dead_letters_miscounted_by_documents": Cure("documents", "recount_dead_letters"),
    "dead_letters_miscounted_by_notifications": Cure("notifications", "recount_dead_letters"),
    "dead_letters_open": None,
    "verdict_unheard": Cure("documents", "again"),
    "verdict_unapplied": Cure("registration", "judge"),
    "cancelled_but_held": None,
    "save_turned_away": None,
    "verdict_missing": Cure("documents", "again"),
    "verdict_closed": Cure("documents", "again"),
    "settling_paused": None,
    "facts_of_accounts_unheard": Cure("accounts", "republish"),
    "facts_of_registration_unheard": Cure("registration", "republish"),
    "facts_of_documents_unheard": Cure("documents", "republish"),
    "facts_of_notifications_unheard": Cure("notifications", "republish"),
    "facts_unpublished": None,
    "calendar_unheard": Cure("registration", "republish"),
    "closing_missing": Cure(LIVES, "start_closing"),
    "life_missing": Cure(LIVES, "start"),
    "life_not_over": Cure(LIVES, "poke"),
    "life_oversleeps": Cure(LIVES, "poke"),
    "life_silent": None,
    "mail_failed": None,
    "mail_late": None,
}
"""Kind of finding → its cure."""


@dataclass
class Case:
    """Everything known of one candidate at one look."""

    candidate_id: UUID
    at: datetime
    accounts: AccountLine | None = None
    registration: RegistrationLine | None = None
    documents: DocumentsLine | None = None
    notifications: NotificationsLine | None = None
    life: LifeSeen | None = None
    unheard: tuple[tuple[str, str, int], ...] = ()
    """(who tells, the consumer, how many facts) of those not taken in."""

    @property
    def lines(self) -> dict[str, Line]:
        found = {
            "accounts": self.accounts,
            "registration": self.registration,
            "documents": self.documents,
            "notifications": self.notifications,
        }
        return {name: line for name, line in found.items() if line is not None}

    @property
    def _owners(self) -> tuple[Line | None, ...]:
        return (self.accounts, self.registration, self.documents)

    @property
    def gone(self) -> bool:
        return any(line.gone for line in self.lines.values())

    @property
    def behind(self) -> dict[str, str]:
        """Owner → what its reader has seen: owners whose database is older than what was read of it.

        A row that is not there at all is older too, except an account's, which is a finding of its own.
        """
        return self._heard_later | self._read_later

    @property
    def _heard_later(self) -> dict[str, str]:
        """By the facts that were taken in: the newest of each, whatever it was about."""
        found = {}
        for reader, line in self.lines.items():
            for owner, revision in () if line.gone else sorted(line.heard.items()):
                own = self.lines.get(owner)
                if own is None and owner in _OWNERS_OF_ROWS:
                    found[owner] = f"no row, {reader} {revision}"
                elif own is not None and not own.gone and own.revision < revision:
                    found[owner] = f"revision {own.revision}, {reader} {revision}"
        return found

    @property
    def _read_later(self) -> dict[str, str]:
        """By the numbers that the readers keep on their rows, of what they asked for as well."""
        account, owner, copy, told = self.accounts, self.registration, self.documents, self.notifications
        found = {}
        if owner is not None and not owner.gone:
            if account is not None and not account.gone and owner.accounts_revision > account.revision:
                found["accounts"] = f"revision {account.revision}, registration {owner.accounts_revision}"
            evidence = -1 if copy is None else copy.evidence_rev
            if not (copy is not None and copy.gone) and owner.verdict_evidence_rev > evidence:
                found["documents"] = f"evidence {evidence}, registration {owner.verdict_evidence_rev}"
        if copy is None or copy.gone:
            return found
        if owner is not None and not owner.gone and copy.registration_revision > owner.revision:
            found["registration"] = f"revision {owner.revision}, documents {copy.registration_revision}"
        if told is not None and not told.gone and copy.reachability_revision > told.revision:
            found["notifications"] = f"revision {told.revision}, documents {copy.reachability_revision}"
        return found

    @property
    def has_life(self) -> bool:
        """Whether a life should run: somebody awaits something, or has not heard of the candidate."""
        return not self.gone and not all(line is not None and line.ended for line in self._owners)

    @property
    def act_at(self) -> datetime | None:
        """The soonest instant at which an owner wants to be asked."""
        acts = [line.act_at for line in self._owners if line and not line.ended and line.act_at]
        return min(acts, default=None)

    @property
    def limit_at(self) -> datetime | None:
        """What the life shows as its next limit (`workflows.life`)."""
        limits = (line.limit_at for line in self._owners if line and not line.ended)
        return next((limit for limit in limits if limit is not None), None)


def suspicious_life(case: Case, scope: Scope) -> bool:
    """Whether the life's own answer is worth asking: its limit is another, or its owner's time is near."""
    if case.life is None:
        return False
    if not case.has_life or case.life.limit_at != case.limit_at:
        return True
    return case.act_at is not None and case.act_at <= case.at + timedelta(seconds=scope.horizon_seconds)


def compare(case: Case, scope: Scope) -> list[Finding]:
    """The differences, each with what was seen."""
    messages = (*_messaging(case, scope), *_mails(case))
    rows = (*_accounts(case), *_behind(case), *_objects(case), *_copies(case), *_verdicts(case, scope))
    return [
        Finding(key=case.candidate_id, kind=kind, seen=seen)
        for kind, seen in (*rows, *messages, *_life(case, scope))
    ]


def item_for(kind: str, case: Case) -> RepairItem:
    """What the cure's act needs to know."""
    if kind == "reachability_unheard" and case.notifications is not None:
        state = "reachable" if case.notifications.reachable else "unreachable"
        return RepairItem(key=case.candidate_id, state=state, revision=case.notifications.revision)
    if kind == "warning_unheard" and case.notifications is not None:
        return RepairItem(key=case.candidate_id, deadlines=case.notifications.warned_for)
    account = case.accounts
    if account is None or account.gone:
        return RepairItem(key=case.candidate_id)
    return RepairItem(
        key=case.candidate_id, session_id=account.session_id, state=account.state, revision=account.revision
    )


def _accounts(case: Case) -> Iterator[tuple[str, str]]:
    account, registration, documents = case.accounts, case.registration, case.documents
    if account is None:
        holders = [name for name in ("registration", "documents") if name in case.lines]
        if any(not case.lines[name].gone for name in holders):
            yield "account_missing", " ".join(holders)
        return
    if account.gone:
        for name in ("registration", "documents", "notifications"):
            line = case.lines.get(name)
            if line is not None and not line.gone:
                yield f"deletion_unheard_by_{name}", f"revision {line.revision}"
        return
    if buried := [name for name in case.lines if case.lines[name].gone]:
        yield "deletion_unheard_by_accounts", f"revision {account.revision}, gone from {' '.join(buried)}"
        return
    unheard = registration is None or (
        account.state is AccountState.ACTIVATED and registration.stage is Stage.AWAITING_ACTIVATION
    )
    if unheard and "registration" not in case.behind:
        yield "account_unheard_by_registration", f"{account.state} {account.revision}"
    if documents is None and "documents" not in case.behind:
        if registration is not None and registration.version and not registration.gone:
            yield "standing_unheard", f"registration {registration.revision}, documents none"
        else:
            yield "account_unheard_by_documents", f"{account.state} {account.revision}"


def _messaging(case: Case, scope: Scope) -> Iterator[tuple[str, str]]:
    for name, line in case.lines.items():
        if line.dead_letters:
            yield "dead_letters_open", f"{name} {line.dead_letters}"
        if name != "accounts" and not line.gone and line.dead_letters != line.dead_letters_noted:
            yield f"dead_letters_miscounted_by_{name}", f"{line.dead_letters_noted} for {line.dead_letters}"
        waits = line.unpublished_since
        if waits is not None and waits < case.at - timedelta(seconds=scope.patience_seconds):
            yield "facts_unpublished", f"{name} since {waits.isoformat()}"
    for teller, consumer, count in case.unheard:
        hearer = case.lines.get(consumer.partition(".")[0])
        if hearer is None or not hearer.dead_letters:
            yield f"facts_of_{teller}_unheard", f"{consumer} {count}"


def _behind(case: Case) -> Iterator[tuple[str, str]]:
    for owner, seen in case.behind.items():
        yield f"{owner}_behind", seen


def _objects(case: Case) -> Iterator[tuple[str, str]]:
    """What the store of files has of the candidate, against what `documents` says of it."""
    if case.documents is None:
        return
    if case.documents.undeleted:
        yield "objects_undeleted", "documents"
    if case.documents.lost_files:
        yield "object_missing", f"files {' '.join(map(str, case.documents.lost_files))}"


def _copies(case: Case) -> Iterator[tuple[str, str]]:
    """Nothing is put right by the word of an owner that is behind, nor on a copy that is."""
    owner, copy, told, behind = case.registration, case.documents, case.notifications, case.behind
    if copy is None or copy.gone or "documents" in behind:
        return
    noted = (copy.missing, copy.to_judge, copy.lost)
    counted = (copy.missing_counted, copy.to_judge_counted, copy.lost_counted)
    if noted != counted:
        yield "evidence_miscounted", f"{'/'.join(map(str, noted))} for {'/'.join(map(str, counted))}"
    unreachable = told is not None and not told.reachable
    heard = "notifications" in behind or bool(copy.unreachable_told) == unreachable
    if told is not None and not told.gone and not heard:
        yield "reachability_unheard", f"unreachable {unreachable}"
    warned = set() if told is None or told.gone else set(told.warned_for) - set(copy.warned_for)
    if warned:
        yield "warning_unheard", " ".join(at.isoformat() for at in sorted(warned))
    if owner is None or owner.gone or "registration" in behind:
        return
    if differs(owner, copy):
        seen = f"registration {owner.revision}, documents {copy.registration_revision}"
        yield "standing_unheard", f"{seen}, versions {owner.version}/{copy.version}"


def differs(owner: RegistrationLine, copy: DocumentsLine) -> bool:
    """Whether the copy is not what the owner last told.

    An activation alone is told by `accounts`. The end of the form is learnt with what was saved; a process of
    the release before tells none.
    """
    if copy.registration_revision < owner.revision or copy.version != owner.version:
        return True
    if owner.revision == 0:
        return False
    same_stage = copy.stage == owner.stage or {copy.stage, owner.stage} <= _BEFORE
    ends = {owner.closes_at, copy.closes_at}
    same_end = not owner.version or None in ends or len(ends) == 1
    same_deadline = copy.own_deadline or copy.deadline_at == owner.deadline_at
    return not (same_stage and same_end and same_deadline and copy.releases == owner.releases)


def _verdicts(case: Case, scope: Scope) -> Iterator[tuple[str, str]]:
    owner, judge = case.registration, case.documents
    if owner is None or owner.gone:
        return
    if owner.hold_unheeded:
        yield "cancelled_but_held", f"evidence {owner.verdict_evidence_rev}"
    if owner.save_unheeded:
        yield "save_turned_away", "registration"
    if {"registration", "documents"} & set(case.behind):
        return  # a verdict from what one of them no longer knows would be another one
    if judge is None or judge.gone:
        return
    about = f"evidence {judge.settled_rev}, registration {owner.verdict_evidence_rev}"
    overdue = owner.undecided_seconds > scope.verdict_seconds
    if not _settled(owner, judge):
        if overdue:
            kind = "settling_paused" if judge.paused else "verdict_missing"
            yield kind, f"evidence {judge.evidence_rev}, settled {judge.settled_rev}"
    elif owner.verdict_evidence_rev < judge.settled_rev:
        yield "verdict_unheard", about
    elif owner.judgeable:
        yield "verdict_unapplied", about
    elif overdue or owner.stage is Stage.AWAITING_DOCUMENTS:
        yield ("settling_paused" if judge.paused else "verdict_closed"), about


def _settled(owner: RegistrationLine, judge: DocumentsLine) -> bool:
    """Whether the last verdict is about the evidence and the candidature as they now are.

    One that the evidence has left behind is not applied, whatever was kept of it: `documents` gives the next
    when it is due. One that an act closed, and that is still about everything there is, is asked for again:
    `documents` may have seen neither the cancellation nor its end, and would say nothing more.
    """
    said = judge.open and judge.verdict is not None and judge.settled_rev == judge.evidence_rev
    return said and not differs(owner, judge)


def _mails(case: Case) -> Iterator[tuple[str, str]]:
    if case.notifications is None:
        return
    for kind in case.notifications.failed:
        yield "mail_failed", kind
    for kind in case.notifications.late:
        yield "mail_late", kind


def _life(case: Case, scope: Scope) -> Iterator[tuple[str, str]]:
    life = case.life
    if life is None:
        if case.has_life and any(line is not None for line in case._owners):
            yield "life_missing", _stages(case)
        return
    if life.silent:
        yield "life_silent", ""
    if not life.asked or life.wakes_at is None:
        return
    soon = case.at + timedelta(seconds=scope.soon_seconds)
    if not case.has_life:
        if life.wakes_at > soon:
            yield "life_not_over", _stages(case)
    elif case.act_at is not None and life.wakes_at > max(case.act_at, case.at) + (soon - case.at):
        yield "life_oversleeps", f"due {case.act_at.isoformat()}, wakes {life.wakes_at.isoformat()}"


def _stages(case: Case) -> str:
    stage = case.registration.stage if case.registration else None
    return stage or (case.accounts.state if case.accounts and case.accounts.state else "unknown")
