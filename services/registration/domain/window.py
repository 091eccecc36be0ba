"""The window: its last day, its close, and an account activated after it (R1, ours 1 to 3)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.contracts.events import CandidatureNotRegistered
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature, Step, decided, step

PARIS = ZoneInfo("Europe/Paris")


def last_day(closes_at: datetime) -> date:
    """The window's last civil day in Paris: the limit is an exclusive upper bound."""
    return (closes_at - timedelta(microseconds=1)).astimezone(PARIS).date()


def activated(row: Candidature, now: datetime) -> Step | None:
    """The account is activated; after the window's end that is `not_registered` at once (ours 3)."""
    if row.stage is not Stage.AWAITING_ACTIVATION:
        return None
    if now < row.closing_at:
        return step(row, "account_activated", (), stage=Stage.ACTIVATED)
    return decided(row, "not_registered", (CandidatureNotRegistered,), Stage.NOT_REGISTERED, now)
