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
    session = case.of_round.session
    if case.of_round.behaviours == _LAST_DOCUMENTS:
        return sum(act.reached and _meets(act, session.deadline_at) for act in case.life.of("upload"))
    started = case.topic_has("ActivationPeriodStarted")
    limits: dict[str, datetime] = {"upload": session.deadline_at, "save": session.closes_at}
    if started:
        limits["activate"] = datetime.fromisoformat(started[0].payload["expires_at"])
    mine = [act for act in case.life.of(*limits) if _is_of(case, act)]
    return sum(act.reached and _meets(act, limits[act.act]) for act in mine)


def _is_of(case: Case, act: Act) -> bool:
    """A life may have two accounts: only its activations say whose they are."""
    return act.act != "activate" or act.facts["candidate"] == str(case.candidate)


def _meets(act: Act, limit: datetime) -> bool:
    """Sent or answered within a second of it, or on its way across it."""
    heard = act.heard or act.sent
    return act.sent - _NEAR <= limit <= heard + _NEAR
