"""One piece: what is there, sending files, taking one back, putting it back.

Sending is the API's upload, judged by arrival: the form's token is in its address, so that the attempt is
written before the body is read.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.http import ArrivedAt
from services.chassis.problems import Problem
from services.chassis.rendering import page
from services.chassis.site import language
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.documents.api.candidate import PieceId
from services.documents.api.resources import Kept, Opened, Receives, download
from services.documents.commands.remove import remove
from services.documents.domain.errors import Erased, NotAsked, NotRegistered, Refused, TooLate, Unknown
from services.documents.domain.uploading import FILES_PER_SEND, LARGEST_FILE_BYTES
from services.documents.pages.room import PAGES, Look, look, told
from services.documents.refusals import on_a_page, problem_of
from services.documents.statements import sql

PAGE_UPLOAD_PATHS = ("/documents/envoi/",)
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/jpeg,image/png,image/heic,image/heif"
Act = Literal["sent", "removed", "back"]
_NOT_DONE: dict[Act, str] = {
    "sent": "Ce dépôt n’est pas pris en compte",
    "removed": "Le fichier n’a pas été retiré",
    "back": "Le fichier n’a pas été remis",
}
_ELSEWHERE = (Erased, NotAsked, NotRegistered, Unknown)
router: APIRouter = page_router("/documents")


@router.get("/{piece}")
async def one(ctx: Opened, who: CandidatePage, piece: PieceId, arrived_at: ArrivedAt) -> Response:
    return await _shown(ctx, who, piece, arrived_at)


@router.post("/envoi/{piece}")
async def send(
    request: Request,
    ctx: Opened,
    receiver: Receives,
    who: CandidatePage,
    piece: PieceId,
    arrived_at: ArrivedAt,
) -> Response:
    """Add what was chosen to the piece: one file, or several joined into one."""
    try:
        stored = await receiver.receive(request, who.candidate_id, piece, "", arrived_at)
    except (Refused, Problem) as error:
        return await _refused(ctx, who, piece, arrived_at, error, "sent")
    name = stored.file["name"]
    received, text = told("Nous avons reçu « %(name)s »", name=name), ""
    if not stored.created:
        received = told("« %(name)s » était déjà déposé", name=name)
        text = told("Rien n’a changé : le même contenu est déjà là.")
    elif stored.file["state"] == "to_judge":
        text = told("Nous vérifions qu’il est arrivé à temps. Vous n’avez rien d’autre à faire.")
    return see_other(f"/documents/{piece}", received, text)


@router.get("/envoi/{piece}")
async def back_from_sending(piece: PieceId) -> Response:
    """The address of a page that said why a file was refused, asked for anew."""
    return see_other(f"/documents/{piece}")


@router.get("/{piece}/{file_id:uuid}")
async def content(ctx: Opened, kept: Kept, who: CandidatePage, piece: PieceId, file_id: UUID) -> Response:
    async with ctx.database.connection() as conn:
        file = await sql.read_file(conn, candidate_id=who.candidate_id, file_id=file_id)
    if file is None:
        raise Unknown("file")
    return await download(kept, file["object_key"], file["media_type"], file["size_bytes"])


@router.post("/{piece}/{file_id:uuid}/retrait")
async def take_back(
    ctx: Opened, who: CandidatePage, piece: PieceId, file_id: UUID, arrived_at: ArrivedAt
) -> Response:
    try:
        await remove(ctx, who.candidate_id, file_id, arrived_at)
    except Refused as error:
        return await _refused(ctx, who, piece, arrived_at, error, "removed")
    return await _taken_back(ctx, who, piece, arrived_at)


@router.post("/{piece}/{file_id:uuid}/remise")
async def restore(
    ctx: Opened, receiver: Receives, who: CandidatePage, piece: PieceId, file_id: UUID, arrived_at: ArrivedAt
) -> Response:
    try:
        await receiver.put_back(who.candidate_id, file_id, arrived_at)
    except Refused as error:
        return await _refused(ctx, who, piece, arrived_at, error, "back")
    return see_other(f"/documents/{piece}", told("Le fichier est remis"))


@router.get("/{piece}/{file_id:uuid}/{act}")
async def back_from_an_act(piece: PieceId, file_id: UUID, act: Literal["retrait", "remise"]) -> Response:
    return see_other(f"/documents/{piece}")


async def _taken_back(ctx: Opened, who: CandidatePage, piece: str, arrived_at: ArrivedAt) -> Response:
    """To what is left of the piece. What is no longer asked for cannot be put back."""
    done = told("Le fichier est retiré")
    try:
        left = (await _look(ctx, who, arrived_at)).piece(piece)
    except NotAsked:
        return see_other("/documents", done)
    text = "Vous pouvez le remettre, plus bas sur cette page, jusqu’à la date limite."
    return see_other(f"/documents/{piece}", done, told(text) if left.due else "")


@dataclass(frozen=True)
class NotDone:
    """What the piece's page says of an act that was refused for good: there is nothing to correct.

    late: by when it arrived; `sentence` then is not shown.
    """

    act: Act
    heading: str
    sentence: str
    late: TooLate | None


async def _refused(
    ctx: Opened, who: CandidatePage, piece: str, arrived_at: ArrivedAt, error: Refused | Problem, act: Act
) -> Response:
    """The piece's page with the reason; a problem page where there is no such page."""
    if isinstance(error, _ELSEWHERE):
        raise error
    problem = problem_of(error) if isinstance(error, Refused) else error
    sentence = (
        on_a_page(error, told, language.current.get()) if isinstance(error, Refused) else told(error.detail)
    )
    late = error if isinstance(error, TooLate) else None
    not_done = NotDone(act, told(_NOT_DONE[act]), sentence, late)
    response = await _shown(ctx, who, piece, arrived_at, not_done, problem.status)
    response.headers.update(problem.headers)
    return response


async def _shown(
    ctx: Opened,
    who: CandidatePage,
    piece: str,
    arrived_at: ArrivedAt,
    not_done: NotDone | None = None,
    status: int = 200,
) -> HTMLResponse:
    """An upload that may be sent again, corrected, is told at the form's field; else there is no form."""
    found = await _look(ctx, who, arrived_at)
    wanted = found.piece(piece)
    has_form = wanted.due and not found.closed and wanted.room > 0
    form = Form()
    if not_done and not_done.act == "sent" and not not_done.late and has_form:
        form.refuse("file", not_done.sentence)
        not_done = None
    return page(
        PAGES,
        "piece.html",
        status,
        nav="documents",
        back="/documents",
        form=form,
        not_done=not_done,
        found=found,
        piece=wanted,
        accepted=ACCEPTED,
        at_once=FILES_PER_SEND,
        largest=LARGEST_FILE_BYTES >> 20,
    )


async def _look(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Look:
    """As `look`, of somebody who has saved.

    Raises:
        NotRegistered, Erased.
    """
    found = await look(ctx, who.candidate_id, arrived_at)
    if found is None:
        raise NotRegistered
    return found
