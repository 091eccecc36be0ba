"""What everybody reads without login: the home page, the notice, the help, how accessible the site is."""

from datetime import datetime

from starlette.responses import HTMLResponse

from services.chassis.http import ArrivedAt
from services.chassis.rendering import page
from services.chassis.site import language
from services.chassis.site.routing import page_router
from services.chassis.times import lasting
from services.contracts.events import Calendar
from services.registration.api.resources import Opened
from services.registration.domain.errors import Unknown
from services.registration.notice import notice, questions
from services.registration.pages.remaining import days_left
from services.registration.pages.room import PAGES, told
from services.registration.queries import current_session

router = page_router()


@router.get("/")
async def front(ctx: Opened, arrived_at: ArrivedAt) -> HTMLResponse:
    try:
        async with ctx.database.connection() as conn:
            calendar = await current_session(conn, arrived_at)
    except Unknown:
        calendar = None
    return page(
        PAGES,
        "accueil.html",
        nav="accueil",
        calendar=calendar,
        state=None if calendar is None else _state(calendar, arrived_at),
        rules=ctx.settings.configuration.rules,
        office=ctx.settings.configuration.office,
        now=arrived_at,
        days_left=days_left,
        activation="48 h" if calendar is None else lasting(calendar.activation_seconds),
    )


@router.get("/notice")
async def official_notice(ctx: Opened, arrived_at: ArrivedAt) -> HTMLResponse:
    async with ctx.database.connection() as conn:
        calendar = await current_session(conn, arrived_at)
    sections = notice(calendar, ctx.settings.configuration)
    return page(PAGES, "notice.html", nav="notice", calendar=calendar, sections=sections)


@router.get("/aide")
async def help_and_questions(ctx: Opened, arrived_at: ArrivedAt) -> HTMLResponse:
    async with ctx.database.connection() as conn:
        calendar = await current_session(conn, arrived_at)
    told_ones = questions(calendar, ctx.settings.configuration, told, language.current.get())
    return page(PAGES, "aide.html", nav="aide", questions=told_ones)


@router.get("/accessibilite")
async def accessibility(ctx: Opened) -> HTMLResponse:
    return page(PAGES, "accessibilite.html", office=ctx.settings.configuration.office)


def _state(calendar: Calendar, now: datetime) -> str:
    if now < calendar.opens_at:
        return "before"
    if now < calendar.closes_at:
        return "open"
    return "closed" if now < calendar.ends_at else "ended"
