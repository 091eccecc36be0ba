"""A whole session, for its officers: outages and the pausing of verdicts. Acts are the direction's alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.chassis.http import Officer, direction
from services.chassis.identity import Identity
from services.documents.api.resources import Opened
from services.documents.api.session_shapes import (
    ActRequest,
    OutageKeptView,
    OutageRequest,
    SessionView,
)
from services.documents.commands.outages import declare
from services.documents.commands.pausing import pause_settling
from services.documents.queries import session_state

SessionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
router = APIRouter(prefix="/api/documents/sessions/{session_id}", tags=["officer"])


_REFUSAL = "Seuls le chef de bureau et son adjoint agissent sur une session entière. Rien n’a été modifié."
Direction = Annotated[Identity, Depends(direction(_REFUSAL))]


@router.get("")
async def show(ctx: Opened, who: Officer, session_id: SessionId) -> SessionView:
    """Outages, pauses and their journal; how many verdicts are due and how many are withheld."""
    return await _view(ctx, session_id)


@router.post("/outages", status_code=201)
async def declare_outage(
    ctx: Opened, who: Direction, session_id: SessionId, body: OutageRequest
) -> OutageKeptView:
    """Keep an outage: whoever is incomplete and whose deadline came in it or soon after is held."""
    kept = await declare(ctx, session_id, body.from_at, body.to_at, reason=body.reason, actor=who.subject)
    return OutageKeptView(
        touched=kept.touched, already_cancelled=kept.cancelled, session=await _view(ctx, session_id)
    )


@router.post("/settling/pause")
async def pause(ctx: Opened, who: Direction, session_id: SessionId, body: ActRequest) -> SessionView:
    """No verdict is given from here on."""
    await pause_settling(ctx, session_id, paused=True, reason=body.reason, actor=who.subject)
    return await _view(ctx, session_id)


@router.post("/settling/resume")
async def resume(ctx: Opened, who: Direction, session_id: SessionId, body: ActRequest) -> SessionView:
    """Verdicts are given again, those withheld within the hour."""
    await pause_settling(ctx, session_id, paused=False, reason=body.reason, actor=who.subject)
    return await _view(ctx, session_id)


async def _view(ctx: Opened, session_id: str) -> SessionView:
    async with ctx.database.connection() as conn:
        return SessionView.of(await session_state(conn, session_id, await ctx.clock.now(conn)))
