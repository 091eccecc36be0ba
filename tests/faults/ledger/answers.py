"""Answers that no state of the world justifies: refused as late though surely in time, and so on. Pure.

Judged by the ledger's own instants: what was complete before a limit was surely in time, what had not left at
a limit was surely late, and in between either answer is right (ours 2).
"""

from collections.abc import Callable
from datetime import datetime

from tests.faults.ledger.record import Act, LifeRecord
from tests.faults.ledger.rounds import Session


def unjust_answers(life: LifeRecord, session: Session) -> list[tuple[Act, str]]:
    """Answers that no state of the world justifies, each with what is wrong about it."""
    found: list[tuple[Act, str]] = []
    for act in life.acts:
        judge = _JUDGES.get(act.act)
        why = judge(life, act, session) if judge is not None else None
        why = why or _unknown_to_us(life, act) or _refused_for_nothing(life, act)
        if why is not None:
            found.append((act, why))
    return found


def _created(life: LifeRecord, act: Act, session: Session) -> str | None:
    if act.slug == "inscription-close" and act.surely_before(session.closes_at):
        return "an account refused as after the window though asked for within it"
    if act.done and act.surely_after(session.closes_at):
        return "an account opened though the window was surely closed"
    return None


def _saved(life: LifeRecord, act: Act, session: Session) -> str | None:
    before = [one for one in life.of("save") if one.n < act.n]
    if act.done:
        if act.told["version"] != act.facts["expected"] + 1:
            return f"version {act.told['version']} was made from version {act.facts['expected']}"
        again = any(one.unknown and one.facts["mark"] == act.facts["mark"] for one in before)
        if act.surely_after(session.closes_at) and not again:
            return "a save taken though the window was surely closed"
    if act.slug == "fenetre-fermee" and act.surely_before(session.closes_at):
        return "a save refused as after the window though surely within it"
    if act.slug == "enregistrement-trop-long" and act.surely_before(session.closes_at + session.grace):
        return "a save refused as too slow though its time was not over"
    if act.status == 412 and not any(
        one.unknown or (one.done and one.told["version"] > act.facts["expected"]) for one in before
    ):
        return "a save refused as outdated though nothing newer was saved"
    if act.slug == "etat-incompatible" and act.surely_before(session.closes_at):
        return "a save refused by the stage though the window was open"
    return None


def _uploaded(life: LifeRecord, act: Act, session: Session) -> str | None:
    if act.done and act.surely_after(session.deadline_at) and act.told["state"] not in ("late", "to_judge"):
        first = [
            one
            for one in [one for one in life.of("upload") if one.facts["piece"] == act.facts["piece"]]
            if one.n < act.n
        ]
        if not any(one.facts["sha256"] == act.facts["sha256"] and not one.refused for one in first):
            return "an upload taken though the deadline had surely passed"
    if act.done and act.facts["paper"] == "broken":
        return "a broken file taken"
    if act.slug == "echeance-passee" and act.surely_before(session.deadline_at):
        return "an upload refused as late though surely in time"
    if act.done or not act.refused or act.slug == "echeance-passee":
        return None
    return _upload_refused(life, act, session)


_PAPERS_REFUSED = {
    "confirmation-perimee": "stale",
    "confirmation-non-signee": "unsigned",
    "confirmation-non-datee": "unsigned",
}
_OF_THE_STAGE = frozenset({"aucune-piece-attendue", "trop-de-fichiers"})


def _upload_refused(life: LifeRecord, act: Act, session: Session) -> str | None:
    paper = act.facts["paper"]
    if act.slug in _PAPERS_REFUSED:
        if paper == _PAPERS_REFUSED[act.slug] or _newer_than(life, act):
            return None
        return f"a paper that was {paper} refused: {act.slug}"
    if act.status in (415, 422):
        return None if paper == "broken" else f"a {paper} file refused: {act.slug}"
    if act.slug in _OF_THE_STAGE and not _surely_open(life, act, session):
        return None
    if act.status in (401, 404, 410) and _maybe_gone(life, act):
        return None
    return f"an upload refused for nothing: {act.status} {act.slug}"


def _newer_than(life: LifeRecord, act: Act) -> bool:
    """Whether another version than the one that was signed may have been in force."""
    saves = [one for one in life.of("save") if one.n < act.n]
    return any(one.unknown or (one.done and one.told["version"] > act.facts["version"]) for one in saves)


def _surely_open(life: LifeRecord, act: Act, session: Session) -> bool:
    """Whether documents were surely taken: saved, not withdrawn, and nothing could be decided yet."""
    if not act.surely_before(session.closes_at + session.grace) or _maybe_gone(life, act):
        return False
    return not any(one.done or one.unknown for one in life.of("withdraw") if one.n < act.n)


def _maybe_gone(life: LifeRecord, act: Act) -> bool:
    return any(one.done or one.unknown for one in life.of("erase") if one.n <= act.n)


def _removed(life: LifeRecord, act: Act, session: Session) -> str | None:
    if act.slug == "echeance-passee" and act.surely_before(session.deadline_at):
        return "a file's removal refused as late though surely in time"
    if act.done and act.surely_after(session.deadline_at) and not _asked_before(life, act):
        return "a file removed or put back though the deadline had surely passed"
    if act.slug == "dossier-arrete" and act.surely_before(session.closes_at + session.grace):
        return "a file's removal refused as decided though nothing could be"
    if act.status == 404 and not any(one.unknown or one.done for one in life.of("remove") if one.n < act.n):
        return "an acknowledged file is unknown"
    return None


def _asked_before(life: LifeRecord, act: Act) -> bool:
    """Whether the same was asked before without an answer, so that it may have been done."""
    before = [one for one in life.unknown(act.act) if one.n < act.n]
    return any(one.facts["file_id"] == act.facts["file_id"] for one in before)


def _withdraws(life: LifeRecord, act: Act, session: Session) -> str | None:
    saved = any(one.done for one in life.of("save") if one.n < act.n)
    if act.refused and saved and act.surely_before(session.closes_at) and not _maybe_gone(life, act):
        return f"a withdrawal refused within the window: {act.slug}"
    return None


def _read(life: LifeRecord, act: Act, session: Session) -> str | None:
    saved = any(one.done for one in life.of("save") if one.n < act.n)
    if act.status in (404, 409) and saved and not _maybe_gone(life, act):
        return f"an acknowledged save is unknown: {act.slug}"
    return None


def _logs_in(life: LifeRecord, act: Act, session: Session) -> str | None:
    active = any(one.done for one in life.of("activate", "reset") if one.n < act.n)
    reset = any(one.unknown for one in life.of("reset"))
    if act.status == 401 and active and not reset and not _maybe_gone(life, act):
        return "no login though the account was activated"
    return None


_JUDGES: dict[str, Callable[[LifeRecord, Act, Session], str | None]] = {
    "create": _created,
    "save": _saved,
    "upload": _uploaded,
    "remove": _removed,
    "restore": _removed,
    "withdraw": _withdraws,
    "read_form": _read,
    "confirmation": _read,
    "login": _logs_in,
}
_NEEDS_A_LOGIN = frozenset(
    {"save", "read_form", "confirmation", "upload", "remove", "restore", "withdraw", "erase"}
)


_REFUSALS: dict[str, frozenset[str]] = {
    "create": frozenset({"inscription-close"}),
    "resend": frozenset(),
    "activate": frozenset({"lien-expire", "lien-deja-utilise"}),
    "login": frozenset({"identifiants-incorrects"}),
    "reset_ask": frozenset(),
    "reset": frozenset({"lien-deja-utilise"}),
    "erase": frozenset(),
    "save": frozenset({"fenetre-fermee", "enregistrement-trop-long", "version-perimee", "etat-incompatible"}),
    "read_form": frozenset({"rien-enregistre"}),
    "confirmation": frozenset({"rien-enregistre", "version-inconnue"}),
    "remove": frozenset({"echeance-passee", "dossier-arrete", "aucune-piece-attendue", "fichier-inconnu"}),
    "restore": frozenset(
        {
            *("echeance-passee", "dossier-arrete", "aucune-piece-attendue", "fichier-inconnu"),
            "trop-de-fichiers",
        }
    ),
    "withdraw": frozenset({"etat-incompatible", "fenetre-fermee", "rien-enregistre"}),
}
"""Act → the refusals that some state of the world justifies; uploads have a judge of their own.

The lives make no mistakes: no field is wrong, no address or password either, and every link is one of ours.
"""
_USED = "lien-deja-utilise"


def _refused_for_nothing(life: LifeRecord, act: Act) -> str | None:
    allowed = _REFUSALS.get(act.act)
    if allowed is None or not act.refused or (act.status == 401 and act.act in _NEEDS_A_LOGIN):
        return None
    if act.status in (401, 404, 410) and _maybe_gone(life, act):
        return None
    if act.slug in allowed and (act.slug != _USED or _maybe_used(life, act)):
        return None
    return f"{act.act} refused for nothing: {act.status} {act.slug}"


def _maybe_used(life: LifeRecord, act: Act) -> bool:
    """Whether a request before may have used the link, or activated the account otherwise."""
    before = [one for one in life.of("activate", "reset") if one.n < act.n and one.reached]
    return any(not one.refused or one.slug == _USED for one in before)


def _unknown_to_us(life: LifeRecord, act: Act) -> str | None:
    """A login is good until the session ends, unless it was erased or the password changed (R2)."""
    if act.status != 401 or act.act not in _NEEDS_A_LOGIN or _maybe_gone(life, act):
        return None
    logins = [one for one in life.done("login") if one.n < act.n]
    resets = [one for one in life.of("reset") if one.n < act.n]
    if logins and not any(one.n > logins[-1].n and not one.refused for one in resets):
        return "a login that was good is not known"
    return None


def activation_answer(act: Act, expires_at: datetime | None) -> str | None:
    """What is unjust about an activation's answer, by the end of its time (ours 3)."""
    if act.slug == "lien-expire" and (expires_at is None or act.surely_before(expires_at)):
        return "an activation refused as late though surely in time"
    if act.done and expires_at is not None and act.surely_after(expires_at):
        return "an activation taken though surely too late"
    return None
