"""What `registration`, `accounts` and `notifications` tell, applied inside the consumer's transaction."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.database import Connection
from services.contracts.events import CandidatureEvent, MailSent, ReachabilityChanged, SessionScheduled
from services.contracts.internal import Checklist, Standing
from services.documents.commands import rows
from services.documents.commands.judging import judge_files
from services.documents.domain.candidate import (
    Candidate,
    Release,
    checked_off,
    faults_named,
    heard,
    reached,
    standing,
    warned,
)
from services.documents.domain.errors import Erased, Unknown
from services.documents.statements import sql
from services.documents.turned_away.addresses import addresses


async def session_scheduled(conn: Connection, event: SessionScheduled) -> None:
    """Keep the newest calendar. A moved deadline reaches each row by its own DeadlineMoved.

    What else the rows copy from it follows; a verdict given by the old dates is to be given again. A form
    that was opened again to one candidate keeps its later end (decision 0014).
    """
    stored = await sql.store_calendar(
        conn,
        session_id=event.calendar.session_id,
        revision=event.revision,
        calendar=event.calendar.model_dump(mode="json"),
    )
    if stored != "INSERT 0 0":
        await sql.copy_calendar(
            conn,
            session_id=event.calendar.session_id,
            closes_at=event.calendar.closes_at,
            grace_seconds=event.calendar.grace_seconds,
            fault_window_seconds=event.calendar.fault_window_seconds,
        )


async def account_known(conn: Connection, candidate_id: UUID, session_id: str) -> None:
    """A row from the account's first fact on, so that a life need not wait for one."""
    try:
        await rows.lock_or_create(conn, candidate_id, session_id)
    except Erased:
        return


async def account_deleted(conn: Connection, candidate_id: UUID) -> None:
    """Erase: the row with its pieces, files and reviews; all objects under its id follow."""
    await sql.serialise_missing(conn, candidate_id=candidate_id)
    await sql.lock_candidate(conn, candidate_id=candidate_id)
    await sql.doom_objects(conn, candidate_id=candidate_id)
    await sql.erase_candidate(conn, candidate_id=candidate_id)
    await sql.forget_reachability(conn, candidate_id=candidate_id)
    await sql.bury(conn, candidate_id=candidate_id)


async def reachability_changed(conn: Connection, event: ReachabilityChanged, clock: Clock) -> None:
    """Whether the candidate can be thought warned; kept where nothing of the candidate is known here yet."""
    await sql.serialise_missing(conn, candidate_id=event.candidate_id)
    try:
        before = await rows.lock(conn, event.candidate_id)
    except Erased:
        return
    except Unknown:
        before = None
    unreachable = await sql.hear_reachability(
        conn,
        candidate_id=event.candidate_id,
        revision=event.revision,
        unreachable=event.state == "unreachable",
    )
    if before is not None and unreachable is not None:
        await _take_heard(conn, before, reached(before, unreachable=unreachable), clock)


async def mail_sent(conn: Connection, event: MailSent, clock: Clock) -> None:
    """That a reminder was taken in time. It was decided on the candidate's row, so there is one."""
    if event.warned_of is not None:
        await reminders_taken(conn, event.candidate_id, [event.warned_of], clock)


async def reminders_taken(
    conn: Connection, candidate_id: UUID, deadlines: Iterable[datetime], clock: Clock
) -> None:
    """Of which deadlines the candidate was warned; nothing where there is no row."""
    try:
        before = await rows.lock(conn, candidate_id)
    except (Erased, Unknown):
        return
    await _take_heard(conn, before, warned(before, deadlines), clock)


async def candidature_changed(
    conn: Connection, event: CandidatureEvent, checklist: Checklist | None, clock: Clock
) -> None:
    """Apply how the candidature stands and, if one was fetched, the checklist in force."""
    try:
        before = await rows.lock_or_create(conn, event.candidate_id, event.session_id)
    except Erased:
        return
    row = heard(before, event) or before
    told = row.registration_revision != before.registration_revision
    if checklist is not None:
        row = await _checked_off(conn, row, checklist)
    row = await _judged(conn, before, row, told=told)
    await _take_heard(conn, before, row, clock)


async def checklist_fetched(conn: Connection, checklist: Checklist, clock: Clock) -> Candidate:
    """Apply a checklist that was asked for before its event has arrived.

    Raises:
        Erased.
    """
    before = await rows.lock_or_create(conn, checklist.candidate_id, checklist.session_id)
    return await _take_heard(conn, before, await _checked_off(conn, before, checklist), clock)


async def standing_fetched(conn: Connection, found: Standing, clock: Clock) -> Candidate:
    """Apply a standing that was asked for, and judge by it the files that wait for the deadline in force.

    Raises:
        Erased.
    """
    before = await rows.lock_or_create(conn, found.candidate_id, found.session_id)
    release = Release(found.releases, found.released_at, found.settle_now)
    told = standing(before, found.revision, found.stage, found.deadline_at, release, found.closes_at)
    row = told or before
    row = await _judged(conn, before, row, told=found.revision >= before.registration_revision)
    return await _take_heard(conn, before, row, clock)


async def _judged(conn: Connection, before: Candidate, row: Candidate, *, told: bool) -> Candidate:
    """Judge by the deadline in force what arrived after the one known then.

    What waits is judged once the owner has told its deadline; what came too late is judged again when the
    deadline is moved later.
    """
    if row.deadline_at == before.deadline_at and not (told and row.to_judge_count):
        return row
    return await judge_files(conn, row)


async def _take_heard(conn: Connection, before: Candidate, row: Candidate, clock: Clock) -> Candidate:
    if row.evidence_rev != before.evidence_rev:
        return await rows.take(conn, before, row, clock)
    return row if row == before else await rows.write(conn, row)


async def _checked_off(conn: Connection, row: Candidate, checklist: Checklist) -> Candidate:
    """Pieces no longer asked for keep their files but do not count; a new version's confirmation is due."""
    changed = checked_off(row, checklist.revision, checklist.version, checklist.saved_at, checklist.closes_at)
    if changed is None:
        return row
    await sql.put_version(
        conn,
        candidate_id=row.candidate_id,
        version=checklist.version,
        saved_at=checklist.saved_at,
        portfolio=checklist.portfolio,
    )
    await sql.retire_pieces(conn, candidate_id=row.candidate_id)
    await sql.put_pieces(
        conn,
        candidate_id=row.candidate_id,
        pieces=[piece.piece for piece in checklist.pieces],
        titles=[piece.title for piece in checklist.pieces],
        reasons=[piece.reason for piece in checklist.pieces],
        examples=[piece.example for piece in checklist.pieces],
        confirmations=[piece.confirmation for piece in checklist.pieces],
    )
    return faults_named(changed, addresses(piece.piece for piece in checklist.pieces))
