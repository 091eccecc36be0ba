"""For `accounts`, when a person asks for their data: pieces, reviews, and the files as links."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.http import caller
from services.contracts.internal import Export
from services.documents.api.resources import Opened
from services.documents.commands import rows
from services.documents.statements import sql

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("accounts"))],
)


@router.get("/export")
async def export(ctx: Opened, candidate_id: UUID) -> Export:
    async with ctx.database.transaction() as conn:
        await rows.read(conn, candidate_id)
        kept = await sql.export(conn, candidate_id=candidate_id)
    site = ctx.settings.public_url.rstrip("/")
    for file in kept["files"]:
        if file["state"] != "removed":
            file["link"] = f"{site}/api/documents/me/files/{file['file_id']}/content"
    return Export(kept=kept)
