"""An officer's acts on one candidature, each with a reason (ours 5, 6, 7 and 9)."""

from datetime import datetime, timedelta
from functools import partial

from services.contracts.events import (
    CandidatureCancelled,
    CandidatureHeld,
    CandidatureReinstated,
    CandidatureReleased,
    DeadlineMoved,
)
from services.contracts.stages import Stage, Verdict
from services.registration.domain.candidature import Candidature, Step, decided, step
from services.registration.domain.errors import DeadlineRefused, NotAllowed, NothingSaved

_SAVED_AND_ALIVE = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD, Stage.CONFIRMED})
_FINISHED = frozenset({Stage.CONFIRMED, Stage.NOT_REGISTERED})


def held(row: Candidature, now: datetime, reason: str) -> Step:
    """Hold whatever may still happen, or an outcome already reached, until an officer ends it."""
    _saved(row)
    if row.stage not in _SAVED_AND_ALIVE | {Stage.CANCELLED} or row.hold_cause == "officer":
        raise NotAllowed("hold", row.stage)
    fact = partial(CandidatureHeld, cause="officer")
    return decided(row, "held", (fact,), Stage.HELD, now, hold_cause="officer", officer_reason=reason)


def released(row: Candidature, now: datetime) -> Step:
    """End a hold: it is settled again at once. A failing eligibility is thereby accepted (ours 6, 7)."""
    if row.stage is not Stage.HELD:
        raise NotAllowed("release", row.stage)
    releases = row.releases + 1
    return decided(
        row,
        "released",
        (partial(CandidatureReleased, releases=releases),),
        row.resumed_stage(now),
        now,
        releases=releases,
        eligibility_accepted=row.eligibility_accepted or row.hold_cause == "eligibility",
    )


def cancelled(row: Candidature, now: datetime, reason: str) -> Step:
    _saved(row)
    if row.stage not in _SAVED_AND_ALIVE:
        raise NotAllowed("cancel", row.stage)
    return decided(
        row,
        "cancelled",
        (CandidatureCancelled,),
        Stage.CANCELLED,
        now,
        cancelled_by="officer",
        officer_reason=reason,
    )


def reinstated(row: Candidature, now: datetime, deadline_at: datetime | None) -> Step:
    """Undo a cancellation or a withdrawal, with a date of its own (ours 9).

    Without a new date the deadline must be ahead, or the last verdict must have found the file complete. It
    is confirmed by a fresh verdict, never from memory: `documents` settles again when it learns of this.
    """
    _saved(row)
    if row.stage not in (Stage.CANCELLED, Stage.WITHDRAWN):
        raise NotAllowed("reinstate", row.stage)
    complete = row.verdict is Verdict.COMPLETE and row.verdict_version == row.version
    if deadline_at is not None:
        _ahead(row, deadline_at, now)
    elif row.deadline_at <= now and not complete:
        raise DeadlineRefused("past", now)
    given = {} if deadline_at is None else {"deadline_at": deadline_at, "own_deadline": True}
    return decided(row, "reinstated", (CandidatureReinstated,), row.resumed_stage(now), now, **given)


def deadline_moved(row: Candidature, now: datetime, deadline_at: datetime, notice: timedelta) -> Step:
    """Give one candidate another deadline; who was cancelled under the earlier one is reinstated."""
    if row.stage in _FINISHED:
        raise NotAllowed("move_deadline", row.stage)
    check_deadline(deadline_at, current=row.deadline_at, closes_at=row.closes_at, now=now, notice=notice)
    moved = partial(DeadlineMoved, scope="candidate")
    if row.stage is Stage.CANCELLED and row.cancelled_by == "verdict":
        return decided(
            row,
            "deadline_moved",
            (CandidatureReinstated, moved),
            row.resumed_stage(now),
            now,
            deadline_at=deadline_at,
            own_deadline=True,
        )
    return step(row, "deadline_moved", (moved,), deadline_at=deadline_at, own_deadline=True)


def deadline_lengthened(row: Candidature, deadline_at: datetime) -> Step | None:
    """A refusal gave a deadline of its own (ours 5): the later of the two; it changes no outcome."""
    if deadline_at <= row.deadline_at:
        return None
    moved = partial(DeadlineMoved, scope="candidate")
    return step(row, "deadline_moved", (moved,), deadline_at=deadline_at, own_deadline=True)


def check_deadline(
    deadline_at: datetime, *, current: datetime, closes_at: datetime, now: datetime, notice: timedelta
) -> None:
    """A new deadline is ahead and after the window; an earlier one leaves everybody the notice period.

    Raises:
        DeadlineRefused.
    """
    if deadline_at == current:
        raise DeadlineRefused("same", current)
    if deadline_at <= now:
        raise DeadlineRefused("past", now)
    if deadline_at <= closes_at:
        raise DeadlineRefused("window", closes_at)
    if deadline_at < current and deadline_at < now + notice:
        raise DeadlineRefused("notice", now + notice)


def check_within_session(deadline_at: datetime, ends_at: datetime) -> None:
    """No officer gives a deadline at which nobody can log in any more (R2).

    Raises:
        DeadlineRefused.
    """
    if deadline_at > ends_at:
        raise DeadlineRefused("session_end", ends_at)


def _ahead(row: Candidature, deadline_at: datetime, now: datetime) -> None:
    if deadline_at <= now:
        raise DeadlineRefused("past", now)
    if deadline_at <= row.closes_at:
        raise DeadlineRefused("window", row.closes_at)


def _saved(row: Candidature) -> None:
    if row.version == 0:
        raise NothingSaved
