"""An officer's review of a piece, with its reason. A review is not needed for a piece to count (ours 5)."""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from services.chassis.context import Context
from services.chassis.database import Connection
from services.contracts.events import DocumentAccepted, DocumentRejected
from services.documents.commands import rows
from services.documents.commands.judging import count_in_time
from services.documents.domain.candidate import Candidate, given_own_deadline
from services.documents.domain.errors import Changed, NotAsked, NothingThere, SessionOver
from services.documents.domain.refusal import own_deadline
from services.documents.settings import Settings
from services.documents.statements import sql


async def review(
    ctx: Context[Settings],
    candidate_id: UUID,
    piece: str,
    *,
    act: Literal["accepted", "refused"],
    reason: str,
    actor: str,
    seen: int,
) -> None:
    """Accept or refuse what is there, as it was seen. A late refusal gives a deadline with the same commit.

    Accepting a piece that has only refused files takes the refusal back.

    Args:
        seen: the `evidence_rev` that the officer looked at; nothing unseen is accepted or refused.

    Raises:
        Refused: NotAsked, NothingThere, Changed, SessionOver, Erased, Unknown.
    """
    async with ctx.database.transaction() as conn:
        await sql.share_outages(conn)
        before = await rows.lock(conn, candidate_id)
        now = await ctx.clock.now(conn)
        asked = await sql.read_piece(conn, candidate_id=candidate_id, piece=piece)
        if asked is None:
            raise NotAsked
        if seen != before.evidence_rev:
            raise Changed
        review_id = uuid4()
        there = {"candidate_id": candidate_id, "piece": piece}
        if act == "accepted":
            marked = await sql.accept_files(conn, **there)
        else:
            marked = await sql.refuse_files(conn, **there, review_id=review_id)
        if marked == "UPDATE 0":
            raise NothingThere
        row, deadline_at = before.new_evidence(), None
        if act == "refused" and asked["due"]:
            deadline_at = own_deadline(now, before.deadline_at)
        if deadline_at is not None:
            await _check_within_session(conn, row.session_id, deadline_at)
            row = await count_in_time(conn, given_own_deadline(row, deadline_at))
        await sql.add_review(
            conn,
            review_id=review_id,
            candidate_id=candidate_id,
            piece=piece,
            act=act,
            reason=reason,
            actor=actor,
            at=now,
            deadline_at=deadline_at,
        )

        def told(row: Candidate) -> DocumentAccepted | DocumentRejected:
            if act == "accepted":
                return rows.fact(DocumentAccepted, row, review_id=review_id)
            return rows.fact(DocumentRejected, row, review_id=review_id, deadline_at=deadline_at)

        await rows.take(conn, before, row, ctx.clock, told)


async def _check_within_session(conn: Connection, session_id: str, deadline_at: datetime) -> None:
    """A deadline at which nobody can log in any more would only cancel."""
    ends_at = (await rows.calendar_of(conn, session_id)).ends_at
    if deadline_at > ends_at:
        raise SessionOver(ends_at, deadline_at)
