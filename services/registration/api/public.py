"""For everybody, without login: the session's dates, the specialities, the papers, the office (R11)."""

from fastapi import APIRouter

from services.chassis.http import ArrivedAt
from services.chassis.openapi import problems
from services.registration.api.resources import Opened
from services.registration.api.shapes import SessionView
from services.registration.domain.rules import Office, Paper, Speciality
from services.registration.queries import current_session

router = APIRouter(prefix="/api/registration", tags=["public"])


@router.get("/sessions/current", responses=problems(404))
async def session(ctx: Opened, arrived_at: ArrivedAt) -> SessionView:
    async with ctx.database.connection() as conn:
        return SessionView.of(await current_session(conn, arrived_at), arrived_at)


@router.get("/specialities")
async def specialities(ctx: Opened) -> tuple[Speciality, ...]:
    return ctx.settings.configuration.specialities


@router.get("/papers")
async def papers(ctx: Opened) -> tuple[Paper, ...]:
    """The papers for which a mark may be retained or an exemption held."""
    return ctx.settings.configuration.rules.papers


@router.get("/office")
async def office(ctx: Opened) -> Office:
    return ctx.settings.configuration.office
