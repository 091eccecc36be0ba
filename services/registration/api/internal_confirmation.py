"""For `notifications`: the confirmation that goes with the mail about a version."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from services.chassis.http import caller
from services.chassis.problems import NotFound
from services.registration.api.handout import sheet_of
from services.registration.api.resources import Opened
from services.registration.confirmation import render
from services.registration.queries import read_candidature

router = APIRouter(
    prefix="/internal/candidates",
    include_in_schema=False,
    dependencies=[Depends(caller("notifications"))],
)


@router.get("/{candidate_id}/versions/{version}/confirmation.pdf", response_class=Response)
async def confirmation(
    ctx: Opened, candidate_id: UUID, version: Annotated[int, Path(ge=1, le=999_999_999)]
) -> Response:
    """404 once a newer version is saved: a confirmation périmée is mailed to nobody."""
    async with ctx.database.connection() as conn:
        row = await read_candidature(conn, candidate_id)
        if row.version != version:
            raise NotFound("version-remplacee", "Cette version n’est pas celle en vigueur.")
        sheet = await sheet_of(conn, ctx.settings, row, version)
    pdf = await render(sheet, at_once=ctx.settings.pdf_at_once)
    return Response(pdf, media_type="application/pdf", headers={"Cache-Control": "no-store"})
