"""The officers' side: a candidate's pieces, and reviews with a reason.

A review names what was seen: `If-Match` with the ETag of the dossier (RFC 9110 §13.1.1), its `evidence_rev`.
"""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path
from starlette.responses import Response

from services.chassis.http import ArrivedAt, Officer
from services.chassis.openapi import a_file, problems
from services.documents.api.candidate import PieceId
from services.documents.api.resources import MEDIA_TYPES, Kept, Opened, download
from services.documents.api.shapes import OfficerDossierView, ReviewRequest
from services.documents.commands.review import review
from services.documents.domain.errors import Changed, Unknown
from services.documents.queries import dossier
from services.documents.refusals import problem_of, what_was_seen_is_missing, what_was_seen_is_unreadable
from services.documents.statements import sql

router = APIRouter(
    prefix="/api/documents/candidates/{candidate_id}",
    tags=["officer"],
    responses=problems(404, 409, 410),
)
Act = Annotated[Literal["acceptance", "refusal"], Path()]
_ETAG = re.compile(r'"([0-9]{1,9})"')


@router.get("")
async def show(
    ctx: Opened, who: Officer, candidate_id: UUID, arrived_at: ArrivedAt, response: Response
) -> OfficerDossierView:
    view, etag = await _view(ctx, candidate_id, arrived_at)
    response.headers["ETag"] = etag
    return view


@router.post("/pieces/{piece}/{act}")
async def decide(
    ctx: Opened,
    who: Officer,
    candidate_id: UUID,
    piece: PieceId,
    act: Act,
    body: ReviewRequest,
    arrived_at: ArrivedAt,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> OfficerDossierView:
    """Accept or refuse what is there for a piece, as it was seen."""
    try:
        await review(
            ctx,
            candidate_id,
            piece,
            act="accepted" if act == "acceptance" else "refused",
            reason=body.reason,
            actor=who.subject,
            seen=_seen(if_match),
        )
    except Changed as error:
        view, etag = await _view(ctx, candidate_id, arrived_at)
        problem = problem_of(error)
        problem.members["current"] = view.model_dump(mode="json")
        problem.headers["ETag"] = etag
        raise problem from None
    view, response.headers["ETag"] = await _view(ctx, candidate_id, arrived_at)
    return view


@router.get("/files/{file_id}/content", response_class=Response, responses=a_file(*MEDIA_TYPES))
async def content(ctx: Opened, kept: Kept, who: Officer, candidate_id: UUID, file_id: UUID) -> Response:
    async with ctx.database.connection() as conn:
        file = await sql.read_file(conn, candidate_id=candidate_id, file_id=file_id)
    if file is None:
        raise Unknown("file")
    return await download(kept, file["object_key"], file["media_type"], file["size_bytes"])


def _seen(if_match: str | None) -> int:
    """The `evidence_rev` named; `*` names nothing that was seen."""
    if if_match is None or if_match.strip() == "*":
        raise what_was_seen_is_missing()
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise what_was_seen_is_unreadable()
    return int(found[1])


async def _view(ctx: Opened, candidate_id: UUID, at: datetime) -> tuple[OfficerDossierView, str]:
    """The dossier and its ETag. The row is read first: what commits meanwhile makes the ETag too old."""
    async with ctx.database.connection() as conn:
        found = await dossier(conn, candidate_id)
        reviews = [record async for record in sql.read_reviews(conn, candidate_id=candidate_id)]
    return OfficerDossierView.with_reviews(found, at, reviews), f'"{found.candidate.evidence_rev}"'
