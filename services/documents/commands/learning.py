"""What an upload must know and may not know yet: asked of `registration` before anything is locked.

Where the event of a save has not arrived, the save was acknowledged all the same: the candidate may upload.
"""

import asyncio
import contextlib
from datetime import datetime
from uuid import UUID

import httpx

from services.chassis.context import Context
from services.chassis.failures import PartUnavailable
from services.chassis.peers import PeerGone, PeerNotFound, PeerRefused
from services.contracts.internal import Checklist, Standing
from services.documents.commands import rows
from services.documents.commands.hearing import checklist_fetched, standing_fetched
from services.documents.domain.candidate import Candidate
from services.documents.domain.errors import Decided, Erased, NotRegistered, TooLate, Unknown
from services.documents.domain.uploading import check_open
from services.documents.settings import Settings
from services.documents.statements import sql

_LOOK_SECONDS = 3


async def learn(ctx: Context[Settings], candidate_id: UUID, piece: str, arrived_at: datetime) -> bool:
    """Bring the row up to date where it would refuse. True: too late here, and the owner can't be asked.

    Raises:
        NotRegistered, Erased. httpx.HTTPError: a checklist is needed and `registration` is away.
        PartUnavailable: decided here, and the owner can't be asked; it may be open again there, and whoever
            is refused on an outdated word would leave no fault behind (ours 7).
    """
    async with ctx.database.connection() as conn:
        asked = await sql.read_piece(conn, candidate_id=candidate_id, piece=piece)
    if asked is None or not asked["due"]:
        await _learn_checklist(ctx, candidate_id)
    row = await _read(ctx, candidate_id)
    try:
        check_open(row, arrived_at)
    except TooLate:
        return not await _learn_standing(ctx, candidate_id)
    except Decided:
        if not await _learn_standing(ctx, candidate_id):
            raise PartUnavailable("registration") from None
    return False


async def refresh(ctx: Context[Settings], candidate_id: UUID) -> None:
    """Learn of a version just saved, for a look; what cannot be asked now is shown as last heard.

    Raises:
        Erased.
    """
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            found = await _ask_checklist(ctx, candidate_id)
        async with ctx.database.connection() as conn:
            row = await rows.read(conn, candidate_id)
        known = row.registration_version
    except (httpx.HTTPError, PartUnavailable, TimeoutError, NotRegistered):
        return
    except Unknown:
        known = 0
    if known < found.version:
        with contextlib.suppress(PartUnavailable):
            async with ctx.database.transaction() as conn:
                await checklist_fetched(conn, found, ctx.clock)


async def _read(ctx: Context[Settings], candidate_id: UUID) -> Candidate:
    async with ctx.database.connection() as conn:
        try:
            return await rows.read(conn, candidate_id)
        except Unknown:
            raise NotRegistered from None


async def _ask_checklist(ctx: Context[Settings], candidate_id: UUID) -> Checklist:
    try:
        return await ctx.peers.get("registration", f"candidates/{candidate_id}/checklist", Checklist)
    except PeerNotFound:
        raise NotRegistered from None
    except PeerGone:
        raise Erased from None


async def _learn_checklist(ctx: Context[Settings], candidate_id: UUID) -> None:
    found = await _ask_checklist(ctx, candidate_id)
    async with ctx.database.transaction() as conn:
        await checklist_fetched(conn, found, ctx.clock)


async def _learn_standing(ctx: Context[Settings], candidate_id: UUID) -> bool:
    """False: the owner could not be asked."""
    try:
        found = await ctx.peers.get("registration", f"candidates/{candidate_id}/standing", Standing)
    except (httpx.HTTPError, PeerRefused):
        return False
    except (PeerGone, PeerNotFound):
        raise Erased from None
    async with ctx.database.transaction() as conn:
        await standing_fetched(conn, found, ctx.clock)
    return True
