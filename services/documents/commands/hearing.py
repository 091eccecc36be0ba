"""What `registration` and `accounts` tell, applied inside the consumer's transaction."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection
from services.contracts.events import CandidatureEvent, SessionScheduled
from services.contracts.internal import Checklist, Standing
from services.documents.commands import rows
from services.documents.domain.candidate import Candidate, heard, standing
from services.documents.domain.errors import Erased
from services.documents.statements import sql


async def session_scheduled(conn: Connection, event: SessionScheduled) -> None:
    """Keep the newest calendar. A moved deadline reaches each row by its own DeadlineMoved."""
    await sql.store_calendar(
        conn,
        session_id=event.calendar.session_id,
        revision=event.revision,
        calendar=event.calendar.model_dump(mode="json"),
    )


async def account_known(conn: Connection, candidate_id: UUID, session_id: str) -> None:
    """A row from the account's first fact on, so that a life need not wait for one."""
    try:
        await rows.lock_or_create(conn, candidate_id, session_id)
    except Erased:
        return


async def account_deleted(conn: Connection, candidate_id: UUID) -> None:
    """Erase: the row with its pieces, files and reviews; the objects follow from their list."""
    await sql.serialise_missing(conn, candidate_id=candidate_id)
    await sql.lock_candidate(conn, candidate_id=candidate_id)
    await sql.doom_objects(conn, candidate_id=candidate_id)
    await sql.erase_candidate(conn, candidate_id=candidate_id)
    await sql.bury(conn, candidate_id=candidate_id)


async def candidature_changed(
    conn: Connection, event: CandidatureEvent, checklist: Checklist | None, now: datetime
) -> None:
    """Apply how the candidature stands and, if one was fetched, the checklist in force."""
    try:
        before = await rows.lock_or_create(conn, event.candidate_id, event.session_id)
    except Erased:
        return
    row = heard(before, event) or before
    if checklist is not None:
        row = await _checked_off(conn, row, checklist)
    await _take_heard(conn, before, row, now)


async def checklist_fetched(conn: Connection, checklist: Checklist, now: datetime) -> Candidate:
    """Apply a checklist that was asked for before its event has arrived.

    Raises:
        Erased.
    """
    before = await rows.lock_or_create(conn, checklist.candidate_id, checklist.session_id)
    return await _take_heard(conn, before, await _checked_off(conn, before, checklist), now)


async def standing_fetched(conn: Connection, found: Standing, now: datetime) -> Candidate:
    """Apply a standing that was asked for, and judge the files kept until the deadline was known.

    Raises:
        Erased.
    """
    before = await rows.lock_or_create(conn, found.candidate_id, found.session_id)
    row = standing(before, found.revision, found.stage, found.deadline_at) or before
    if row.to_judge_count:
        await sql.judge_files(conn, candidate_id=row.candidate_id, deadline_at=row.deadline_at)
        row = row.new_evidence()
    return await _take_heard(conn, before, row, now)


async def _take_heard(conn: Connection, before: Candidate, row: Candidate, now: datetime) -> Candidate:
    if row.evidence_rev != before.evidence_rev:
        return await rows.take(conn, before, row, now)
    return row if row == before else await rows.write(conn, row)


async def _checked_off(conn: Connection, row: Candidate, checklist: Checklist) -> Candidate:
    """Pieces no longer asked for keep their files but do not count; a new version's confirmation is due."""
    if checklist.revision <= row.checklist_revision:
        return row
    await sql.retire_pieces(conn, candidate_id=row.candidate_id)
    await sql.put_pieces(
        conn,
        candidate_id=row.candidate_id,
        pieces=[piece.piece for piece in checklist.pieces],
        titles=[piece.title for piece in checklist.pieces],
        reasons=[piece.reason for piece in checklist.pieces],
        confirmations=[piece.confirmation for piece in checklist.pieces],
    )
    return replace(
        row,
        checklist_revision=checklist.revision,
        registration_version=checklist.version,
        version_saved_at=checklist.saved_at,
    ).new_evidence()
