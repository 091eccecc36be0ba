"""T: what contradicts the instants: an answer, a file's judgement, an outcome."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from tests.faults.ledger import model
from tests.faults.ledger.answers import activation_answer, unjust_answers
from tests.faults.ledger.audit.cases import Case, Docket, Violation

_TOO_SHORT = timedelta(milliseconds=500)
_TOO_LONG = timedelta(seconds=3)
"""The mail server writes its instant down before its 250 leaves (a disk's time), and who sent reads that
when the machine comes to it: by the log the time given is longer than it was, which harms nobody.
"""
_OUTCOMES = frozenset({"CandidatureHeld", "CandidatureCancelled", "CandidatureConfirmed"})
_UNDOING = frozenset(
    {
        *("CandidatureReleased", "CandidatureReinstated", "CandidatureWithdrawn"),
        *("DeadlineMoved", "RegistrationSaved"),
    }
)
_SURELY_WRONG = frozenset({"unsigned", "stale"})
_UNREAD = frozenset({"not_read", "code"})
"""Of a file's flags: nobody could read it, and what hinders the reading is no fault of the candidate."""


def unjust(docket: Docket) -> Iterator[Violation]:
    session = docket.of_round.session
    for life in docket.lives:
        for act, why in unjust_answers(life, session):
            yield Violation("unjust", life.life, None, f"{why} (request {act.n})")
    for case in docket.cases:
        for what in (*_of_activation(case), *_of_outcome(case), *_of_files(case)):
            yield case.violation("unjust", what)
    yield from _of_strangers(docket)


def _of_activation(case: Case) -> Iterator[str]:
    started = case.topic_has("ActivationPeriodStarted")
    expires_at = datetime.fromisoformat(started[0].payload["expires_at"]) if started else None
    if expires_at is not None:
        yield from _of_its_time(case, expires_at)
    for act in case.life.of("activate"):
        if act.facts["candidate"] == str(case.candidate):
            why = activation_answer(act, expires_at)
            if why is not None:
                yield f"{why} (request {act.n})"


def _of_its_time(case: Case, expires_at: datetime) -> Iterator[str]:
    """The promised time runs from the mail server's 250, by its own log (ours 3).

    Where a sender died after the first 250, or another link was sent, it may run from a later one.
    """
    mails = {mail.message_id for mail in case.mails if mail.kind == "activation"}
    given = timedelta(seconds=case.of_round.session.activation_seconds)
    ends = [mail.at + given for mail in case.deliveries if mail.accepted and mail.message_id in mails]
    if not ends:
        return
    if (early := min(ends) - expires_at) > _TOO_SHORT:
        yield f"the time to activate was {early.total_seconds():.1f} s too short"
    elif (late := min(expires_at - end for end in ends if end - expires_at <= _TOO_SHORT)) > _TOO_LONG:
        yield f"the time to activate was {late.total_seconds():.1f} s too long"


def _of_the_way(case: Case) -> Iterator[str]:
    """What was told of the outcome before the last: a mail has left for each."""
    told = sorted(
        (one for one in case.told if one.name in _OUTCOMES | _UNDOING),
        key=lambda one: int(one.payload["revision"]),
    )
    names = list(dict.fromkeys((one.payload["revision"], one.name) for one in told))
    for (_, before), (_, after) in itertools.pairwise(names):
        if before == "CandidatureHeld" and after == "CandidatureCancelled":
            yield "held, and cancelled afterwards by no officer"
    if any(name == "CandidatureReleased" for _, name in names) and not case.released:
        yield "released by no officer"
    cancelled = any(name == "CandidatureCancelled" for _, name in names)
    if cancelled and case.outcome == model.CONFIRMED and _was_there_in_time(case):
        yield "cancelled on the way though everything had been taken before it was decided"


def _was_there_in_time(case: Case) -> bool:
    decided_at = case.of_round.session.deadline_at + case.of_round.session.grace
    last = max((act.heard for act in case.life.done("upload", "restore", "save") if act.heard), default=None)
    return case.sure_and_possible.complete_surely and last is not None and last < decided_at


def _of_outcome(case: Case) -> Iterator[str]:
    yield from _of_the_way(case)
    if case.outcome is None:
        return
    if case.outcome not in case.just_outcomes:
        just = ", ".join(sorted(case.just_outcomes)) or "nothing"
        yield f"{case.outcome}, where {just} would be just"
    if case.outcome == model.DELETED and not _was_sent_a_link(case):
        yield "deleted though no activation mail ever reached the mail server"
    candidature, dossier = case.candidature, case.dossier
    if _kept_from_saving(case) and not told_of_a_save(case):
        yield f"{case.outcome} though a save in time was turned away, and no officer is told"
    if candidature is None or dossier is None or dossier.registration_version != candidature.version:
        return
    if case.outcome == model.CONFIRMED and dossier.missing_count:
        yield "confirmed though its own evidence is incomplete"
    if case.outcome == model.CANCELLED and not dossier.missing_count:
        yield "cancelled though its own evidence is complete"
    if case.outcome == model.HELD and (why := _groundless(case)):
        yield why


def told_of_a_save(case: Case) -> bool:
    """Whether an officer is told that a save of who has nothing in force was turned away (decision 0014)."""
    row = case.candidature
    if row is None or row.save_fault_at is None:
        return False
    if case.outcome == model.WITHDRAWN:
        return row.decided_at is not None and row.save_fault_at > row.decided_at
    return case.outcome == model.NOT_REGISTERED


def _kept_from_saving(case: Case) -> bool:
    """Nothing is in force, and a save that would have changed that was turned away."""
    if case.outcome not in (model.NOT_REGISTERED, model.WITHDRAWN):
        return False
    withdrawn = [act.heard or act.sent for act in case.life.of("withdraw") if act.done or act.unknown]
    return any(
        model.save_turned_away(act, case.of_round.session)
        for act in case.life.of("save")
        if not withdrawn or act.sent > max(withdrawn)
    )


def _was_sent_a_link(case: Case) -> bool:
    """The time to activate begins when the mail server takes the link (ours 3)."""
    return any(mail.accepted and mail.link == case.candidate for mail in case.deliveries)


def _groundless(case: Case) -> str | None:
    """Why a hold is not excused by what it is said to be for."""
    candidature, dossier = case.candidature, case.dossier
    if candidature is None or dossier is None:
        return None
    if candidature.hold_cause == "eligibility":
        return "held for eligibility though eligible" if case.sure_and_possible.eligible else None
    grounds = hold_grounds(case)
    if not grounds:
        return "held for a fault of ours that is on no row and never was"
    excuses = {
        "upload": case.sure_and_possible.fault_possibly or case.life.unknown("restore"),
        "service": case.of_round.may_seem_away or case.kept_waiting,
        "to judge": case.of_round.faulty,
        "dead letter": case.of_round.poisoned or case.in_quarantine,
        "unreachable": not case.warned,
    }
    if not any(excuses[ground] for ground in grounds):
        return f"held for {', '.join(grounds)}, of which nothing is known to have been"
    return None


def hold_grounds(case: Case) -> list[str]:
    """What the owner's own row says that a hold is for; or what it was for, made up for too late."""
    row, candidature = case.dossier, case.candidature
    if row is None or candidature is None:
        return []
    found = {
        "upload": row.fault_at is not None,
        "service": row.service_fault_at is not None,
        "to judge": row.to_judge_count > 0,
        "dead letter": row.open_dead_letters + candidature.open_dead_letters > 0 or case.in_quarantine,
        "unreachable": row.unreachable or row.unwarned,
    }
    grounds = [name for name, stands in found.items() if stands]
    if not grounds and case.topic_has("ChecklistSettled", verdict="held"):
        return ["upload"]
    return grounds


def _of_files(case: Case) -> Iterator[str]:
    deadline = case.of_round.session.deadline_at
    files = {file.file_id: file for file in case.files}
    for act in case.life.done("upload"):
        file = files.get(UUID(act.told["file_id"]))
        if file is None:
            continue
        tries = [one for one in case.life.of("upload") if one.facts["sha256"] == act.facts["sha256"]]
        if file.state == "late" and act.told["state"] == "received":
            yield f"a file taken as in time and counted as late (request {act.n})"
        if file.state == "late" and any(one.done and one.surely_before(deadline) for one in tries):
            yield f"a file counted as late though surely in time (request {act.n})"
        if file.live and act.facts["paper"] in _SURELY_WRONG and not _UNREAD & set(file.flags):
            yield f"a confirmation that was {act.facts['paper']} was read and counts (request {act.n})"
        if file.live and all(one.surely_after(deadline) for one in tries):
            yield f"a file counted though surely late (request {act.n})"


def _of_strangers(docket: Docket) -> Iterator[Violation]:
    known = {life.email for life in docket.lives}
    for mail in docket.evidence.mails:
        if strangers := [address for address in mail.to if address not in known]:
            yield Violation("unjust", None, None, f"a mail to {', '.join(strangers)}, whom nobody knows")
