"""A candidate's facts, folded into what they say of the present; pure. And the same of the databases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.contracts.recovery import (
    AccountLine,
    DocumentsLine,
    Fact,
    Line,
    NotificationsLine,
    RegistrationLine,
)

_WARNED = "notifications.warned"
_CANDIDATURE = {"state": "stage", "registration_version": "version", "deadline_at": "deadline"}


def implied(facts: Sequence[Fact]) -> dict[str, str]:
    """`<service>.<what>` → as the facts leave it. The highest revision has the last word."""
    found: dict[str, str] = {}
    newest: dict[str, int] = {}
    for fact in facts:
        owner, name = fact.type.split(".")[:2]
        if fact.revision < newest.get(owner, 0):
            continue
        newest[owner] = fact.revision
        found[f"{owner}.revision"] = str(fact.revision)
        found |= _said(owner, name, fact.event)
    return found | _warned(facts)


def _warned(facts: Sequence[Fact]) -> dict[str, str]:
    """Of which deadlines reminders were taken: what was taken once stays so, whatever came later."""
    told = [fact.event.get("warned_of") for fact in facts if fact.type.startswith("notifications.MailSent.")]
    deadlines = [datetime.fromisoformat(one) for one in told if one is not None]
    return {_WARNED: _deadlines(deadlines)} if deadlines else {}


def _said(owner: str, name: str, event: dict[str, Any]) -> dict[str, str]:
    match owner:
        case "accounts":
            return {"accounts.state": str(event["state"])}
        case "registration":
            return {f"registration.{ours}": str(event[theirs]) for theirs, ours in _CANDIDATURE.items()}
        case "documents":
            said = {"documents.evidence": str(event["evidence_rev"])}
            if name == "ChecklistSettled":
                said["documents.verdict"] = str(event["verdict"])
            return said
        case _ if name == "ReachabilityChanged":
            return {"notifications.reachable": str(event["state"] == "reachable").lower()}
        case _:
            return {}


def actual(lines: Mapping[str, Line]) -> dict[str, str]:
    """The same names, from the databases. A deleted candidate has no more than the account's state."""
    found: dict[str, str] = {}
    for owner, line in lines.items():
        if not line.gone:
            found[f"{owner}.revision"] = str(line.revision)
        match line:
            case AccountLine():
                found["accounts.state"] = "deleted" if line.gone else str(line.state)
            case RegistrationLine() if not line.gone and line.deadline_at is not None:
                found["registration.stage"] = str(line.stage)
                found["registration.version"] = str(line.version)
                found["registration.deadline"] = _instant(line.deadline_at)
            case DocumentsLine() if not line.gone:
                found["documents.evidence"] = str(line.evidence_rev)
                if line.verdict is not None:
                    found["documents.verdict"] = str(line.verdict)
            case NotificationsLine() if not line.gone:
                found["notifications.reachable"] = str(line.reachable).lower()
                found[_WARNED] = _deadlines(line.warned_for)
    return found


def differences(facts: dict[str, str], databases: dict[str, str]) -> tuple[str, ...]:
    """What both speak of and do not say alike.

    `evidence` and the activation may go on without a fact, so only a database that is behind its own facts
    is wrong there. Of the deadlines that reminders warned of too: facts of an older version do not say it.
    """
    found = []
    for name in sorted(set(facts) & set(databases)):
        ours, theirs = facts[name], databases[name]
        if name == "documents.evidence" and int(theirs) >= int(ours):
            continue
        if name == _WARNED and set(ours.split()) <= set(theirs.split()):
            continue
        if name == "registration.stage" and {ours, theirs} <= {"awaiting_activation", "activated"}:
            continue
        if name == "registration.deadline":
            ours = ours.replace("+00:00", "Z")
        if ours != theirs:
            found.append(name)
    return tuple(found)


def _instant(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")


def _deadlines(instants: Iterable[datetime]) -> str:
    return " ".join(sorted({_instant(one) for one in instants}))
