"""The candidate's own registration: `/api/registration/me…`."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.responses import Response

from services.chassis.database import Connection
from services.chassis.http import ArrivedAt, Candidate
from services.chassis.openapi import a_file, problems
from services.registration.api.handout import confirmation_file
from services.registration.api.resources import Opened
from services.registration.api.shapes import CandidatureView, PiecesView, VersionView, WithdrawalRequest
from services.registration.commands import save as commands
from services.registration.commands.withdraw import withdraw
from services.registration.domain.candidature import Candidature
from services.registration.domain.errors import NothingSaved
from services.registration.domain.form import Form
from services.registration.guidance import next_of
from services.registration.overview import next_step
from services.registration.queries import read_version, session_of, standing_of
from services.registration.refusals import precondition_missing, precondition_unreadable
from services.registration.review import judged

router = APIRouter(prefix="/api/registration/me", tags=["candidate"], responses=problems(404, 409, 410))
_ETAG = re.compile(r'"([0-9]{1,9})"')


def expected_version(
    if_match: Annotated[str | None, Header()] = None, if_none_match: Annotated[str | None, Header()] = None
) -> int:
    """The version that the candidate has seen; 0: none (RFC 9110 §13.1)."""
    if if_match is not None:
        found = _ETAG.fullmatch(if_match.strip())
        if found is None:
            raise precondition_unreadable()
        return int(found[1])
    if if_none_match is None:
        raise precondition_missing()
    if if_none_match.strip() != "*":
        raise precondition_unreadable()
    return 0


Expected = Annotated[int, Depends(expected_version)]
Number = Annotated[int, Path(ge=1, le=999_999_999)]


@router.get("")
async def standing(ctx: Opened, who: Candidate, arrived_at: ArrivedAt) -> CandidatureView:
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
    return CandidatureView.of(row, arrived_at, await next_step(ctx, row, arrived_at))


@router.put("/form")
async def save(
    ctx: Opened,
    who: Candidate,
    expected: Expected,
    form: Form,
    arrived_at: ArrivedAt,
    response: Response,
    draft: Annotated[int | None, Query(ge=1, le=999_999_999)] = None,
) -> VersionView:
    """Save the form over the version named by `If-Match`; 201 for the first version.

    `draft`: the revision of the draft it was made of, which goes with the save.
    """
    saved = await commands.save(
        ctx,
        who.candidate_id,
        form,
        arrived_at=arrived_at,
        expected_version=expected,
        draft_revision=draft,
    )
    number = saved.version.version
    response.headers["ETag"] = f'"{number}"'
    if saved.created and number == 1:
        response.status_code = 201
    return VersionView.of(saved.version, number, saved.conditions)


@router.get("/form")
async def latest(ctx: Opened, who: Candidate, arrived_at: ArrivedAt, response: Response) -> VersionView:
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
        if row.version == 0:
            raise NothingSaved
        response.headers["ETag"] = f'"{row.version}"'
        return await _version(ctx, conn, row, row.version)


@router.get("/versions/{number}")
async def one_version(ctx: Opened, who: Candidate, number: Number, arrived_at: ArrivedAt) -> VersionView:
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
        return await _version(ctx, conn, row, number)


async def _version(ctx: Opened, conn: Connection, row: Candidature, number: int) -> VersionView:
    version = await read_version(conn, row.candidate_id, number)
    calendar = await session_of(conn, row.session_id)
    return VersionView.of(version, row.version, judged(version, ctx.settings.configuration.rules, calendar))


@router.get("/checklist")
async def checklist(ctx: Opened, who: Candidate, arrived_at: ArrivedAt) -> PiecesView:
    """The pieces the last version asks for, each with its reason."""
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
        if row.version == 0:
            raise NothingSaved
        version = await read_version(conn, who.candidate_id, row.version)
    return PiecesView(version=version.version, pieces=version.checklist)


@router.get("/confirmation.pdf", response_class=Response, responses=a_file("application/pdf"))
async def confirmation(
    ctx: Opened,
    who: Candidate,
    arrived_at: ArrivedAt,
    version: Annotated[int | None, Query(ge=1, le=999_999_999)] = None,
) -> Response:
    """The registration confirmation to print, check, date and sign; an older version's is marked périmée."""
    return await confirmation_file(ctx, who.candidate_id, arrived_at, version)


@router.post("/withdrawal")
async def give_up(
    ctx: Opened, who: Candidate, arrived_at: ArrivedAt, body: WithdrawalRequest | None = None
) -> CandidatureView:
    """Give the candidature up; saving again undoes it until the window closes."""
    reason = None if body is None else body.reason
    row = await withdraw(ctx, who.candidate_id, reason)
    step = next_of(row, arrived_at, appeal_months=ctx.settings.configuration.rules.appeal.months)
    return CandidatureView.of(row, arrived_at, step)
