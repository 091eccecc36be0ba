"""The candidate's own pieces: `/api/documents/me…`."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response

from services.chassis.http import ArrivedAt, Candidate
from services.chassis.openapi import a_file, problems
from services.documents.api.resources import MEDIA_TYPES, SENT_TYPES, Kept, Opened, Receives, download
from services.documents.api.shapes import DossierView, FileView
from services.documents.commands.remove import remove
from services.documents.domain.errors import Unknown
from services.documents.printing import list_file
from services.documents.queries import dossier, is_expired
from services.documents.statements import sql

UPLOAD_PATHS = ("/api/documents/me/pieces/",)
router = APIRouter(prefix="/api/documents/me", tags=["candidate"], responses=problems(404, 409, 410))
PieceId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,40}$")]


@router.get("")
async def checklist(ctx: Opened, who: Candidate, arrived_at: ArrivedAt) -> DossierView:
    async with ctx.database.connection() as conn:
        try:
            return DossierView.of(await dossier(conn, who.candidate_id), arrived_at)
        except Unknown:
            return DossierView(
                candidate_id=who.candidate_id,
                registration_version=0,
                complete=False,
                missing_count=0,
                deadline_at=None,
                closed="decided",
                kept="decided",
                pieces=[],
            )


@router.post(
    "/pieces/{piece}/files",
    status_code=201,
    response_model=FileView,
    responses={
        200: {"description": "Le même contenu était déjà déposé : rien n’a changé.", "model": FileView},
        **problems(408, 413, 415, 422, 429),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SENT_TYPES}
            | {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                        },
                    }
                }
            },
        }
    },
)
async def upload(
    request: Request,
    ctx: Opened,
    receiver: Receives,
    who: Candidate,
    piece: PieceId,
    arrived_at: ArrivedAt,
    name: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Add a file to a piece; the body is the file, or a form with `file`. Nothing is replaced.

    Several `file` of one form become one PDF, in their order.
    """
    stored = await receiver.receive(request, who.candidate_id, piece, name, arrived_at)
    view = await _view(ctx, stored.file)
    return JSONResponse(view.model_dump(mode="json"), 201 if stored.created else 200)


@router.delete("/files/{file_id}", status_code=204)
async def take_back(ctx: Opened, who: Candidate, file_id: UUID, arrived_at: ArrivedAt) -> None:
    await remove(ctx, who.candidate_id, file_id, arrived_at)


@router.post("/files/{file_id}/restoration")
async def restore(
    ctx: Opened, receiver: Receives, who: Candidate, file_id: UUID, arrived_at: ArrivedAt
) -> FileView:
    """Put back a file that was taken back. One that is there already stays as it is."""
    return await _view(ctx, await receiver.put_back(who.candidate_id, file_id, arrived_at))


@router.get("/checklist.pdf", response_class=Response, responses=a_file("application/pdf"))
async def printed(ctx: Opened, who: Candidate, arrived_at: ArrivedAt) -> Response:
    """The list of pieces to print, with their states; tagged PDF/UA."""
    return await list_file(ctx, who.candidate_id, arrived_at)


@router.get("/files/{file_id}/content", response_class=Response, responses=a_file(*MEDIA_TYPES))
async def content(ctx: Opened, kept: Kept, who: Candidate, file_id: UUID) -> Response:
    async with ctx.database.connection() as conn:
        file = await sql.read_file(conn, candidate_id=who.candidate_id, file_id=file_id)
    if file is None:
        raise Unknown("file")
    return await download(kept, file["object_key"], file["media_type"], file["size_bytes"])


async def _view(ctx: Opened, file: asyncpg.Record) -> FileView:
    async with ctx.database.connection() as conn:
        return FileView.of(file, expired=await is_expired(conn, file))
