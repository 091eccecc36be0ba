"""The pieces' part of « Mon espace », for `registration`: what is missing, what happened, what comes."""

from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection
from services.contracts.internal import AwaitedPiece, DossierEvent, Progress
from services.documents.commands import rows
from services.documents.domain.candidate import GATEWAY
from services.documents.domain.life import next_step
from services.documents.queries import Dossier, PieceState, dossier
from services.documents.statements import read_seen, sql

_THERE = frozenset({PieceState.RECEIVED, PieceState.ACCEPTED})


async def progress(conn: Connection, candidate_id: UUID, now: datetime) -> Progress:
    """As it stands; `next` is what the workflow is told.

    Raises:
        Refused: Erased, Unknown.
    """
    found = await dossier(conn, candidate_id)
    row = found.candidate
    calendar = await rows.calendar_of(conn, row.session_id)
    seen = await read_seen(conn)
    return Progress(
        registration_version=row.registration_version,
        state=row.state,
        deadline_at=row.deadline_at,
        next=next_step(row, calendar, now, seen),
        awaited=awaited(found),
        events=await _events(conn, found),
    )


def awaited(found: Dossier) -> tuple[AwaitedPiece, ...]:
    """The pieces that are due and miss a file that counts, in the order of the checklist."""
    return tuple(
        AwaitedPiece(
            piece=piece.piece,
            title=piece.title,
            state=piece.state,
            confirmation=piece.confirmation,
            refusal=piece.refusal,
            lost=piece.missing_by_loss,
        )
        for piece in found.pieces
        if piece.due and piece.state not in _THERE
    )


async def _events(conn: Connection, found: Dossier) -> tuple[DossierEvent, ...]:
    """As they happened, with what was turned away and not made up for since."""
    happened = sql.what_happened(conn, candidate_id=found.candidate.candidate_id)
    events = [DossierEvent.model_validate(dict(record)) async for record in happened]
    titles = {piece.piece: piece.title for piece in found.pieces}
    events += [
        DossierEvent(at=fault["arrived_at"], act="turned_away", title=titles.get(fault["piece"], ""))
        for fault in found.candidate.faults.values()
        if fault.get("by") == GATEWAY
    ]
    return tuple(sorted(events, key=lambda event: event.at))
