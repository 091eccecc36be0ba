"""The reference model of the domain page: what a life's requests, as answered, oblige the service to.

Pure. A request that was acknowledged has its consequences; one that was refused has none; of one without an
answer either may be. So the model does not say *the* outcome but which outcomes are just:

    `Facts`     what is sure and what is possible of one candidate (a new account is a new candidate)
    `outcomes`  the stages that may come of it

Rules: R2, R3, R6, ours 2 to 7 and 9 of the domain page.
"""

from dataclasses import dataclass
from datetime import timedelta

from tests.faults.ledger.record import Act, LifeRecord
from tests.faults.ledger.rounds import Session

CONFIRMED, CANCELLED, HELD = "confirmed", "cancelled", "held"
NOT_REGISTERED, WITHDRAWN, DELETED, ERASED = "not_registered", "withdrawn", "deleted", "erased"
FINAL = frozenset({CONFIRMED, CANCELLED, HELD, NOT_REGISTERED, WITHDRAWN, DELETED, ERASED})
Outcomes = frozenset[str]
_PERHAPS_NOT_BEGUN = frozenset(
    {
        "momentanement-indisponible",
        "identite-indisponible",
        "identite-non-reconnue",
        "pieces-indisponibles",
    }
)
"""Of a 503 of the gateway, of a process that was starting, of the look at the login, or of the pieces' owner
while a part of it was away: that it began may stand nowhere but in the gateway's log."""
IN_VAIN = "ReadTimeout"
_ARRIVES_WITHIN = timedelta(seconds=2)
_READ_UNTIL = timedelta(seconds=1)
"""Before the verdict: by then the gateway had it in its log, which is read before the incomplete are judged
(decision 0012: here every 0.2 s, and 0.6 s may be between the last look and the verdict)."""


@dataclass(frozen=True)
class Facts:
    """What is sure, and what is possible, of one candidate whose account was activated.

    eligible: R7 as declared in the version in force.
    complete_surely, complete_possibly: every piece asked for has a file that counts.
    fault_surely, fault_possibly: an upload in time came to no end for a reason that may be ours, and no later
        success made up for it.
    fault_owed: one such that the gateway saw ending, so that it is to be written however late: who is
        cancelled all the same was cancelled before, and their verdict has become `held` since.
    """

    saved_surely: bool
    saved_possibly: bool
    withdrawn_surely: bool = False
    withdrawn_possibly: bool = False
    erased_surely: bool = False
    erased_possibly: bool = False
    eligible: bool = True
    complete_surely: bool = False
    complete_possibly: bool = False
    fault_surely: bool = False
    fault_possibly: bool = False
    fault_owed: bool = False


def outcomes(facts: Facts, *, excused: bool) -> Outcomes:
    """The stages in which the candidature may end.

    Args:
        excused: a fault was made in this round, so an incomplete file may be held (ours 7).
    """
    if facts.erased_surely:
        return frozenset({ERASED})
    found = {ERASED} if facts.erased_possibly else set()
    if not facts.saved_surely:
        found.add(NOT_REGISTERED)
    if facts.saved_possibly:
        found |= _of_saved(facts, excused=excused)
    return frozenset(found)


def _of_saved(facts: Facts, *, excused: bool) -> set[str]:
    found = {WITHDRAWN} if facts.withdrawn_possibly else set()
    if facts.withdrawn_surely:
        return found
    if facts.complete_possibly:
        found.add(CONFIRMED if facts.eligible else HELD)
    if not facts.complete_surely:
        if not facts.fault_surely:
            found.add(CANCELLED)
        if facts.fault_surely or facts.fault_possibly or excused:
            found.add(HELD)
    return found


# --- from the ledger to the facts ---------------------------------------------------------------------------


@dataclass(frozen=True)
class InForce:
    """The version last saved, as the tables have it: it resolves saves that were not answered.

    `mark`: of the save that made it.
    """

    version: int
    mark: str | None


def facts_of(
    life: LifeRecord,
    session: Session,
    in_force: InForce,
    *,
    forgetful: bool,
    stored: frozenset[str] = frozenset(),
) -> Facts:
    """What is sure and possible of a life whose account was activated.

    A confirmation signed for an older version counts if it came after the save and nobody could read it back.

    `forgetful`: who took an upload may have died before it wrote down that the upload had failed. That
    excuses only what the gateway does not write down as well.
    `stored`: the digests of the files that the tables have, whatever their uploads were answered.
    """
    saves = life.of("save")
    saved = [act for act in saves if act.done] + life.done("read_form")
    made_it = [act for act in saves if act.facts["mark"] == in_force.mark]
    pieces, confirmations = _asked(life, in_force.version)
    by_piece = {piece: _uploads(life, piece) for piece in pieces}
    surely, possibly = bool(pieces), bool(pieces)
    for piece, uploads in by_piece.items():
        signed = [
            act for act in uploads if piece not in confirmations or act.facts["version"] >= in_force.version
        ]
        unread = [act for act in uploads if made_it and act.sent >= made_it[0].sent]
        surely = surely and any(_counts_surely(life, act, session) for act in signed)
        possibly = possibly and any(_counts_possibly(life, act, session) for act in (*signed, *unread))
    faults = [act for act in life.of("upload") if _is_fault(act, session)]
    mended = [act for act in faults if _made_up_for(life, act, session)]
    open_faults = [act for act in faults if act not in mended]
    owed = [act for act in open_faults if _ended_in_sight(act, session) and not _healed(life, act, stored)]
    in_time = [act for act in owed if _read_in_time(act, session)]
    of_the_owner = [act for act in open_faults if _kept_by_the_owner(act, session)]
    withdrawn_surely, withdrawn_possibly = _withdrawn(life)
    return Facts(
        saved_surely=bool(saved),
        saved_possibly=bool(saved) or any(act.unknown for act in saves),
        withdrawn_surely=withdrawn_surely,
        withdrawn_possibly=withdrawn_possibly,
        erased_surely=bool(life.done("erase")),
        erased_possibly=bool(life.done("erase") or life.unknown("erase")),
        eligible=all(act.facts["eligible"] for act in made_it),
        complete_surely=surely,
        complete_possibly=possibly,
        fault_surely=bool(in_time) or (not forgetful and bool(of_the_owner)),
        fault_possibly=bool(open_faults),
        fault_owed=bool(owed),
    )


def _asked(life: LifeRecord, version: int) -> tuple[list[str], set[str]]:
    """The pieces that a version asks for, and which of them are the signed confirmation."""
    told = [act.told for act in life.of("save", "read_form") if act.done]
    exact = [one for one in told if one["version"] == version]
    for one in exact or told[-1:]:
        return one["pieces"], set(one["confirmation"])
    return [], set()


def _uploads(life: LifeRecord, piece: str) -> list[Act]:
    return [act for act in life.of("upload") if act.facts["piece"] == piece]


def _counts_surely(life: LifeRecord, act: Act, session: Session) -> bool:
    """An acknowledged file that was not taken back. The 2xx is the judgement of its instant (ours 2)."""
    if not act.done or act.told["state"] == "late" or act.facts["paper"] == "stale":
        return False
    if act.told["state"] == "to_judge" and not act.surely_before(session.deadline_at):
        return False
    return not taken_back(life, act.told["file_id"], possibly=True)


def _counts_possibly(life: LifeRecord, act: Act, session: Session) -> bool:
    if act.surely_after(session.deadline_at) and not act.done:
        return False
    if act.done and act.told["state"] == "late":
        return False  # an earlier try of it, without an answer, is looked at by itself
    if act.done:
        return not taken_back(life, act.told["file_id"], possibly=False)
    return act.unknown and act.facts["how"] != "cut" and act.facts["paper"] != "broken"


def taken_back(life: LifeRecord, file_id: str, *, possibly: bool) -> bool:
    """Whether it is out of view at the end: by the last of the removals and put-backs that concern it."""
    gone = False
    for act in life.of("remove", "restore"):
        if act.facts["file_id"] != file_id:
            continue
        removes = act.act == "remove"
        if act.done or (act.unknown and removes is possibly):
            gone = removes
    return gone


def _is_fault(act: Act, session: Session) -> bool:
    """An upload in time that had come to no end when it was decided, and was not refused (ours 7)."""
    begins = session.deadline_at - timedelta(seconds=session.fault_window_seconds)
    open_still = act.unknown or (act.done and not _ended_by(act, session))
    return open_still and begins <= act.sent < session.deadline_at


def _made_up_for(life: LifeRecord, fault: Act, session: Session) -> bool:
    """A later success on the same piece, before it was decided: whoever is held by then stays so.

    What came late, or was taken only to be judged, may make up for nothing.
    """
    return any(
        act.done and act.told["state"] == "received" and act.sent >= fault.sent and _ended_by(act, session)
        for act in _uploads(life, fault.facts["piece"])
    )


def _ended_by(act: Act, session: Session) -> bool:
    return act.heard is not None and act.heard < session.deadline_at + session.grace


def _ended_in_sight(act: Act, session: Session) -> bool:
    """Surely there in time, and the gateway saw it end: answered 5xx by whomever, cut on the way, or given up
    by who had sent all of it and waited in vain."""
    if act.error == IN_VAIN and act.sent + _ARRIVES_WITHIN < session.deadline_at:
        return True
    if not act.surely_before(session.deadline_at):
        return False
    if act.status is None:
        return bool(act.facts["how"] == "cut")
    return act.status >= 500


def save_turned_away(act: Act, session: Session) -> bool:
    """A save there before the window closed, which the gateway saw failing, or which its owner found too late
    to end: an officer is told."""
    if act.sent < session.closes_at - timedelta(seconds=session.fault_window_seconds):
        return False
    if act.error == IN_VAIN:
        return act.sent + _ARRIVES_WITHIN < session.closes_at
    if act.slug == "enregistrement-trop-long":
        return True
    return act.status is not None and act.status >= 500 and act.surely_before(session.closes_at)


def _kept_by_the_owner(act: Act, session: Session) -> bool:
    """Surely there in time, and ended by ours or by a cut once its owner had written that it began."""
    if not act.surely_before(session.deadline_at):
        return False
    if act.status is None:
        return bool(act.facts["how"] == "cut")
    return not act.done and act.slug not in _PERHAPS_NOT_BEGUN


def _healed(life: LifeRecord, fault: Act, stored: frozenset[str]) -> bool:
    """Its own commit stood, or something later did that was not acknowledged: there is nothing to write."""
    piece = fault.facts["piece"]
    later = [act for act in life.of("upload", "restore") if act.sent >= fault.sent]
    return any(
        act.facts.get("sha256") in stored if act.act == "upload" else not act.refused
        for act in later
        if act.facts["piece"] == piece
    )


def _read_in_time(act: Act, session: Session) -> bool:
    return act.heard is not None and act.heard + _READ_UNTIL <= session.deadline_at + session.grace


def _withdrawn(life: LifeRecord) -> tuple[bool, bool]:
    """Surely, possibly. A save undoes it (ours 9)."""
    surely = possibly = False
    for act in life.of("save", "withdraw"):
        if act.act == "withdraw" and act.done:
            surely = possibly = True
        elif act.act == "withdraw" and act.unknown:
            possibly = True
        elif act.act == "save" and act.done:
            surely, possibly = False, any(one.unknown for one in life.of("withdraw"))
        elif act.act == "save" and act.unknown:
            surely = False
    return surely, possibly


def activated(life: LifeRecord, candidate: str) -> tuple[bool, bool]:
    """Surely, possibly."""
    acts = [act for act in life.of("activate") if act.facts["candidate"] == candidate]
    logins = [act for act in life.done("login") if act.told["candidate"] == candidate]
    surely = bool(logins) or any(act.done or act.slug == "lien-deja-utilise" for act in acts)
    return surely, surely or any(act.unknown for act in acts)
