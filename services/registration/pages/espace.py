"""« Mon espace »: where one stands, what to do by when, what happened; the versions saved; and giving up."""

from datetime import datetime
from typing import Literal

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.http import ArrivedAt, field_errors
from services.chassis.rendering import page
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.contracts.internal import AwaitedPiece
from services.registration.api.handout import confirmation_file
from services.registration.api.resources import Opened
from services.registration.api.shapes import WithdrawalRequest
from services.registration.commands.withdraw import withdraw
from services.registration.domain.saving import WITHDRAWABLE
from services.registration.guidance import deadline, window_limit
from services.registration.history import history
from services.registration.overview import Overview, overview
from services.registration.pages.remaining import days_left
from services.registration.pages.room import PAGES, french, told
from services.registration.queries import read_versions, standing_of
from services.registration.wording import headline, outcome_sentence

router = page_router("/mon-espace")


@router.get("")
async def mine(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> HTMLResponse:
    found = await overview(ctx, who.candidate_id, arrived_at)
    row, by = found.row, found.next.by
    lacking = _lacking(found, arrived_at)
    return page(
        PAGES,
        "espace.html",
        nav="espace",
        found=found,
        headline=headline(row, found.progress if found.pieces_known else None),
        outcome=outcome_sentence(row),
        days=None if by is None else days_left(by, arrived_at),
        closes_at=window_limit(row, arrived_at),
        failed=[one.said for one in found.conditions if not one.met] if row.doubtful else [],
        may_withdraw=row.stage in WITHDRAWABLE,
        lacking=lacking,
        awaited=_awaited(found) if lacking else [],
    )


def _lacking(found: Overview, now: datetime) -> Literal["now", "then"] | None:
    """Whether what is missing may still be handed in, or was missing at the deadline."""
    if not found.row.in_force and found.row.cancelled_by != "verdict":
        return None
    awaited = () if found.progress is None else found.progress.awaited
    lost = found.row.in_force and any(piece.lost for piece in awaited)  # it was there at the deadline
    return "now" if lost or now < deadline(found.row, found.progress) else "then"


def _awaited(found: Overview) -> list[AwaitedPiece]:
    """What misses. For the cancelled who can add nothing, without what we lost: that cancels nobody."""
    if found.progress is None or not found.pieces_known:
        return []
    lost_too = found.row.in_force or found.next.doing == "documents"
    return [piece for piece in found.progress.awaited if lost_too or not piece.lost]


@router.get("/confirmation.pdf")
async def confirmation(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    """That of the version in force: older ones are périmées, and not handed out."""
    return await confirmation_file(ctx, who.candidate_id, arrived_at)


@router.get("/versions")
async def versions(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> HTMLResponse:
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
        found = await read_versions(conn, who.candidate_id)
    return page(
        PAGES,
        "versions.html",
        nav="espace",
        back="/mon-espace",
        row=row,
        headline=headline(row, None),
        past=history(found, ctx.settings.configuration, french),
    )


@router.get("/retrait")
async def ask(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> HTMLResponse:
    return await _withdrawal(ctx, who, arrived_at, Form())


@router.post("/retrait")
async def give_up(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    form = Form(await request.form())
    try:
        asked = WithdrawalRequest(reason=form.value("reason") or None)
    except ValidationError as error:
        form = Form.refused(form.values, field_errors(error.errors()))
        return await _withdrawal(ctx, who, arrived_at, form)
    if form.value("sure") != "oui":
        form.refuse("sure", told("Cochez cette case si vous voulez vraiment retirer votre candidature."))
        return await _withdrawal(ctx, who, arrived_at, form)
    await withdraw(ctx, who.candidate_id, asked.reason)
    return see_other("/mon-espace", told("Votre candidature est retirée"))


async def _withdrawal(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, form: Form) -> HTMLResponse:
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
    return page(
        PAGES,
        "retrait.html",
        422 if form.errors else 200,
        nav="espace",
        back="/mon-espace",
        form=form,
        row=row,
        closes_at=window_limit(row, arrived_at),
        possible=row.stage in WITHDRAWABLE,
        headline=headline(row, None),
    )
