"""The list of pieces to print: typst, tagged PDF/UA-1, drawn at each request from what is known then (R4)."""

import asyncio
import functools
import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import typst
from starlette.responses import Response

from services.chassis.context import Context
from services.chassis.office import Office, load_office
from services.chassis.times import paris_limit, paris_minute
from services.contracts.stages import Stage
from services.documents.commands import rows
from services.documents.domain.errors import NotRegistered
from services.documents.domain.uploading import LARGEST_FILE_BYTES, why_closed
from services.documents.queries import Dossier, PieceState, dossier
from services.documents.settings import Settings
from services.documents.wording import state_words

_TEMPLATE = Path(__file__).parent / "templates" / "liste.typ"


async def list_file(ctx: Context[Settings], candidate_id: UUID, at: datetime) -> Response:
    """The list as a download, for the API and the pages alike.

    Raises:
        Refused: NotRegistered, Erased, Unknown.
    """
    async with ctx.database.connection() as conn:
        found = await dossier(conn, candidate_id)
        if found.candidate.registration_version == 0:
            raise NotRegistered
        calendar = await rows.calendar_of(conn, found.candidate.session_id)
    office = load_office(ctx.settings.office_file)
    async with _places():
        pdf = await asyncio.to_thread(draw, found, calendar.label, office, at)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "Content-Disposition": 'attachment; filename="liste-des-pieces.pdf"',
            "Cache-Control": "no-store",
        },
    )


def draw(found: Dossier, session: str, office: Office, at: datetime) -> bytes:
    """The PDF. What it says of a candidate is no more than the version's number."""
    row = found.candidate
    closed = why_closed(row, at)
    data = {
        "session": session,
        "version": row.registration_version,
        "deadline": paris_limit(row.deadline_at),
        "closed": closed is not None,
        "late": closed == "late",
        "cancelled": row.stage is Stage.CANCELLED,
        "largest": LARGEST_FILE_BYTES >> 20,
        "at": paris_minute(at),
        "pieces": [
            {
                "title": piece.title,
                "reason": piece.reason,
                "example": piece.example,
                "state": state_words(piece, closed=closed is not None),
                "lost": piece.missing_by_loss,
                "there": piece.state in (PieceState.RECEIVED, PieceState.ACCEPTED),
            }
            for piece in found.pieces
            if piece.due
        ],
        "office": {
            "name": office.name,
            "line": f"{office.division}, {office.academy}",
            "contact": f"{office.email}, {office.phone}",
        },
    }
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
        timestamp=at.replace(microsecond=0),
    )


@functools.cache
def _fonts() -> typst.Fonts:
    """Those of the typst wheel alone, so every machine draws the same."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@functools.cache
def _places() -> asyncio.Semaphore:
    return asyncio.Semaphore(2)
