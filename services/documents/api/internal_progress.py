"""For `registration`, which shows it in « Mon espace » (services/contracts/internal.py)."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.http import caller
from services.contracts.internal import Progress
from services.documents.api.resources import Opened
from services.documents.progress import progress

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("registration"))],
)


@router.get("/progress")
async def show(ctx: Opened, candidate_id: UUID) -> Progress:
    async with ctx.database.connection() as conn:
        return await progress(conn, candidate_id, await ctx.clock.now(conn))
