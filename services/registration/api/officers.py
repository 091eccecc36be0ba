"""The officers' acts, each with its reason, and what they look at."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.http import ArrivedAt, Officer, direction
from services.chassis.identity import Identity
from services.chassis.openapi import problems
from services.registration.api.officer_shapes import (
    Act,
    DeadlineAct,
    FormOpeningAct,
    MissingVerdictView,
    MovedView,
    OfficerView,
    ReinstatementAct,
    ReleaseAct,
    UnheededHoldView,
    UnheededSaveView,
)
from services.registration.api.preconditions import Seen, tag
from services.registration.api.resources import Opened
from services.registration.api.shapes import SessionView
from services.registration.commands import acts, sessions
from services.registration.commands.acts import By
from services.registration.domain.candidature import Candidature
from services.registration.guidance import next_of
from services.registration.queries import (
    missing_verdicts,
    read_candidature,
    read_journal,
    revised_session,
    unheeded_holds,
    unheeded_saves,
)

router = APIRouter(prefix="/api/registration", tags=["officers"], responses=problems(404, 409, 410))


_REFUSAL = "Seuls le chef de bureau et son adjoint déplacent l’échéance d’une session. Rien n’a été modifié."
Direction = Annotated[Identity, Depends(direction(_REFUSAL))]


@router.get("/candidatures/{candidate_id}")
async def candidature(ctx: Opened, who: Officer, candidate_id: UUID, response: Response) -> OfficerView:
    """Its `ETag` goes with each act as `If-Match`: 428 without it, 412 when the candidature has changed."""
    async with ctx.database.connection() as conn:
        return await _view(ctx, await read_candidature(conn, candidate_id), response)


@router.post("/candidatures/{candidate_id}/hold")
async def hold(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: Act, response: Response
) -> OfficerView:
    return await _view(ctx, await acts.hold(ctx, candidate_id, _by(who, act, seen)), response)


@router.post("/candidatures/{candidate_id}/release")
async def release(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: ReleaseAct, response: Response
) -> OfficerView:
    """Where the deadline has passed or is near: with a new one or `settle_now`, else 422."""
    by = _by(who, act, seen)
    row = await acts.release(ctx, candidate_id, by, act.deadline_at, settle_now=act.settle_now)
    return await _view(ctx, row, response)


@router.post("/candidatures/{candidate_id}/cancellation")
async def cancel(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: Act, response: Response
) -> OfficerView:
    return await _view(ctx, await acts.cancel(ctx, candidate_id, _by(who, act, seen)), response)


@router.post("/candidatures/{candidate_id}/upholding")
async def uphold(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: Act, response: Response
) -> OfficerView:
    """What is in one of the two lists of the unheeded stands as it is. The candidate reads the reason."""
    return await _view(ctx, await acts.uphold(ctx, candidate_id, _by(who, act, seen)), response)


@router.post("/candidatures/{candidate_id}/reinstatement")
async def reinstate(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: ReinstatementAct, response: Response
) -> OfficerView:
    row = await acts.reinstate(ctx, candidate_id, _by(who, act, seen), act.deadline_at)
    return await _view(ctx, row, response)


@router.post("/candidatures/{candidate_id}/form-opening")
async def open_form(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: FormOpeningAct, response: Response
) -> OfficerView:
    """To one candidate of whom the window's end found nothing saved."""
    by = _by(who, act, seen)
    return await _view(
        ctx, await acts.open_form(ctx, candidate_id, by, act.closes_at, act.deadline_at), response
    )


@router.post("/candidatures/{candidate_id}/deadline")
async def move_deadline(
    ctx: Opened, who: Officer, seen: Seen, candidate_id: UUID, act: DeadlineAct, response: Response
) -> OfficerView:
    row = await acts.move_deadline(ctx, candidate_id, _by(who, act, seen), act.deadline_at)
    return await _view(ctx, row, response)


@router.get("/sessions/{session_id}/deadline")
async def session_deadline(
    ctx: Opened, who: Officer, session_id: str, arrived_at: ArrivedAt, response: Response
) -> SessionView:
    """The session's dates; the `ETag` goes with a move as `If-Match`."""
    async with ctx.database.connection() as conn:
        calendar, revision = await revised_session(conn, session_id)
    response.headers.update(tag(str(revision)))
    return SessionView.of(calendar, arrived_at)


@router.post("/sessions/{session_id}/deadline")
async def move_session_deadline(
    ctx: Opened,
    who: Direction,
    seen: Seen,
    session_id: str,
    act: DeadlineAct,
    arrived_at: ArrivedAt,
    response: Response,
) -> MovedView:
    """Every candidate of the session at once; nobody's own longer deadline is shortened."""
    moved = await sessions.move_deadline(ctx, session_id, _by(who, act, seen), act.deadline_at)
    response.headers.update(tag(str(moved.revision)))
    return MovedView(
        session=SessionView.of(moved.calendar, arrived_at),
        touched=moved.touched,
        reinstated=moved.reinstated,
        released=moved.released,
    )


@router.get("/missing-verdicts")
async def verdicts_missing(ctx: Opened, who: Officer) -> tuple[MissingVerdictView, ...]:
    """Candidatures whose deadline passed long enough ago and that no verdict has settled."""
    wait = timedelta(seconds=ctx.settings.missing_verdict_seconds)
    async with ctx.database.connection() as conn:
        found = await missing_verdicts(conn, await ctx.clock.now(conn), wait)
    return tuple(
        MissingVerdictView(
            candidate_id=one.candidate_id,
            session_id=one.session_id,
            stage=one.stage,
            version=one.version,
            deadline_at=one.deadline_at,
            verdict_evidence_rev=one.verdict_evidence_rev,
            open_dead_letters=one.open_dead_letters,
        )
        for one in found
    )


@router.get("/unheeded-holds")
async def holds_unheeded(ctx: Opened, who: Officer) -> tuple[UnheededHoldView, ...]:
    """Cancelled by a verdict, and a later one would have held: each to reinstate or to uphold."""
    async with ctx.database.connection() as conn:
        found = await unheeded_holds(conn)
    return tuple(
        UnheededHoldView(
            candidate_id=row.candidate_id,
            session_id=row.session_id,
            portfolio=row.portfolio,
            version=row.version,
            deadline_at=row.deadline_at,
            cancelled_at=row.decided_at,
            verdict_evidence_rev=row.verdict_evidence_rev,
        )
        for row in found
    )


@router.get("/unheeded-saves")
async def saves_unheeded(ctx: Opened, who: Officer) -> tuple[UnheededSaveView, ...]:
    """Nothing is in force, and a save was turned away or could not end in time: open the form again or
    reinstate, or uphold."""
    async with ctx.database.connection() as conn:
        found = await unheeded_saves(conn)
    return tuple(
        UnheededSaveView(
            candidate_id=row.candidate_id,
            session_id=row.session_id,
            stage=row.stage,
            closes_at=row.closes_at,
            save_fault_at=row.save_fault_at,
            decided_at=row.decided_at,
        )
        for row in found
        if row.save_fault_at is not None
    )


def _by(who: Identity, act: Act, seen: str) -> By:
    return By(officer=who.subject, reason=act.reason, seen=seen)


async def _view(ctx: Opened, row: Candidature, response: Response) -> OfficerView:
    response.headers.update(tag(row.seen))
    async with ctx.database.connection() as conn:
        now = await ctx.clock.now(conn)
        step = next_of(row, now, appeal_months=ctx.settings.configuration.rules.appeal.months)
        return OfficerView.of(row, now, step, await read_journal(conn, row.candidate_id))
