"""For sister services: the checklist and the standing (services/contracts/internal.py)."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.chassis.database import Connection
from services.chassis.http import caller
from services.chassis.problems import NotFound
from services.contracts.internal import Checklist, ConfirmationMarks, Standing
from services.contracts.stages import Stage
from services.registration.api.handout import sheet_of
from services.registration.api.resources import Opened
from services.registration.confirmation import blanks
from services.registration.domain.candidature import Candidature
from services.registration.marks import marks
from services.registration.queries import read_candidature, read_codes, read_version, session_of
from services.registration.review import judged
from services.registration.wording import outcome_of

router = APIRouter(
    prefix="/internal/candidates",
    include_in_schema=False,
    dependencies=[Depends(caller("documents", "notifications"))],
)


@router.get("/{candidate_id}/checklist")
async def checklist(
    ctx: Opened, candidate_id: UUID, version: Annotated[int | None, Query(ge=1)] = None
) -> Checklist:
    async with ctx.database.transaction() as conn:
        row = await read_candidature(conn, candidate_id)
        if row.version == 0:
            raise _nothing_saved()
        stored = await read_version(conn, candidate_id, version or row.version)
    return Checklist(
        candidate_id=candidate_id,
        session_id=row.session_id,
        version=stored.version,
        revision=row.revision,
        saved_at=stored.arrived_at,
        confirmation_code=stored.code,
        pieces=stored.checklist,
        portfolio=row.portfolio,
        closes_at=row.closes_at,
    )


@router.get("/{candidate_id}/confirmation-marks")
async def confirmation_marks(ctx: Opened, candidate_id: UUID) -> ConfirmationMarks:
    """Of the page as it was printed to be signed, though the candidature may be cancelled since."""
    async with ctx.database.transaction() as conn:
        row = await read_candidature(conn, candidate_id)
        if row.version == 0:
            raise _nothing_saved()
        codes = await read_codes(conn, candidate_id)
        sheet = await sheet_of(conn, ctx.settings, row, row.version)
    blank = await blanks(replace(sheet, stage=Stage.REGISTERED), at_once=ctx.settings.pdf_at_once)
    return marks(candidate_id, row.version, codes, blank)


@router.get("/{candidate_id}/standing")
async def standing(ctx: Opened, candidate_id: UUID) -> Standing:
    async with ctx.database.connection() as conn:
        row = await read_candidature(conn, candidate_id)
        unmet = await _unmet(ctx, conn, row)
    return Standing(
        candidate_id=candidate_id,
        session_id=row.session_id,
        revision=row.revision,
        stage=row.stage,
        registration_version=row.version,
        closes_at=row.closes_at,
        deadline_at=row.deadline_at,
        hold_cause=row.hold_cause,
        reason=outcome_of(row),
        unmet=unmet,
        portfolio=None if row.portfolio is None else str(row.portfolio),
        releases=row.releases,
        released_at=row.released_at,
        settle_now=row.settle_now,
        appeal_months=ctx.settings.configuration.rules.appeal.months,
    )


async def _unmet(ctx: Opened, conn: Connection, row: Candidature) -> tuple[str, ...]:
    """The conditions of R7 for which an officer will be asked, in French."""
    if row.version == 0 or row.may_be_confirmed():
        return ()
    version = await read_version(conn, row.candidate_id, row.version)
    calendar = await session_of(conn, row.session_id)
    conditions = judged(version, ctx.settings.configuration.rules, calendar)
    return tuple(str(one.said) for one in conditions if not one.met)


def _nothing_saved() -> NotFound:
    return NotFound("rien-enregistre", "Aucune pré-inscription n’est enregistrée pour ce compte.")
