"""The candidate's row as this service has it, and the pure changes of it.

`evidence_rev` grows with every change of what the verdict says or is about: evidence, version, deadline,
release. A verdict is made once for each `evidence_rev`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from services.contracts.events import CandidatureEvent, CandidatureReleased
from services.contracts.stages import Stage, Verdict
from services.documents.domain.seeing import Seen

OPEN_STAGES = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD, Stage.CANCELLED})
"""Where evidence may still change something: uploads are taken and the verdict is given."""
_WAITING = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS})
_BEFORE_SAVE = frozenset({Stage.AWAITING_ACTIVATION, Stage.ACTIVATED})
_FAULTS_KEPT = 100
GATEWAY = "gateway"
"""Who tells of an upload that was turned away before it was seen here (decision 0012)."""


@dataclass(frozen=True)
class Candidate:
    """One row of `candidate` (migrations say what each column is for)."""

    candidate_id: UUID
    session_id: str
    revision: int
    registration_revision: int
    releases_heard: int
    stage: Stage
    closes_at: datetime
    deadline_at: datetime
    own_deadline_at: datetime | None
    grace_seconds: int
    fault_window_seconds: int
    checklist_revision: int
    registration_version: int
    version_saved_at: datetime | None
    missing_count: int
    to_judge_count: int
    lost_count: int
    evidence_rev: int
    faults: dict[str, Any]
    fault_at: datetime | None
    service_fault_at: datetime | None
    hindered_from: datetime | None
    hindered_until: datetime | None
    released_at: datetime | None
    open_dead_letters: int
    unreachable: bool
    reminded_for: list[datetime]
    warned_for: list[datetime]
    reminder_due_at: datetime | None
    settling_paused: bool
    settled_rev: int
    settled_version: int | None
    settled_deadline_at: datetime | None
    verdict: Verdict | None
    settled_at: datetime | None
    reminded: list[str]
    last_reminded_at: datetime | None

    @property
    def state(self) -> Literal["unknown", "incomplete", "complete"]:
        if self.registration_version == 0:
            return "unknown"
        return "complete" if self.missing_count == 0 else "incomplete"

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.grace_seconds)

    @property
    def unsettled(self) -> bool:
        """Whether a verdict on the present evidence is still to be given."""
        return (
            self.registration_version > 0
            and self.stage in OPEN_STAGES
            and self.settled_rev != self.evidence_rev
        )

    @property
    def filed(self) -> bool:
        """Whether the verdict *complete* is out, of the version and for the deadline in force: it confirms.

        Evidence that came since does not call it back. One that was given by a process of the release before
        notes neither: it is known by its evidence.
        """
        in_force = (self.registration_version, self.deadline_at)
        about = (self.settled_version, self.settled_deadline_at)
        return self.verdict is Verdict.COMPLETE and (
            about == in_force or self.settled_rev == self.evidence_rev
        )

    def may_settle(self, seen: Seen) -> bool:
        """Whether a verdict may be given once it is due.

        The complete need not wait: nothing can be our fault. The others wait until it is known what hindered
        them: an outage, by the service's beat after their deadline; a request turned away, by the logs.
        """
        known = seen.all_of(self.deadline_at, self.grace)
        return not self.settling_paused and (known or self.state == "complete")

    @property
    def settle_at(self) -> datetime:
        """When the verdict is due: deadline + grace, or window close + grace once complete (ours 5, 6)."""
        at = self.deadline_at + self.grace
        return min(at, self.closes_at + self.grace) if self.state == "complete" else at

    @property
    def unwarned(self) -> bool:
        """Whether a reminder of the deadline in force was due by the verdict, and none is known to be taken.

        Whether anybody decided it, the clocks being away, is no matter. Silence is no warning (ours 7), and
        neither is the reminder of another deadline.
        """
        settled_at, due_at = self.settled_at, self.reminder_due_at
        due = settled_at is not None and due_at is not None and due_at <= settled_at
        return (due or self.deadline_at in self.reminded_for) and self.deadline_at not in self.warned_for

    def turned_away_at(self) -> datetime | None:
        """The last in time of those that the gateway tells of, and that nothing made up for."""
        told = {key: one for key, one in self.faults.items() if one.get("by") == GATEWAY}
        return _last_in_time(replace(self, faults=told))

    def begins_to_miss(self, before: "Candidate") -> bool:
        """Whether something is missing that was not, or not for this deadline: reminders begin anew."""
        known = before.state == "incomplete" and before.deadline_at == self.deadline_at
        return self.state == "incomplete" and not known

    def new_evidence(self) -> "Candidate":
        return replace(self, evidence_rev=self.evidence_rev + 1)


@dataclass(frozen=True)
class Release:
    """The last release that was told.

    number: how often it was released by then, 0 where that is not told.
    settle_now: the officer wants it settled by the deadline in force, warned or not.
    """

    number: int = 0
    at: datetime | None = None
    settle_now: bool = False


def heard(row: Candidate, event: CandidatureEvent) -> Candidate | None:
    """The row after a fact of `registration`; None when it is older than what the row knows.

    A release says so itself: the hold before it may not have been heard of.
    """
    release = Release()
    if isinstance(event, CandidatureReleased):
        release = Release(event.releases or row.releases_heard + 1, event.released_at, event.settle_now)
    return standing(row, event.revision, event.state, event.deadline_at, release)


def standing(
    row: Candidate,
    revision: int,
    stage: Stage,
    deadline_at: datetime,
    release: Release,
    closes_at: datetime | None = None,
) -> Candidate | None:
    """The row after `registration` said how the candidature stands.

    Judged by states, not by the kind of fact, so that a gap heals with the next one. A release forgets the
    faults that held it, once: it is known by its number, since the hold and its end may both lie between two
    tellings, or by the way back from held to waiting where no number is told. That nobody could warn the
    candidate, or is not known to have, is forgotten only where the officer wants it settled by the deadline
    in force: `notifications` tells it once, and the reminders that are still to come may all fail again.
    Another deadline is other evidence, and what is in time for it is counted anew. `closes_at`: until when
    the form may be changed, where that is told.
    """
    if revision <= row.registration_revision:
        return None
    number = release.number
    if not number and row.stage is Stage.HELD and stage in _WAITING:
        number = row.releases_heard + 1
    released = number > row.releases_heard
    own = row.own_deadline_at
    if own is not None and deadline_at >= own:
        own = None
    in_force = deadline_at if own is None else own
    changed = replace(
        row,
        registration_revision=revision,
        releases_heard=max(number, row.releases_heard),
        stage=stage,
        closes_at=closes_at or row.closes_at,
        deadline_at=in_force,
        own_deadline_at=own,
    )
    reopened = row.stage not in _WAITING and stage in _WAITING
    if released:
        let_stand = release.settle_now and in_force == row.deadline_at
        changed = replace(
            changed,
            faults={},
            fault_at=None,
            service_fault_at=None,
            hindered_from=None,
            hindered_until=None,
            released_at=release.at or row.released_at,
            unreachable=row.unreachable and not release.settle_now,
            warned_for=_with(row.warned_for, in_force) if let_stand else row.warned_for,
        )
    if released or reopened or in_force != row.deadline_at:
        changed = replace(changed, fault_at=_last_in_time(changed)).new_evidence()
    return changed


def reached(row: Candidate, *, unreachable: bool) -> Candidate:
    """The row after `notifications` said whether the candidate can be thought warned (ours 7)."""
    if row.unreachable == unreachable:
        return row
    return replace(row, unreachable=unreachable).new_evidence()


def warned(row: Candidate, of: Iterable[datetime]) -> Candidate:
    """The row after the mail server took a reminder of each of these deadlines, before it came (ours 7).

    A set: neither order nor repetition matters. New evidence only where a verdict is out that held for lack
    of it; until then the statement finds it on the row.
    """
    changed = replace(row, warned_for=_with(row.warned_for, *of))
    settled = row.settled_rev == row.evidence_rev
    return changed.new_evidence() if settled and row.unwarned and not changed.unwarned else changed


def given_own_deadline(row: Candidate, deadline_at: datetime) -> Candidate:
    """The row after a refusal that gave a deadline of its own (ours 5), before `registration` has it."""
    changed = replace(row, deadline_at=deadline_at, own_deadline_at=deadline_at)
    return replace(changed, fault_at=_last_in_time(changed))


def checked_off(
    row: Candidate, revision: int, version: int, saved_at: datetime, closes_at: datetime | None
) -> Candidate | None:
    """The row after the checklist of a version; None when it is older than the one in force.

    A checklist may be fetched before the event of its save arrives: it shows by itself that something is
    saved. `closes_at`: until when its form may be changed, where that is told.
    """
    if revision <= row.checklist_revision:
        return None
    return replace(
        row,
        stage=Stage.REGISTERED if row.stage in _BEFORE_SAVE else row.stage,
        checklist_revision=revision,
        registration_version=version,
        version_saved_at=saved_at,
        closes_at=closes_at or row.closes_at,
    ).new_evidence()


def fault_begun(
    row: Candidate,
    attempt: UUID,
    piece: str,
    arrived_at: datetime,
    *,
    by: str | None = None,
    asked: str = "",
) -> Candidate:
    """An upload has arrived: until it ends by the candidate's doing, its fate may be our fault (ours 7).

    No evidence yet: only what becomes of it can ask for another verdict. The newest are kept: who cuts
    uploads without end makes the row no longer. `by`: who told of it, where it was not seen here. `asked`:
    see `faults_named`.
    """
    fault = {"piece": piece, "arrived_at": arrived_at.isoformat()} | ({"by": by} if by else {})
    if asked and not piece:
        fault |= {"asked": asked}
    all_begun = sorted((row.faults | {str(attempt): fault}).items(), key=lambda item: _arrival(item[1]))
    return _with_faults(row, dict(all_begun[-_FAULTS_KEPT:]))


def faults_named(row: Candidate, named: Mapping[str, str]) -> Candidate:
    """Of the faults whose address was none of the pieces known then: those that a newer checklist names.

    `named`: digest of an address → piece. From then on a later success on the piece makes up for them.
    """
    return replace(row, faults={key: _named(fault, named) for key, fault in row.faults.items()})


def _named(fault: dict[str, str], named: Mapping[str, str]) -> dict[str, str]:
    piece = named.get(fault.get("asked", ""))
    return fault if piece is None else {**fault, "piece": piece}


def fault_told(row: Candidate, piece: str, arrived_at: datetime, by: str) -> Candidate | None:
    """The row after somebody else told of an attempt that stands there already; None where none does.

    It adds one thing: whatever its owner still makes of it reached nobody.
    """
    same = {
        key: fault
        for key, fault in row.faults.items()
        if fault["piece"] == piece and _arrival(fault) == arrived_at
    }
    if not same:
        return None
    return replace(row, faults=row.faults | {key: fault | {"by": by} for key, fault in same.items()})


def fault_ended(row: Candidate, attempt: UUID) -> Candidate:
    """It was refused with a reason: the candidate's doing. A verdict that it held is to be given again.

    Not of one that is told to have got no answer: nobody read the reason.
    """
    key = str(attempt)
    left = {one: fault for one, fault in row.faults.items() if one != key or "by" in fault}
    return _without_some(row, left)


def fault_healed(row: Candidate, piece: str, arrived_at: datetime) -> Candidate:
    """A later success on the piece makes up for the attempts before it."""
    left = {
        key: fault
        for key, fault in row.faults.items()
        if fault["piece"] != piece or _arrival(fault) > arrived_at
    }
    return _without_some(row, left)


def kept_waiting(
    row: Candidate,
    arrived_at: datetime,
    since: datetime,
    until: datetime,
    *,
    longest: timedelta,
    near: timedelta,
) -> Candidate:
    """The row after an upload in time, whose whole body we had at `since`, was answered at `until`.

    Whoever waits for us in the last minutes sends the next piece too late. So a wait that is as long as a
    silence which is an outage then (more than `longest`, reaching into the last `near` before the deadline)
    is one for this candidate, whatever the answer is (ours 7).
    """
    at = min(until, row.deadline_at - timedelta(milliseconds=1))
    in_time = max(arrived_at, since) < row.deadline_at
    if not in_time or until - since <= longest or until <= row.deadline_at - near:
        return row
    if row.service_fault_at is not None and row.service_fault_at >= at:
        return row
    changed = replace(row, service_fault_at=at)
    return changed.new_evidence() if row.state == "incomplete" else changed


def hindered(
    row: Candidate, arrived_at: datetime, ended_at: datetime, *, longest: timedelta, near: timedelta
) -> Candidate:
    """The row after a request in time that got no answer from `arrived_at` until `ended_at`.

    Each may be short, and the next one may make up for it. But whoever tries again and again sends nothing
    else meanwhile. So those with at most `longest` between them are one wait, and it is judged as one
    (`kept_waiting`). In which order they are told of is no matter.
    """
    if arrived_at >= row.deadline_at:
        return row
    since, until = arrived_at, ended_at
    last = (row.hindered_from or since, row.hindered_until or until)
    if since <= last[1] + longest and last[0] <= until + longest:
        since, until = min(since, last[0]), max(until, last[1])
    if until >= last[1]:
        row = replace(row, hindered_from=since, hindered_until=until)
    return kept_waiting(row, arrived_at, since, until, longest=longest, near=near)


def _without_some(row: Candidate, faults: dict[str, Any]) -> Candidate:
    changed = _with_faults(row, faults)
    return changed.new_evidence() if changed.fault_at != row.fault_at else changed


def _with_faults(row: Candidate, faults: dict[str, Any]) -> Candidate:
    changed = replace(row, faults=faults)
    return replace(changed, fault_at=_last_in_time(changed))


def _with(deadlines: list[datetime], *more: datetime) -> list[datetime]:
    return [*deadlines, *sorted(set(more) - set(deadlines))]


def _last_in_time(row: Candidate) -> datetime | None:
    instants = map(_arrival, row.faults.values())
    return max((instant for instant in instants if instant < row.deadline_at), default=None)


def _arrival(fault: dict[str, str]) -> datetime:
    return datetime.fromisoformat(fault["arrived_at"])
