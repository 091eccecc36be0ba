"""Saving and withdrawing: what the candidate may do (R3, R5, ours 2, 4 and 9)."""

from datetime import datetime

from services.contracts.events import CandidatureWithdrawn, ConfirmationIssued, RegistrationSaved
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature, Step, decided, step
from services.registration.domain.errors import NotAllowed, NothingSaved, TooSlow, VersionMismatch, WindowShut

EDITABLE = frozenset(
    {Stage.AWAITING_ACTIVATION, Stage.ACTIVATED, Stage.REGISTERED, Stage.WITHDRAWN, Stage.HELD}
)
WITHDRAWABLE = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS})


def saved(
    row: Candidature,
    *,
    arrived_at: datetime,
    now: datetime,
    opens_at: datetime,
    expected_version: int,
    eligible: bool,
    portfolio: int | None,
) -> Step:
    """A new version. Who asks holds a candidate's token, which proves that the account is activated.

    What counts is when the request arrived; one that arrived in time may finish until the window's end is
    decided (close + grace). A save undoes a withdrawal; it does not end an officer's hold.

    Raises:
        WindowShut, TooSlow, VersionMismatch, NotAllowed.
    """
    if not opens_at <= arrived_at < row.closes_at:
        raise WindowShut(opens_at, row.closes_at, arrived_at)
    if now >= row.closing_at:
        raise TooSlow
    if row.stage not in EDITABLE:
        raise NotAllowed("save", row.stage)
    if expected_version != row.version:
        raise VersionMismatch(row.version)
    facts = (RegistrationSaved, ConfirmationIssued)
    declared = {"version": row.version + 1, "eligible": eligible, "portfolio": portfolio}
    if row.stage is Stage.HELD:
        return step(row, "saved", facts, eligibility_accepted=False, **declared)
    return decided(row, "saved", facts, Stage.REGISTERED, now, eligibility_accepted=False, **declared)


def withdrawn(row: Candidature, now: datetime) -> Step | None:
    """The candidate gives up (ours 9); None: it is already so."""
    if row.stage is Stage.WITHDRAWN:
        return None
    if row.version == 0:
        raise NothingSaved
    if row.stage not in WITHDRAWABLE:
        raise NotAllowed("withdraw", row.stage)
    return decided(row, "withdrawn", (CandidatureWithdrawn,), Stage.WITHDRAWN, now)
