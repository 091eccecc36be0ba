"""`/internal/sessions`: whose login the gateway turned away (decision 0012), told to who reads its log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.accounts.api.dependencies import Service
from services.accounts.queries import holders_of
from services.chassis.http import caller
from services.contracts.internal import SessionHolders

router = APIRouter(
    prefix="/internal/sessions",
    dependencies=[Depends(caller("documents", "registration"))],
    include_in_schema=False,
)


@router.get("/{beginning}/holders")
async def holders(
    beginning: Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")], accounts: Service
) -> SessionHolders:
    """The gateway writes down no more of a session than this. A wrong match holds somebody, no more."""
    async with accounts.database.connection() as conn:
        return SessionHolders(candidate_ids=tuple(await holders_of(conn, bytes.fromhex(beginning))))
