"""The outcome from verdicts, exactly the table of decision 0001.

A verdict changes something only when its version and deadline are those in force, highest `evidence_rev`
first. It is kept on the row all the same: one that came before the window's end was decided here (the
owners' clocks differ by some milliseconds) is applied when it is.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from services.contracts.events import (
    CandidatureCancelled,
    CandidatureConfirmed,
    CandidatureHeld,
    ChecklistSettled,
)
from services.contracts.stages import Stage, Verdict
from services.registration.domain.candidature import Candidature, HoldCause, Step, decided


def heard(row: Candidature, settled: ChecklistSettled) -> Candidature | None:
    """The row with this verdict kept; None when a later one was heard already."""
    if settled.evidence_rev <= row.verdict_evidence_rev:
        return None
    return replace(
        row,
        verdict=settled.verdict,
        verdict_version=settled.registration_version,
        verdict_deadline_at=settled.deadline_at,
        verdict_evidence_rev=settled.evidence_rev,
    )


def reopened(row: Candidature, evidence_rev: int) -> Candidature | None:
    """The row without the complete verdict kept: a piece is missing since. None where it knew of that.

    `documents` settles again by itself, the evidence being another.
    """
    if row.verdict is not Verdict.COMPLETE or evidence_rev <= row.verdict_evidence_rev:
        return None
    return replace(row, verdict=None)


def in_force(row: Candidature) -> bool:
    """Whether the verdict kept is about the version and the deadline in force, and not yet applied."""
    return (
        row.verdict is not None
        and row.version > 0
        and row.verdict_version == row.version
        and row.verdict_deadline_at == row.deadline_at
        and row.verdict_evidence_rev > row.applied_evidence_rev
    )


def hold_unheeded(row: Candidature) -> bool:
    """Whether the newest verdict in force holds someone whom an earlier one cancelled.

    The cancellation stands and was mailed; an officer has to be told, and takes it back or upholds it.
    """
    by_verdict = row.stage is Stage.CANCELLED and row.cancelled_by == "verdict"
    return by_verdict and row.verdict is Verdict.HELD and in_force(row)


def save_unheeded(row: Candidature) -> bool:
    """Whether nothing is in force of somebody whom a fault of ours may have kept from saving (decision 0014).

    Nothing was saved, or it was withdrawn before that save, which would have undone it (ours 9). What was
    meant is not known: an officer has to be told, and opens the form again, reinstates, or lets it stand.
    """
    if row.save_fault_at is None:
        return False
    if row.stage is Stage.WITHDRAWN:
        return row.decided_at is not None and row.save_fault_at > row.decided_at
    return row.stage is Stage.NOT_REGISTERED


def judged(row: Candidature, now: datetime) -> Step | None:
    """Apply the verdict kept on the row; None when it changes nothing."""
    if not in_force(row) or not _open_to(row, now):
        return None
    match row.verdict:
        case Verdict.COMPLETE if row.may_be_confirmed():
            return _applied(row, now, "confirmed", CandidatureConfirmed, Stage.CONFIRMED)
        case Verdict.COMPLETE:
            return _hold(row, now, "eligibility")
        case _ if row.stage in (Stage.CANCELLED, Stage.HELD):
            return None  # who is held stays held: only an officer ends it, or completeness (ours 7)
        case Verdict.INCOMPLETE if not row.open_dead_letters:
            return _applied(
                row, now, "cancelled", CandidatureCancelled, Stage.CANCELLED, cancelled_by="verdict"
            )
        case _:
            return _hold(row, now, "ours")


def _open_to(row: Candidature, now: datetime) -> bool:
    """Whether verdicts may change this row: an officer's word and `confirmed` stand (ours 6)."""
    match row.stage:
        case Stage.AWAITING_DOCUMENTS:
            return True
        case Stage.REGISTERED:
            return now >= row.closing_at
        case Stage.HELD:
            return row.hold_cause != "officer"
        case Stage.CANCELLED:
            return row.cancelled_by == "verdict"
        case _:
            return False


def _hold(row: Candidature, now: datetime, cause: HoldCause) -> Step | None:
    """Hold; a hold that was ours takes on a failing eligibility as its cause, once."""
    if row.stage is Stage.HELD and cause == row.hold_cause:
        return None
    return _applied(row, now, "held", partial(CandidatureHeld, cause=cause), Stage.HELD, hold_cause=cause)


def _applied(
    row: Candidature,
    now: datetime,
    act: str,
    fact: "type[CandidatureConfirmed | CandidatureCancelled] | partial[CandidatureHeld]",
    stage: Stage,
    **changes: str,
) -> Step:
    return decided(row, act, (fact,), stage, now, applied_evidence_rev=row.verdict_evidence_rev, **changes)
