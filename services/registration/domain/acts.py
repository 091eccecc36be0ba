"""An officer's acts on one candidature, each with a reason (ours 5, 6, 7 and 9)."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from services.contracts.events import (
    Calendar,
    CandidatureCancelled,
    CandidatureHeld,
    CandidatureReinstated,
    CandidatureReleased,
    DeadlineMoved,
)
from services.contracts.stages import Stage, Verdict
from services.registration.domain.candidature import Candidature, Kinds, Step, decided, step
from services.registration.domain.errors import (
    DeadlineRefused,
    NotAllowed,
    NothingSaved,
    NothingToUphold,
    ReleaseUndecided,
)
from services.registration.domain.outcome import hold_unheeded, save_unheeded

_SAVED_AND_ALIVE = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD, Stage.CONFIRMED})
_FINISHED = frozenset({Stage.CONFIRMED, Stage.NOT_REGISTERED})


def held(row: Candidature, now: datetime, reason: str) -> Step:
    """Hold whatever may still happen, or an outcome already reached, until an officer ends it."""
    _saved(row)
    if row.stage not in _SAVED_AND_ALIVE | {Stage.CANCELLED} or row.hold_cause == "officer":
        raise NotAllowed("hold", row.stage)
    fact = partial(CandidatureHeld, cause="officer")
    return decided(row, "held", (fact,), Stage.HELD, now, hold_cause="officer", officer_reason=reason)


def released(
    row: Candidature,
    now: datetime,
    *,
    notice: timedelta,
    deadline_at: datetime | None = None,
    settle_now: bool = False,
) -> Step:
    """End a hold: it is settled again. A failing eligibility is thereby accepted (ours 6, 7).

    Who is held gets no reminder. Where the deadline has passed or is nearer than the notice, an incomplete
    file would be cancelled without warning: the officer gives a new deadline, far enough for the candidate
    to hear of it, or says that it is so meant.

    Raises:
        NotAllowed, DeadlineRefused. ReleaseUndecided: the deadline is so near, and neither was said.
    """
    if row.stage is not Stage.HELD:
        raise NotAllowed("release", row.stage)
    accepted = row.eligibility_accepted or row.hold_cause == "eligibility"
    if deadline_at is not None:
        check_deadline(deadline_at, current=row.deadline_at, closes_at=row.closes_at, now=now, notice=notice)
        _time_to_complete(deadline_at, now, notice)
        return _moved_out(row, "released", "release", now, deadline_at, eligibility_accepted=accepted)
    if row.deadline_at < now + notice and not settle_now and not _complete(row):
        raise ReleaseUndecided(row.deadline_at, now + notice, passed=row.deadline_at <= now)
    fact, counted = _release(row, now, settle_now=settle_now)
    return _resumed(row, "released", (fact,), now, **counted, eligibility_accepted=accepted)


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


def upheld(row: Candidature) -> Step:
    """Let an outcome stand although the fault may be ours: an officer has looked.

    A cancellation that a later verdict would have held, or that nothing is in force where a save was turned
    away. Nothing else changes, so no fact is told: a complete verdict reinstates as before, and what comes to
    be known later has to be looked at again.

    Raises:
        NothingToUphold.
    """
    if save_unheeded(row):
        return step(row, "let_stand", (), save_fault_at=None)
    if not hold_unheeded(row):
        raise NothingToUphold
    return step(row, "upheld", (), applied_evidence_rev=row.verdict_evidence_rev)


def reinstated(row: Candidature, now: datetime, deadline_at: datetime | None, notice: timedelta) -> Step:
    """Undo a cancellation or a withdrawal, with a date of its own (ours 9).

    Without a new date the deadline must be ahead, or the last verdict must have found the file complete. It
    is confirmed by a fresh verdict, never from memory: `documents` settles again when it learns of this.
    """
    _saved(row)
    if row.stage not in (Stage.CANCELLED, Stage.WITHDRAWN):
        raise NotAllowed("reinstate", row.stage)
    if deadline_at is not None:
        _far_enough(deadline_at, current=row.deadline_at, closes_at=row.closes_at, now=now, notice=notice)
    elif row.deadline_at <= now and not _complete(row):
        raise DeadlineRefused("past", now)
    given = {} if deadline_at is None else {"deadline_at": deadline_at, "own_deadline": True}
    return _resumed(row, "reinstated", (CandidatureReinstated,), now, **given, save_fault_at=None)


def form_opened(
    row: Candidature,
    now: datetime,
    calendar: Calendar,
    closes_at: datetime,
    deadline_at: datetime | None,
    notice: timedelta,
) -> Step:
    """Open the form again to one candidate, of whom the window's end found nothing saved (decision 0014).

    Also to give another date while it is open so. The deadline, the candidate's own from then on, comes
    after: where no other is given, the later of the session's and the one in force.

    Raises:
        NotAllowed, DeadlineRefused.
    """
    opened_so = row.stage is Stage.ACTIVATED and row.closes_at > calendar.closes_at
    if row.stage is not Stage.NOT_REGISTERED and not opened_so:
        raise NotAllowed("open_form", row.stage)
    if closes_at <= now:
        raise DeadlineRefused("form_past", now)
    in_force = max(row.deadline_at, calendar.deadline_at)
    if deadline_at is None and in_force <= closes_at:
        raise DeadlineRefused("form_deadline", in_force)
    limit = in_force if deadline_at is None else deadline_at
    _far_enough(limit, current=row.deadline_at, closes_at=closes_at, now=now, notice=notice)
    given = {"closes_at": closes_at, "deadline_at": limit, "own_deadline": True, "save_fault_at": None}
    return decided(row, "form_opened", (CandidatureReinstated,), Stage.ACTIVATED, now, **given)


def deadline_moved(row: Candidature, now: datetime, deadline_at: datetime, notice: timedelta) -> Step:
    """Give one candidate another deadline.

    Who was cancelled under the earlier one is reinstated; whom a fault of ours held waits for documents
    again, with reminders. What an officer or a failing eligibility holds stays held.
    """
    if row.stage in _FINISHED:
        raise NotAllowed("move_deadline", row.stage)
    check_deadline(deadline_at, current=row.deadline_at, closes_at=row.closes_at, now=now, notice=notice)
    if row.stage is Stage.CANCELLED and row.cancelled_by == "verdict":
        return _moved_out(row, "deadline_moved", "reinstatement", now, deadline_at)
    if row.stage is Stage.HELD and row.hold_cause == "ours":
        _time_to_complete(deadline_at, now, notice)
        return _moved_out(row, "deadline_moved", "release", now, deadline_at)
    moved = partial(DeadlineMoved, scope="candidate")
    return step(row, "deadline_moved", (moved,), deadline_at=deadline_at, own_deadline=True)


def deadline_lengthened(row: Candidature, deadline_at: datetime) -> Step | None:
    """A refusal gave a deadline of its own (ours 5): the later of the two; it changes no outcome."""
    if deadline_at <= row.deadline_at:
        return None
    moved = partial(DeadlineMoved, scope="candidate", because="refusal")
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
    _far_enough(deadline_at, current=current, closes_at=closes_at, now=now, notice=notice)


def check_within_session(deadline_at: datetime, ends_at: datetime) -> None:
    """No officer gives a deadline at which nobody can log in any more (R2).

    Raises:
        DeadlineRefused.
    """
    if deadline_at > ends_at:
        raise DeadlineRefused("session_end", ends_at)


def _far_enough(
    deadline_at: datetime, *, current: datetime, closes_at: datetime, now: datetime, notice: timedelta
) -> None:
    if deadline_at <= now:
        raise DeadlineRefused("past", now)
    if deadline_at <= closes_at:
        raise DeadlineRefused("window", closes_at)
    if deadline_at < current and deadline_at < now + notice:
        raise DeadlineRefused("notice", now + notice)


def _time_to_complete(deadline_at: datetime, now: datetime, notice: timedelta) -> None:
    """Who was held is told the new deadline by mail: a nearer one would only cancel."""
    if deadline_at < now + notice:
        raise DeadlineRefused("release", now + notice)


def _moved_out(
    row: Candidature,
    act: str,
    because: Literal["reinstatement", "release"],
    now: datetime,
    deadline_at: datetime,
    **changes: Any,
) -> Step:
    """Another deadline ends a cancellation or a hold: the first of the two facts is told to the candidate."""
    moved = partial(DeadlineMoved, scope="candidate", because=because)
    undone: Kinds = (CandidatureReinstated, moved)
    if because == "release":
        fact, counted = _release(row, now)
        undone, changes = (fact, moved), changes | counted
    return _resumed(row, act, undone, now, deadline_at=deadline_at, own_deadline=True, **changes)


def _resumed(row: Candidature, act: str, kinds: Kinds, now: datetime, **changes: Any) -> Step:
    """Go on after a hold, a withdrawal or a cancellation.

    The verdict kept is closed: the evidence may have moved on since, so only a fresh one settles (0001).
    """
    closed = {"applied_evidence_rev": row.verdict_evidence_rev}
    return decided(row, act, kinds, row.resumed_stage(now), now, **closed, **changes)


def _release(
    row: Candidature, now: datetime, *, settle_now: bool = False
) -> tuple[partial[CandidatureReleased], dict[str, Any]]:
    """The fact of a release, and what the row keeps of it."""
    kept: dict[str, Any] = {"releases": row.releases + 1, "released_at": now, "settle_now": settle_now}
    return partial(CandidatureReleased, **kept), kept


def _complete(row: Candidature) -> bool:
    return row.verdict is Verdict.COMPLETE and row.verdict_version == row.version


def _saved(row: Candidature) -> None:
    if row.version == 0:
        raise NothingSaved
