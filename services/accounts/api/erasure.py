"""`/api/accounts/candidates/{id}/erasure`: a person erased by the office. For the direction alone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.accounts.api.accounts import Body
from services.accounts.api.dependencies import Service
from services.accounts.commands.erase import Reason, erase_by_officer
from services.accounts.erasure import erasure_of
from services.accounts.service import Accounts
from services.chassis.http import direction
from services.chassis.identity import Identity
from services.chassis.openapi import problems

router = APIRouter(
    prefix="/api/accounts/candidates/{candidate_id}/erasure", tags=["officers"], responses=problems(404)
)


class ErasureAct(Body):
    """`reason`: one of a few, since an officer's own words could name the person."""

    reason: Reason


class HoldingsView(BaseModel):
    """What one service keeps of the person, in numbers. `confirmed`: nothing, and nothing can come back."""

    confirmed: bool
    kept: dict[str, int]


class ErasureView(BaseModel):
    """`services`: null for one that gives no answer now. `already`: it was erased before this call."""

    candidate_id: UUID
    erased_at: datetime | None
    reason: Reason | None
    actor: str | None
    already: bool = False
    complete: bool
    services: dict[str, HoldingsView | None]


_REFUSAL = "Seuls le chef de bureau et son adjoint effacent une personne. Rien n’a été effacé."
Direction = Annotated[Identity, Depends(direction(_REFUSAL))]
"""What nobody can undo is theirs."""


@router.get("")
async def show(candidate_id: UUID, accounts: Service, who: Direction) -> ErasureView:
    """What is kept of the person, service by service; after an erasure, what is still left."""
    return await _view(accounts, candidate_id)


@router.post("")
async def erase(candidate_id: UUID, body: ErasureAct, accounts: Service, who: Direction) -> ErasureView:
    """Erase the person, whatever became of the candidature; the other services follow within a minute or so.

    It cannot be undone. Once more changes nothing. A last mail says so; the address stays until it has left.
    """
    erased = await erase_by_officer(accounts, candidate_id, body.reason, who.subject)
    return await _view(accounts, candidate_id, already=not erased)


async def _view(accounts: Accounts, candidate_id: UUID, *, already: bool = False) -> ErasureView:
    found = await erasure_of(accounts, candidate_id)
    return ErasureView(
        candidate_id=candidate_id,
        erased_at=found.erased_at,
        reason=None if found.reason is None else Reason(found.reason),
        actor=found.actor,
        already=already,
        complete=found.complete,
        services={
            service: one and HoldingsView(confirmed=one.buried and not any(one.kept.values()), kept=one.kept)
            for service, one in found.services.items()
        },
    )
