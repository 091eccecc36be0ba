"""D: what happened more than once for one cause: mails, facts, accounts, versions, files."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.faults.ledger.audit.cases import Case, Docket, Violation
from tests.faults.ledger.mailbag import Mail
from tests.faults.ledger.record import LifeRecord
from tests.faults.ledger.rounds import Death

SENDERS_PLACES = 8
"""How many mails one sender has on their way at once: so many may be between the 250 and the commit."""
IN_HAND = timedelta(seconds=3)
"""So long after the 250 at most the sender still has a mail in hand, for its goodbye (1 s) and its commit;
where the database is away meanwhile, so long after it is back, since nothing can be written down before."""
_COMMITS_WITHIN = timedelta(seconds=1)
"""Of the 250, where the database is there."""
_UNEVEN = timedelta(milliseconds=500)
"""Between the instant that the mail server wrote down and the one at which a death was seen."""
_OF_OFFICERS = frozenset({"released", "reinstated", "deadline_moved"})
_MOST_OF_OFFICERS = 12
_ONCE_BY = {
    "AccountCreated": (),
    "AccountActivated": (),
    "AccountDeleted": (),
    "ActivationPeriodStarted": (),
    "RegistrationSaved": ("registration_version",),
    "ConfirmationIssued": ("registration_version",),
    "CandidatureWindowClosed": (),
    "CandidatureNotRegistered": (),
    "CandidatureConfirmed": (),
    "CandidatureCancelled": (),
    "CandidatureHeld": ("cause",),
    "ChecklistSettled": ("evidence_rev",),
    "DocumentRemoved": ("file_id", "revision"),
    "ReminderDue": ("kind", "deadline_at"),
    "MailSent": ("cause",),
    "MailBounced": ("cause",),
}
"""Event → what tells one cause of it from another, within one candidate."""


_UNDONE_BY_OFFICERS = frozenset({"CandidatureHeld", "CandidatureCancelled", "CandidatureConfirmed"})


def doubled(docket: Docket) -> Iterator[Violation]:
    for case in docket.cases:
        for what in _of_case(case):
            yield case.violation("doubled", what)
    for life in docket.lives:
        cases = docket.of_life(life)
        alive = [case for case in cases if case.account is not None]
        if len(alive) > 1:
            yield Violation("doubled", life.life, None, "two accounts for one address")
        reminders = len(docket.of_round.session.reminders)
        for what in _of_mails(life, cases, docket.deliveries(life), reminders):
            yield Violation("doubled", life.life, None, what)
    for life, mail in mail_doubles(docket).without_excuse:
        yield Violation("doubled", life.life, None, f"one mail accepted twice: {mail.subject}")


@dataclass(frozen=True)
class MailDoubles:
    """`excused`: how many whose sender died between the first 250 and its own commit."""

    excused: int
    without_excuse: list[tuple[LifeRecord, Mail]]


def mail_doubles(docket: Docket) -> MailDoubles:
    """Of all lives. A death excuses as many as its sender may have had in hand."""
    deaths = docket.of_round.senders_deaths
    left = [SENDERS_PLACES] * len(deaths)
    excused, without = 0, []
    for life in docket.lives:
        for before, again in twice_accepted(docket.deliveries(life)):
            until = _in_hand_until(before, docket.of_round.databases_absences)
            for place, death in enumerate(deaths):
                if left[place] and _fell_between(before.at, death.at, min(until, again.at)):
                    left[place] -= 1
                    excused += 1
                    break
            else:
                without.append((life, again))
    return MailDoubles(excused, without)


def twice_accepted(deliveries: list[Mail]) -> list[tuple[Mail, Mail]]:
    """Each delivery beyond the first of one Message-ID, after the one before it."""
    last: dict[str, Mail] = {}
    found = []
    for mail in deliveries:
        if not mail.accepted:
            continue
        if mail.message_id in last:
            found.append((last[mail.message_id], mail))
        last[mail.message_id] = mail
    return found


def _in_hand_until(mail: Mail, absences: list[Death]) -> datetime:
    """An absence that began later than the sender's commit takes kept nothing in its hand."""
    commits = mail.at + _COMMITS_WITHIN
    backs = [one.back_at for one in absences if one.at <= commits and one.back_at and mail.at <= one.back_at]
    return max([mail.at, *backs]) + IN_HAND


def _fell_between(first: datetime, death: datetime, last: datetime) -> bool:
    return first - _UNEVEN <= death <= last + _UNEVEN


def _of_case(case: Case) -> Iterator[str]:
    # An event whose record is there twice is one event: only other events for the same cause double it.
    causes = Counter(
        (told.name, *(str(told.payload.get(member)) for member in _ONCE_BY[told.name]))
        for told in case.told
        if told.name in _ONCE_BY
    )
    undone = case.released + len(case.topic_has("CandidatureReinstated"))
    for cause, times in causes.items():
        if times > 1 + (undone if cause[0] in _UNDONE_BY_OFFICERS else 0):
            yield f"{' '.join(cause)}: {times} events"
    yield from _more_than_asked_for(case)
    revisions = Counter((fact.service, fact.payload["revision"]) for fact in case.facts)
    yield from (
        f"revision {number} of {service} twice" for (service, number), times in revisions.items() if times > 1
    )
    yield from _of_files(case)
    marks = Counter(one.mark for one in case.versions)
    yield from (f"one save made {times} versions" for times in marks.values() if times > 1)
    withdrawn = len(case.topic_has("CandidatureWithdrawn"))
    if withdrawn > sum(not act.refused for act in case.life.of("withdraw")):
        yield f"withdrawn {withdrawn} times"


def _more_than_asked_for(case: Case) -> Iterator[str]:
    """Events that come once for each request, or once for each time that something else happened."""

    def not_refused(act: str) -> int:
        return sum(one.reached and not one.refused for one in case.life.of(act))

    put_back = Counter(one.facts["file_id"] for one in case.life.of("restore") if not one.refused)
    stored = Counter(told.payload["file_id"] for told in case.topic_has("DocumentUploaded"))
    for file_id, times in stored.items():
        if times > 1 + put_back[file_id]:
            yield f"DocumentUploaded {file_id}: {times} events"
    most = {
        "ChecklistCompleted": 1 + len(case.topic_has("ChecklistReopened")),
        "PasswordChanged": not_refused("reset"),
        "PasswordResetRequested": not_refused("reset_ask"),
        "AccountCreationRepeated": not_refused("create"),
        "ActivationMailRequested": not_refused("resend") + not_refused("create"),
    }
    for name, number in most.items():
        if (times := len(case.topic_has(name))) > number:
            yield f"{name}: {times} events where {number} had a cause"


def _of_files(case: Case) -> Iterator[str]:
    live = Counter((file.piece, file.sha256) for file in case.files if file.live)
    yield from (f"one upload is {times} files of {piece}" for (piece, _), times in live.items() if times > 1)
    sent = {(act.facts["piece"], act.facts["sha256"]) for act in case.life.of("upload") if not act.refused}
    made = {(file.piece, file.sha256) for file in case.files}
    if made - sent:
        yield f"{len(made - sent)} files that nobody sent"


def _of_mails(life: LifeRecord, cases: list[Case], deliveries: list[Mail], reminders: int) -> Iterator[str]:
    """Two Message-IDs for one cause: more mails of a kind than the life can have caused."""
    kinds = {mail.message_id: mail.kind for case in cases for mail in case.mails}
    left = {mail.message_id: mail for mail in deliveries if mail.accepted}
    gone = any(not act.refused for act in life.of("erase"))
    for kind, times in Counter(kinds[one] for one in left if one in kinds).items():
        most = _most(life, kind, reminders) * max(1, len(cases))
        if times > most:
            yield f"{times} mails {kind} left where {most} had a cause"
    for subject, times in Counter(left[one].subject for one in left if one not in kinds).items():
        if not gone:  # an erasure takes the rows of its mails along
            yield f"{times} mails left that are queued nowhere: {subject}"


def _most(life: LifeRecord, kind: str, reminders: int) -> int:
    """How many mails of a kind one account's life can have caused; `reminders`: how many are planned."""

    def arrived(*acts: str) -> int:
        return sum(not act.refused and act.reached for act in life.of(*acts))

    by_kind = {
        "activation": arrived("create", "resend"),
        "account_exists": arrived("create"),
        "password_reset": arrived("reset_ask"),
        "password_changed": arrived("reset"),
        "registration_saved": arrived("save"),
        "reminder": reminders,
        "checklist_complete": arrived("upload", "restore", "save"),
        "held": 2,  # for a fault of ours, then for eligibility
        "withdrawn": arrived("withdraw"),
    }
    return by_kind.get(kind, _MOST_OF_OFFICERS if kind in _OF_OFFICERS else 1)
