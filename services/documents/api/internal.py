"""For sister services (services/contracts/internal.py)."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.http import caller
from services.contracts.internal import MissingPieces, Refusal
from services.documents.api.resources import Opened
from services.documents.commands import rows
from services.documents.domain.errors import Unknown
from services.documents.queries import missing_titles
from services.documents.statements import sql

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("notifications"))],
)


@router.get("/missing-pieces")
async def missing_pieces(ctx: Opened, candidate_id: UUID) -> MissingPieces:
    async with ctx.database.connection() as conn:
        row = await rows.read(conn, candidate_id)
        titles = await missing_titles(conn, row)
    return MissingPieces(registration_version=row.registration_version, titles=tuple(titles))


@router.get("/reviews/{review_id}")
async def refusal(ctx: Opened, candidate_id: UUID, review_id: UUID) -> Refusal:
    async with ctx.database.connection() as conn:
        await rows.read(conn, candidate_id)
        found = await sql.read_review(conn, candidate_id=candidate_id, review_id=review_id)
    if found is None or found["act"] != "refused":
        raise Unknown("review")
    return Refusal(title=found["title"], reason=found["reason"], deadline_at=found["deadline_at"])
