"""`/api/registration/me/draft`: what was typed and is not saved, with what is missing and wrong in it."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import JsonValue
from starlette.responses import Response

from services.chassis.http import ArrivedAt, Candidate
from services.chassis.openapi import problems
from services.chassis.problems import FieldError, NotFound
from services.contracts.internal import DuePiece
from services.registration.api.candidate import Expected
from services.registration.api.resources import Opened
from services.registration.api.shapes import ConditionView, Shape
from services.registration.commands.draft import Draft, drop, keep, read_draft
from services.registration.domain.checks import Complaint
from services.registration.domain.drafting import TABS
from services.registration.domain.window import last_day
from services.registration.queries import session_of, standing_of
from services.registration.review import Outlook, Review, outlook, review

router = APIRouter(prefix="/api/registration/me/draft", tags=["candidate"], responses=problems(404, 409, 410))


class DraftView(Shape):
    """Never a registration: `saved` is false until the form itself is saved.

    `eligible`, `conditions` and `checklist` are what a save would say: none while it could not be saved.
    """

    saved: Literal[False] = False
    notice: str = "Brouillon — non enregistré. Tant que vous n’enregistrez pas, il ne compte pas."
    revision: int
    base_version: int
    outdated: bool
    updated_at: datetime
    content: dict[str, Any]
    states: dict[str, str]
    missing: tuple[FieldError, ...]
    wrong: tuple[FieldError, ...]
    eligible: bool | None
    conditions: tuple[ConditionView, ...]
    checklist: tuple[DuePiece, ...]

    @classmethod
    def of(cls, draft: Draft, found: Review, seen: Outlook | None, version: int) -> "DraftView":
        return cls(
            revision=draft.revision,
            base_version=draft.base_version,
            outdated=draft.base_version != version,
            updated_at=draft.updated_at,
            content=draft.content,
            states={tab: found.state(tab) for tab in TABS},
            missing=_told(found.missing),
            wrong=_told(found.wrong),
            eligible=None if seen is None else seen.eligibility.eligible,
            conditions=()
            if seen is None
            else tuple(ConditionView.of(one) for one in seen.eligibility.conditions),
            checklist=() if seen is None else seen.pieces,
        )


@router.get("")
async def read(ctx: Opened, who: Candidate, arrived_at: ArrivedAt, response: Response) -> DraftView:
    async with ctx.database.connection() as conn:
        await standing_of(conn, who.candidate_id, arrived_at)
        draft = await read_draft(conn, who.candidate_id)
    if draft is None:
        raise NotFound("aucun-brouillon", "Aucun brouillon n’est gardé pour ce compte.")
    return await _view(ctx, who, draft, arrived_at, response)


@router.put("")
async def write(
    ctx: Opened,
    who: Candidate,
    expected: Expected,
    content: dict[str, JsonValue],
    arrived_at: ArrivedAt,
    response: Response,
) -> DraftView:
    """Keep a part of the form, or all of it, as typed: over the revision named by `If-Match`, or a first
    draft with `If-None-Match: *`."""
    draft = await keep(ctx, who.candidate_id, content, arrived_at=arrived_at, expected_revision=expected)
    return await _view(ctx, who, draft, arrived_at, response)


@router.delete("", status_code=204)
async def delete(ctx: Opened, who: Candidate, expected: Expected) -> None:
    await drop(ctx, who.candidate_id, expected_revision=expected)


async def _view(
    ctx: Opened, who: Candidate, draft: Draft, arrived_at: datetime, response: Response
) -> DraftView:
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
        calendar = await session_of(conn, row.session_id)
    response.headers["ETag"] = f'"{draft.revision}"'
    configuration, day = ctx.settings.configuration, last_day(calendar.closes_at)
    found = review(draft.content, configuration, ctx.settings.places, day)
    seen = None if found.form is None else outlook(found.form, configuration.rules, calendar, day)
    return DraftView.of(draft, found, seen, row.version)


def _told(found: tuple[Complaint, ...]) -> tuple[FieldError, ...]:
    return tuple(FieldError(pointer=one.pointer, detail=one.detail) for one in found)
