"""The officers' side: a candidate's pieces, and reviews with a reason."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.responses import Response

from services.chassis.http import Officer
from services.documents.api.candidate import PieceId
from services.documents.api.resources import Kept, Opened, download
from services.documents.api.shapes import OfficerDossierView, ReviewRequest
from services.documents.commands.review import review
from services.documents.domain.errors import Unknown
from services.documents.queries import dossier
from services.documents.statements import sql

router = APIRouter(prefix="/api/documents/candidates/{candidate_id}", tags=["officer"])
Act = Annotated[Literal["acceptance", "refusal"], Path()]


@router.get("")
async def show(ctx: Opened, who: Officer, candidate_id: UUID) -> OfficerDossierView:
    return await _view(ctx, candidate_id)


@router.post("/pieces/{piece}/{act}")
async def decide(
    ctx: Opened, who: Officer, candidate_id: UUID, piece: PieceId, act: Act, body: ReviewRequest
) -> OfficerDossierView:
    """Accept or refuse what is there for a piece."""
    await review(
        ctx,
        candidate_id,
        piece,
        act="accepted" if act == "acceptance" else "refused",
        reason=body.reason,
        actor=who.subject,
    )
    return await _view(ctx, candidate_id)


@router.get("/files/{file_id}/content", response_class=Response)
async def content(ctx: Opened, kept: Kept, who: Officer, candidate_id: UUID, file_id: UUID) -> Response:
    async with ctx.database.connection() as conn:
        file = await sql.read_file(conn, candidate_id=candidate_id, file_id=file_id)
    if file is None:
        raise Unknown("file")
    return await download(kept, file["object_key"], file["media_type"], file["size_bytes"])


async def _view(ctx: Opened, candidate_id: UUID) -> OfficerDossierView:
    async with ctx.database.connection() as conn:
        found = await dossier(conn, candidate_id)
        reviews = [record async for record in sql.read_reviews(conn, candidate_id=candidate_id)]
    return OfficerDossierView.with_reviews(found, reviews)
