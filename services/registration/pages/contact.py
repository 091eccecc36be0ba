"""« Nous contacter »: the whole office, known to everybody without login; one's own officer first (R11)."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import HTMLResponse

from services.chassis.http import ArrivedAt
from services.chassis.rendering import page
from services.chassis.site import visit
from services.chassis.site.form import Form
from services.chassis.site.routing import page_router
from services.registration.api.resources import Opened
from services.registration.domain.errors import Erased, Unknown
from services.registration.domain.rules import Person
from services.registration.pages.room import PAGES
from services.registration.queries import standing_of

router = page_router()


@router.get("/contact")
async def contact(
    request: Request,
    ctx: Opened,
    arrived_at: ArrivedAt,
    specialite: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    configuration = ctx.settings.configuration
    speciality = configuration.speciality(specialite)
    return page(
        PAGES,
        "contact.html",
        nav="contact",
        office=configuration.office,
        mine=await _mine(request, ctx, arrived_at),
        search=Form({"specialite": specialite}),
        speciality=speciality,
        asked=configuration.person_about("speciality", specialite) if speciality else None,
        specialities=[(one.id, one.title) for one in configuration.listed],
        about_general=configuration.person_about("general"),
        about_sport=configuration.person_about("sport"),
    )


async def _mine(request: Request, ctx: Opened, arrived_at: ArrivedAt) -> Person | None:
    """Who answers for the candidate who looks, once something is saved."""
    if not visit.current().is_candidate:
        return None
    try:
        async with ctx.database.connection() as conn:
            row = await standing_of(conn, request.state.identity.candidate_id, arrived_at)
    except (Erased, Unknown):
        return None
    return ctx.settings.configuration.office.person_for(row.portfolio) if row.version else None
