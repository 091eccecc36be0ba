"""L: what was acknowledged and has not had its consequences: row, content, bytes, event, mail, outcome."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from tests.faults.ledger import model
from tests.faults.ledger.audit.cases import Case, Docket, Violation
from tests.faults.ledger.audit.evidence import Queued, Seen
from tests.faults.ledger.record import LifeRecord

_STAGE_EVENTS = {
    model.CONFIRMED: "CandidatureConfirmed",
    model.CANCELLED: "CandidatureCancelled",
    model.HELD: "CandidatureHeld",
    model.NOT_REGISTERED: "CandidatureNotRegistered",
    model.WITHDRAWN: "CandidatureWithdrawn",
}
_TIMED = frozenset({"activation_reminder", "not_saved", "reminder"})
"""Mails that are given up at their limit, where the server had refused them until then."""
_NOTHING_CAME = frozenset({"no activation mail came", "no reset mail came", "save: no answer in time"})
"""Why a life gave up, where that is nobody's but the service's doing."""
_STAGE_MAILS = {
    **{stage: stage for stage in _STAGE_EVENTS},
    model.DELETED: "account_deleted",
    model.ERASED: "account_erased",
}


def lost(docket: Docket) -> Iterator[Violation]:
    for life in docket.nowhere:
        if life.done("create"):
            yield Violation("lost", life.life, None, "an acknowledged account is nowhere")
    for life in docket.lives:
        if not docket.of_round.faulty and life.note in _NOTHING_CAME:
            yield Violation("lost", life.life, None, f"though nothing was wrong: {life.note}")
    for case in docket.cases:
        for what in _of_case(case):
            yield case.violation("lost", what)
        for what in untold(docket, case):
            yield case.violation("lost", what)
    for life in docket.lives:
        seen = docket.site(life)
        if seen is not None:
            for what in _of_site(docket, life, seen):
                yield Violation("lost", life.life, seen.candidate_id, what)


def _of_case(case: Case) -> Iterator[str]:
    if not case.topic_has("AccountCreated"):
        yield "no AccountCreated in the topic"
    yield from _of_log(case)
    surely, _ = case.activated
    waiting = case.account is not None and case.account.state == "awaiting_activation"
    if waiting and not any(mail.kind == "activation" for mail in case.mails):
        yield "an account for which no activation mail was ever queued"
    if surely and not case.topic_has("AccountActivated"):
        yield "an acknowledged activation without its event"
    if not case.activated[1]:
        return
    if case.life.done("erase"):
        yield from _of_erased(case)
    elif case.outcome != model.ERASED:
        if surely and (case.account is None or case.account.state != "activated"):
            yield "an acknowledged activation is not there"
        yield from _of_saves(case)
        yield from _of_uploads(case)
    for act in case.life.done("withdraw"):
        if not case.topic_has("CandidatureWithdrawn"):
            yield f"an acknowledged withdrawal without its event (request {act.n})"
    if case.life.done("reset_ask") and surely and not case.topic_has("PasswordResetRequested"):
        yield "an acknowledged request for a new password without its event"
    for act in case.life.done("reset"):
        if not case.topic_has("PasswordChanged"):
            yield f"an acknowledged change of the password without its event (request {act.n})"
    stage_event = _STAGE_EVENTS.get(case.outcome or "")
    if stage_event and not case.topic_has(stage_event):
        yield f"{case.outcome} without its event in the topic"


def _of_log(case: Case) -> Iterator[str]:
    """Every fact of the services' logs is in its topic, and the other way round."""
    told = {one.ce_id for one in case.told}
    for fact in case.facts:
        if fact.published and fact.ce_id not in told:
            yield f"{fact.name} is marked published and is not in the topic"
    facts = {one.ce_id for one in case.facts}
    for one in case.told:
        if one.ce_id not in facts:
            yield f"{one.name} is in the topic and not in the log of its service"
    for service in {fact.service for fact in case.facts}:
        numbers = {fact.payload["revision"] for fact in case.facts if fact.service == service}
        if service != "accounts" and numbers != set(range(1, len(numbers) + 1)):
            yield f"the log of {service} has gaps: {sorted(numbers)}"


def _of_saves(case: Case) -> Iterator[str]:
    made = {(one.version, one.mark) for one in case.versions}
    for act in case.life.done("save", "read_form"):
        version, mark = act.told["version"], act.told["mark"]
        if (version, mark) not in made:
            yield f"the acknowledged version {version} is not there with its content (request {act.n})"
        for name in ("RegistrationSaved", "ConfirmationIssued"):
            if not case.topic_has(name, registration_version=version):
                yield f"the acknowledged version {version} has no {name} in the topic"
    newest = max((act.told["version"] for act in case.life.done("save")), default=0)
    if case.in_force.version < newest:
        yield f"version {case.in_force.version} is in force though {newest} was acknowledged"


def _of_uploads(case: Case) -> Iterator[str]:
    files = {one.file_id: one for one in case.files}
    for act in case.life.done("upload", "restore"):
        file_id = UUID(act.told["file_id"])
        file = files.get(file_id)
        if file is None:
            yield f"an acknowledged file is not there (request {act.n})"
            continue
        sent = act.facts.get("sha256", act.told["sha256"])
        if file.sha256 != sent:
            yield f"an acknowledged file is not the one that was sent (request {act.n})"
        if file.state == "removed" and not model.taken_back(case.life, act.told["file_id"], possibly=True):
            yield f"an acknowledged file was taken out of view by nobody (request {act.n})"
        if not case.topic_has("DocumentUploaded", file_id=str(file_id)):
            yield f"an acknowledged file has no DocumentUploaded in the topic (request {act.n})"
    for act in case.life.done("remove"):
        if not case.topic_has("DocumentRemoved", file_id=act.facts["file_id"]):
            yield f"an acknowledged removal has no DocumentRemoved in the topic (request {act.n})"
        file = files.get(UUID(act.facts["file_id"]))
        if file is not None and file.live and not _may_be_back(case.life, act.facts["file_id"], file.sha256):
            yield f"an acknowledged removal was undone by nobody (request {act.n})"


def _may_be_back(life: LifeRecord, file_id: str, sha256: str) -> bool:
    return any(act.facts["file_id"] == file_id and not act.refused for act in life.of("restore"))


def _of_erased(case: Case) -> Iterator[str]:
    if case.account is not None or case.candidature is not None or case.dossier is not None or case.files:
        yield "an erased person is still in a table"
    if missing := {"accounts", "registration", "documents", "notifications"} - case.buried:
        yield f"an erasure has not reached {', '.join(sorted(missing))}"
    if not case.topic_has("AccountDeleted", reason="erased"):
        yield "an acknowledged erasure without its event"


# --- the mails ----------------------------------------------------------------------------------------------


def untold(docket: Docket, case: Case) -> Iterator[str]:
    """Mails that did not leave, by tables and server: lost, unless their fact is still to be heard."""
    accepted = {mail.message_id for mail in docket.deliveries(case.life) if mail.accepted}
    for_good = {mail.message_id for mail in docket.deliveries(case.life) if mail.refused_for_good}
    refused = {
        mail.message_id for mail in docket.deliveries(case.life) if not mail.accepted and not mail.returned
    }
    gone = case.outcome in (model.DELETED, model.ERASED)
    for mail in case.mails:
        if mail.state in ("sent", "bounced") and mail.message_id not in accepted:
            yield f"the mail {mail.kind} is marked {mail.state} and never left"
        ended_by = refused if mail.kind in _TIMED else for_good
        if mail.state == "failed" and mail.message_id not in ended_by:
            yield f"the mail {mail.kind} is marked failed though no server refused it for good"
    by_kind = {mail.kind: mail for mail in case.mails}
    wanted = _STAGE_MAILS.get(case.outcome or "")
    if wanted and not _left(by_kind.get(wanted)):
        yield f"no mail told the candidate that it is {case.outcome}"
    if not gone:
        yield from _not_queued(case)
        for act in case.life.done("save"):
            cause = f"registration_saved:{case.candidate}:{act.told['version']}"
            found = next((mail for mail in case.mails if mail.cause == cause), None)
            withdrawn = case.life.done("withdraw") or case.life.unknown("withdraw")
            if not (_left(found) or (found is not None and found.state == "moot" and withdrawn)):
                yield f"no mail told of the acknowledged version {act.told['version']}"
        if case.life.done("reset") and not _left(by_kind.get("password_changed")):
            yield "no mail told of the acknowledged change of the password"


def _not_queued(case: Case) -> Iterator[str]:
    """What was asked for and of which `notifications` has no row: its fact was passed over."""
    causes = {mail.cause for mail in case.mails}
    for fact in case.facts:
        if fact.name == "ReminderDue":
            limit = datetime.fromisoformat(fact.payload["deadline_at"]).astimezone(UTC).isoformat()
            if f"reminder:{case.candidate}:{fact.payload['kind']}:{limit}" not in causes:
                yield f"the reminder {fact.payload['kind']} was decided and never queued"
    kinds = {mail.kind for mail in case.mails}
    if case.life.done("reset_ask") and case.activated[0] and "password_reset" not in kinds:
        yield "an acknowledged request for a new password without its mail"


def _left(mail: Queued | None) -> bool:
    """Sent, returned, or refused by the server for good; one that still waits is told as unresolved."""
    return mail is not None and mail.state in ("sent", "bounced", "failed", "queued", "sending")


# --- the site -----------------------------------------------------------------------------------------------


def _of_site(docket: Docket, life: LifeRecord, seen: Seen) -> Iterator[str]:
    gone = bool(life.done("erase") or life.unknown("erase"))
    if seen.login == 401 and life.done("login") and not gone:
        yield "an activated candidate cannot log in any more"
    if seen.login != 201:
        return
    case = next((one for one in docket.of_life(life) if one.candidate == seen.candidate_id), None)
    stage = case.candidature.stage if case and case.candidature else None
    if stage is not None and seen.stage != stage:
        yield f"the site says {seen.stage} to a candidate who is {stage}"
    newest = max((act.told["version"] for act in life.done("save")), default=0)
    if (seen.version or 0) < newest:
        yield f"the site shows version {seen.version} though {newest} was acknowledged"
    for act in life.done("upload"):
        file_id = act.told["file_id"]
        gone = model.taken_back(life, file_id, possibly=True)
        if seen.contents.get(file_id) != act.facts["sha256"] and not gone:
            yield f"the bytes of an acknowledged file do not come back (request {act.n})"
