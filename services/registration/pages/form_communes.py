"""Which commune: asked on a page of its own, without JavaScript; with it, beside the postcode."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.http import ArrivedAt
from services.chassis.rendering import page
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.registration.api.resources import Opened
from services.registration.domain import labels
from services.registration.domain.places import Commune
from services.registration.pages.form import SWITCH, gone_on, in_another_language, shown
from services.registration.pages.form_content import Content, get, put
from services.registration.pages.form_desk import Desk, keep_answers, open_desk
from services.registration.pages.form_places import (
    BIRTH,
    CHOSEN_BIRTH,
    CHOSEN_HOME,
    births,
    homes,
    place_home,
    together,
)
from services.registration.pages.form_route import Keeping
from services.registration.pages.form_steps import RECAP, Step, after, step_named
from services.registration.pages.room import PAGES, told

router = page_router("/inscription")
router.route_class = Keeping
_ANOTHER = "autre"


def _step(slug: str) -> Step:
    step = step_named(slug)
    assert step is not None
    return step


_HOME, _BIRTH = _step("adresse"), _step("naissance")


@router.get("/communes")
async def offered(
    ctx: Opened,
    _: CandidatePage,
    postcode: Annotated[str, Query(alias="identification.address.postcode", max_length=12)] = "",
) -> HTMLResponse:
    """Of a postcode as it is typed: a part of the page, for htmx. The answer is optional there."""
    found = ctx.settings.places.at(
        together(postcode), ctx.settings.configuration.rules.eligibility.departments
    )
    return page(PAGES, "inscription/communes.html", form=Form(), communes=_choices(found))


@router.get("/adresse/commune")
async def where(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if not _homes(desk):
        return see_other(_HOME.address)
    return _home(request, desk, Form({CHOSEN_HOME: get(desk.content, CHOSEN_HOME)}))


@router.post("/adresse/commune")
async def lives(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    form = Form(await request.form())
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if again := in_another_language(form, lambda: _home(request, desk, form)):
        return again
    chosen = form.value(CHOSEN_HOME)
    if chosen not in [one.code for one in _homes(desk)]:
        form.refuse(CHOSEN_HOME, told("Choisissez votre commune."))
        return _home(request, desk, form)

    def amend(content: Content) -> None:
        place_home(content, ctx.settings.places, chosen)

    desk = await keep_answers(
        ctx, who.candidate_id, arrived_at, paths=_HOME.about, seen=form.value("vu"), amend=amend
    )
    return gone_on(desk, _HOME, form)


def _homes(desk: Desk) -> tuple[Commune, ...]:
    return homes(desk.content, desk.settings.places, desk.configuration.rules.eligibility.departments)


def _home(request: Request, desk: Desk, form: Form) -> Response:
    return shown(
        request,
        desk,
        _HOME,
        form,
        template="inscription/etapes/commune.html",
        switch=SWITCH,
        action="/inscription/adresse/commune",
        back=_HOME.address,
        postcode=get(desk.content, "identification.address.postcode"),
        communes=_choices(_homes(desk)),
    )


@router.get("/naissance/commune")
async def which(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if not births(desk.content, ctx.settings.places):
        return see_other(_BIRTH.address)
    return _birth(request, desk, Form({CHOSEN_BIRTH: get(desk.content, CHOSEN_BIRTH)}))


@router.post("/naissance/commune")
async def born(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    form = Form(await request.form())
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if again := in_another_language(form, lambda: _birth(request, desk, form)):
        return again
    found = {one.code: one for one in births(desk.content, ctx.settings.places)}
    chosen = form.value(CHOSEN_BIRTH)
    if chosen != _ANOTHER and chosen not in found:
        form.refuse(CHOSEN_BIRTH, told("Choisissez votre commune de naissance."))
        return _birth(request, desk, form)

    def amend(content: Content) -> None:
        if chosen in found:
            put(content, BIRTH, found[chosen].name)
        put(content, CHOSEN_BIRTH, chosen if chosen in found else None)

    desk = await keep_answers(
        ctx, who.candidate_id, arrived_at, paths=_BIRTH.about, seen=form.value("vu"), amend=amend
    )
    return see_other(RECAP if form.value("retour") else after(_BIRTH, desk.steps))


def _birth(request: Request, desk: Desk, form: Form) -> Response:
    written = get(desk.content, BIRTH)
    return shown(
        request,
        desk,
        _BIRTH,
        form,
        template="inscription/etapes/commune_naissance.html",
        switch=SWITCH,
        action="/inscription/naissance/commune",
        back=_BIRTH.address,
        written=written,
        communes=[
            *_choices(births(desk.content, desk.settings.places)),
            (_ANOTHER, told("Aucune de celles-ci"), written),
        ],
    )


def _choices(found: tuple[Commune, ...]) -> list[tuple[str, str]]:
    return [(one.code, labels.commune(one.name, one.code)) for one in found]
