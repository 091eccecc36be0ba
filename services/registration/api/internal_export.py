"""For `accounts`, when a person asks for their data: the form's versions, the draft, the journal."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.http import caller
from services.contracts.internal import Export
from services.registration.api.resources import Opened
from services.registration.queries import read_candidature
from services.registration.statements import sql

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("accounts"))],
)


@router.get("/export")
async def export(ctx: Opened, candidate_id: UUID) -> Export:
    async with ctx.database.transaction() as conn:
        await read_candidature(conn, candidate_id)
        return Export(kept=await sql.export(conn, candidate_id=candidate_id))
