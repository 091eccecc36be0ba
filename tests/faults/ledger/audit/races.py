"""Requests that met a limit: a row about races is judged clean only where there were some."""

from datetime import datetime, timedelta

from tests.faults.ledger.audit.cases import Case
from tests.faults.ledger.record import Act

_NEAR = timedelta(seconds=1)
_LAST_DOCUMENTS = ("race",)


def raced(case: Case) -> int:
    """How many uploads met the deadline, saves the window's close, activations the end of their time.

    In a round about the last document alone, nothing else counts.
    """
    return len(_racing(case))


def surely_on_one_side(case: Case) -> bool:
    """Whether one that met its limit had surely come before it, or surely not left: one answer is right."""
    return any(act.surely_before(limit) or act.surely_after(limit) for act, limit in _racing(case))


def _racing(case: Case) -> list[tuple[Act, datetime]]:
    session = case.of_round.session
    limits: dict[str, datetime] = {"upload": session.deadline_at}
    if case.of_round.behaviours == _LAST_DOCUMENTS:
        return _that_meet(case, limits)
    limits["save"] = session.closes_at
    started = case.topic_has("ActivationPeriodStarted")
    if started:
        limits["activate"] = datetime.fromisoformat(started[0].payload["expires_at"])
    return _that_meet(case, limits)


def _that_meet(case: Case, limits: dict[str, datetime]) -> list[tuple[Act, datetime]]:
    mine = [(act, limits[act.act]) for act in case.life.of(*limits) if _is_of(case, act)]
    return [(act, limit) for act, limit in mine if act.reached and _meets(act, limit)]


def _is_of(case: Case, act: Act) -> bool:
    """A life may have two accounts: only its activations say whose they are."""
    return act.act != "activate" or act.facts["candidate"] == str(case.candidate)


def _meets(act: Act, limit: datetime) -> bool:
    """Sent or answered within a second of it, or on its way across it."""
    heard = act.heard or act.sent
    return act.sent - _NEAR <= limit <= heard + _NEAR
