"""For `accounts`, when a person is erased: how much is kept of them."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.http import caller
from services.contracts.internal import Holdings
from services.registration.api.resources import Opened
from services.registration.statements import sql

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("accounts"))],
)


@router.get("/holdings")
async def holdings(ctx: Opened, candidate_id: UUID) -> Holdings:
    async with ctx.database.transaction() as conn:
        kept = dict(await sql.holdings(conn, candidate_id=candidate_id))
        return Holdings(buried=await sql.is_erased(conn, candidate_id=candidate_id), kept=kept)
