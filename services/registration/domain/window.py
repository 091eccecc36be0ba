"""The window: its last day, its close, who was kept from saving in it, and an account activated after it (R1,
ours 1 to 3 and 7)."""

from dataclasses import replace
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


def kept_from_saving(row: Candidature, arrived_at: datetime, fault_window: timedelta) -> Candidature | None:
    """The row once a request of then to its form came to nothing by our fault; None where that changes
    nothing (decision 0014).

    Of those in the fault window before the candidate's close (ours 7) the last is kept.
    """
    counts = row.closes_at - fault_window <= arrived_at < row.closes_at
    if not counts or (row.save_fault_at is not None and arrived_at <= row.save_fault_at):
        return None
    return replace(row, save_fault_at=arrived_at)
