"""C: what has not come to rest: outcomes, verdicts, queues, clocks."""

from collections.abc import Iterator

from tests.faults.ledger import model
from tests.faults.ledger.audit.cases import Case, Docket, Violation

_OVER = model.FINAL - {model.HELD}
"""Where nobody waits for anything any more: an officer still ends a hold."""
_LOGINS = (201, 401)
"""Any other answer to a login says nothing about the candidate, so nothing was looked at."""
_GONE = frozenset({model.DELETED, model.ERASED})
_RUNS, _ENDED = "RUNNING", "COMPLETED"


def unresolved(docket: Docket) -> Iterator[Violation]:
    for case in docket.cases:
        for what in (*waits(case), *of_clock(case)):
            yield case.violation("unresolved", what)
    for life in docket.lives:
        seen = docket.site(life)
        if seen is not None and (seen.trouble or seen.login not in (None, *_LOGINS)):
            yield Violation(
                "unresolved", life.life, None, f"the site does not answer: {seen.trouble or seen.login}"
            )
        if life.ended is None:
            yield Violation("unresolved", life.life, None, "the life was not played to its end")


def waits(case: Case) -> Iterator[str]:
    """What the tables say is still to come of a candidate."""
    if unpublished := [fact.name for fact in case.facts if not fact.published]:
        yield f"not published: {', '.join(unpublished)}"
    if queued := [mail.kind for mail in case.mails if mail.state in ("queued", "sending")]:
        yield f"mails that wait: {', '.join(queued)}"
    yield from _of_returns(case)
    for letter in [one for one in case.letters if one.closed_at is None]:
        yield f"an open dead letter of {letter.consumer}: {letter.error}"
    if case.farewell:
        yield "the address of a deleted account is still kept"
    if case.outcome is None:
        if not _waits_for_a_mail(case):
            yield f"no outcome: {case.candidature.stage if case.candidature else 'no candidature'}"
        return
    if case.outcome in (model.DELETED, model.ERASED):
        if missing := {"registration", "documents", "notifications"} - case.buried:
            yield f"the deletion has not reached {', '.join(sorted(missing))}"
        return
    yield from _of_dossier(case)


def _of_returns(case: Case) -> Iterator[str]:
    """What came back is marked so, and whose reminders all came back is not thought warned (ours 7)."""
    returned = {mail.message_id for mail in case.deliveries if mail.returned}
    taken = {mail.message_id for mail in case.deliveries if mail.accepted}
    for mail in case.mails:
        if mail.message_id in returned and mail.state != "bounced":
            yield f"the mail {mail.kind} came back and is {mail.state}"
    reminders = {mail.message_id for mail in case.mails if mail.kind == "reminder"} & taken
    if not reminders or not reminders <= returned or case.released:
        return
    if case.dossier is not None and not case.dossier.unreachable:
        yield "every reminder came back, and documents believes the candidate warned"


def _waits_for_a_mail(case: Case) -> bool:
    """An account no activation mail could leave for is listed to operators, never deleted (ours 3)."""
    account = case.account
    if account is None or account.state != "awaiting_activation" or account.expiry_due_at is not None:
        return False
    return all(mail.state == "failed" for mail in case.mails if mail.kind == "activation")


def _of_dossier(case: Case) -> Iterator[str]:
    candidature, dossier = case.candidature, case.dossier
    if candidature is None:
        return
    if dossier is None:
        yield "documents does not know the candidate"
        return
    if dossier.registration_version != candidature.version:
        yield f"documents knows version {dossier.registration_version} of {candidature.version}"
    if dossier.stage != candidature.stage:
        yield f"documents believes {dossier.stage} of one who is {candidature.stage}"
    open_to = ("held", "cancelled")
    if candidature.stage in open_to and dossier.settled_rev != dossier.evidence_rev:
        yield "a verdict on the newest evidence is missing"
    if case.fault_unwritten:
        yield "no fault was written of an upload that was cut or answered 5xx"


def of_clock(case: Case) -> Iterator[str]:
    """An ended one has ended by itself: FAILED, TIMED_OUT and the like are defects, and so is none at all."""
    if case.clock is None:
        if case.outcome not in _GONE:
            yield f"no workflow of a candidature that is {case.outcome or 'undecided'}"
    elif case.clock not in (_RUNS, _ENDED):
        yield f"the workflow is {case.clock}"
    elif case.outcome in _OVER and case.clock == _RUNS:
        yield f"the workflow still runs though the candidature is {case.outcome}"
    elif case.outcome not in _OVER and case.clock == _ENDED:
        yield f"the workflow has ended though the candidature is {case.outcome or 'undecided'}"
