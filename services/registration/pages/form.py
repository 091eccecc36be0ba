"""« M'inscrire »: the list of steps, and the steps that are fields of the form.

Nothing here is a registration: every answer goes into the draft, until `form_saving` saves.
"""

import copy
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.context import Context
from services.chassis.http import ArrivedAt
from services.chassis.identity import Identity
from services.chassis.rendering import page
from services.chassis.site import visit
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other, speaking
from services.chassis.times import lasting
from services.registration.api.resources import Opened
from services.registration.domain.checks import Complaint, birth_complaints, name_complaints, spared
from services.registration.domain.eligibility import preparation, residence
from services.registration.domain.errors import Incorrect
from services.registration.domain.form import Address
from services.registration.domain.modalities import Preparation
from services.registration.domain.window import PARIS
from services.registration.domain.words import Words
from services.registration.pages.form_address import offering
from services.registration.pages.form_content import (
    SPECIALITY,
    Content,
    born_abroad,
    contradictions,
    get,
    lacks_relation,
    lives_abroad,
    without_relation,
)
from services.registration.pages.form_desk import Desk, keep_answers, open_desk
from services.registration.pages.form_fields import answered, refuse, showing
from services.registration.pages.form_places import (
    BIRTH,
    CHOSEN_BIRTH,
    CHOSEN_HOME,
    HOME,
    births,
    chosen_birth,
    home_complaints,
    homes,
    place_birth,
    place_home,
)
from services.registration.pages.form_route import Keeping
from services.registration.pages.form_steps import LIST, RECAP, STEPS, TABS, Step, after, before
from services.registration.pages.remaining import days_left
from services.registration.pages.room import PAGES, said, told
from services.registration.refusals import shut_because
from services.registration.settings import Settings

router = page_router("/inscription")
router.route_class = Keeping
LATER = "plus-tard"
SWITCHES = {"langue-en": "en", "langue-fr": "fr"}
"""The language changes on a page that has something typed on it: kept as for later, and shown again."""
SWITCH = "#langue"
"""The place of a page that has the button for it."""
FIELDS = tuple(step for step in STEPS if step.fields)
"""The steps of this file; the others have pages of their own."""


@router.get("")
async def steps(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> HTMLResponse:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    wanted = desk.steps
    return page(
        PAGES,
        "inscription/liste.html",
        nav="inscription",
        desk=desk,
        days=days_left(desk.row.closes_at, arrived_at),
        idle=lasting(ctx.settings.cookie_idle_seconds),
        longer_idle=lasting(ctx.settings.cookie_longer_idle_seconds),
        shut_because=None if desk.shut is None else shut_because(desk.shut),
        tabs={TABS[tab]: [(one, desk.state(one)) for one in wanted if one.tab == tab] for tab in TABS},
        first=next((one for one in wanted if desk.state(one) not in ("complete", "optional")), None),
    )


def _page_of(step: Step) -> None:
    """The routes of one step."""

    @router.get(f"/{step.slug}", name=f"{step.slug}: page")
    async def show(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
        desk = await open_desk(ctx, who.candidate_id, arrived_at)
        form = showing(desk.content, step.fields)
        if step.slug == "contact":
            form = await offering(ctx, who.candidate_id, form)
        return shown(request, desk, step, form)

    @router.post(f"/{step.slug}", name=f"{step.slug}: answer")
    async def answer(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
        return await _answer(request, ctx, who, arrived_at, step)


for _one in FIELDS:
    _page_of(_one)


async def _answer(
    request: Request, ctx: Context[Settings], who: Identity, arrived_at: datetime, step: Step
) -> Response:
    form = Form(await request.form())
    language = SWITCHES.get(form.value("action"))
    later = form.value("action") == LATER or language is not None
    desk = await open_desk(ctx, who.candidate_id, arrived_at)

    def amend(content: Content) -> None:
        chosen = get(content, SPECIALITY)
        answered(content, step.fields, form)
        if get(content, SPECIALITY) != chosen:
            without_relation(content)
        if step.slug == "naissance":
            place_birth(content, desk.settings.places)
        if step.slug == "adresse":
            place_home(content, desk.settings.places, form.value(CHOSEN_HOME))

    if not later and desk.shut is None:
        _look(desk, step, form, amend)
    if form.errors:
        return shown(request, desk, step, form)
    try:
        desk = await keep_answers(
            ctx, who.candidate_id, arrived_at, paths=step.about, seen=form.value("vu"), amend=amend
        )
    except Incorrect as refused:
        refuse(form, step.fields, refused.complaints)
        if not form.errors:
            raise
        return shown(request, desk, step, form)
    if language is not None:
        back = "?retour=recapitulatif" if form.value("retour") == "recapitulatif" else ""
        return speaking(see_other(step.address + back), language)
    if later and desk.draft is None:
        return see_other(LIST)
    if later:
        return see_other(LIST, told("Votre brouillon est gardé"), told("Il n’est pas enregistré."))
    return gone_on(desk, step, form)


def _look(desk: Desk, step: Step, form: Form, amend: Callable[[Content], None]) -> None:
    """Refuse what is missing or wrong in this step's fields; what other steps lack is theirs."""
    content = copy.deepcopy(desk.content)
    amend(content)
    found = desk.review(content)
    names = name_complaints(content.get("identification") or {})
    complaints = [*contradictions(content, desk.rules), *found.missing, *found.wrong, *names]
    if step.slug == "naissance":
        complaints += _young(content, desk)
    if step.slug == "adresse":
        complaints = [*home_complaints(content, desk.settings.places), *_before_commune(content, complaints)]
    refuse(form, step.fields, complaints)


def _before_commune(content: Content, found: list[Complaint]) -> list[Complaint]:
    """In France the commune is chosen on a page of its own."""
    if lives_abroad(content):
        town = Complaint("/identification/address/commune", "Écrivez la ville.")
        return found if get(content, HOME) else [town, *found]
    return [one for one in found if not one.pointer.endswith(("/commune", "/commune_code"))]


def _young(content: Content, desk: Desk) -> list[Complaint]:
    try:
        born = date.fromisoformat(str(get(content, "identification.birth_date")))
    except ValueError:
        return []
    return list(birth_complaints(born, desk.last_day))


def gone_on(desk: Desk, step: Step, form: Form) -> Response:
    """To the page that follows, or back to the summary one came from; said at once: what fails R7."""
    back = "?retour=recapitulatif" if form.value("retour") == "recapitulatif" else ""
    address = follow_up(desk, step)
    if address is None:
        address = RECAP if back else after(step, desk.steps)
    else:
        address += back
    warning = _not_met(desk, step)
    if warning is None:
        notice = _to_answer_anew(desk, step) or _unknown_birthplace(desk, step)
        return see_other(address) if notice is None else see_other(address, *notice, "information")
    return see_other(
        address,
        said(warning),
        told(
            "Si c’est une erreur, revenez à cette étape et corrigez. Sinon, continuez et enregistrez : sans "
            "vos pièces, votre candidature sera annulée ; avec elles, elle sera mise en attente, et un "
            "gestionnaire décidera."
        ),
        "information",
    )


def follow_up(desk: Desk, step: Step) -> str | None:
    """The page that an answer calls for, wherever one came from."""
    content = desk.content
    match step.slug:
        case "specialite" if lacks_relation(content):
            return f"{LIST}/experience"
        case "forme":
            return after(step, desk.steps)
        case "naissance" if born_abroad(content):
            return after(step, desk.steps)
        case "naissance" if get(content, "identification.birth_commune_code") is None:
            place = desk.settings.places.search(str(get(content, "identification.birth_commune")))
            return f"{LIST}/naissance/commune" if place else None
        case "adresse" if not lives_abroad(content) and not get(content, CHOSEN_HOME):
            return f"{LIST}/adresse/commune"
        case _:
            return None


def _to_answer_anew(desk: Desk, step: Step) -> tuple[str, str] | None:
    """After another speciality was chosen: what was said of each job was said of the speciality before."""
    if step.slug != "specialite" or not lacks_relation(desk.content):
        return None
    return (
        told("Vous avez choisi une autre spécialité"),
        told(
            "Vos périodes de travail sont gardées. Ouvrez chacune et dites si l’emploi a un rapport avec la "
            "nouvelle spécialité : vous ne pouvez pas enregistrer avant."
        ),
    )


def _unknown_birthplace(desk: Desk, step: Step) -> tuple[str, str] | None:
    """A commune of birth that is like no name in the list: a slip of the keys, or one that is no more."""
    if step.slug != "naissance" or born_abroad(desk.content) or get(desk.content, CHOSEN_BIRTH):
        return None
    if follow_up(desk, step) is not None:
        return None
    return (
        told("« %(name)s » n’est dans aucune liste de communes") % {"name": get(desk.content, BIRTH)},
        told(
            "Ce nom sera imprimé tel quel sur votre confirmation. Si c’est une faute, revenez à cette étape "
            "et corrigez. Sinon, continuez : certaines communes ont changé de nom."
        ),
    )


def _not_met(desk: Desk, step: Step) -> Words | None:
    """A condition of R7 that the answer does not meet, as a sentence."""
    try:
        if step.slug == "adresse" and get(desk.content, "identification.address.commune"):
            address = Address.model_validate(get(desk.content, "identification.address"))
            found = residence(address, desk.configuration.rules.eligibility)
        elif step.slug == "preparation":
            followed = Preparation.model_validate(get(desk.content, "modalities.preparation"))
            found = preparation(followed, desk.calendar.ends_at.astimezone(PARIS).date())
        else:
            return None
    except ValidationError:
        return None
    return None if found.met else found.said


def shown(request: Request, desk: Desk, step: Step, form: Form, **values: Any) -> Response:
    """The page of a step, refused or not. A closed window shows the list, which says so."""
    if desk.shut is not None and request.method == "GET":
        return see_other(LIST)
    if step not in desk.steps and request.method == "GET":
        return see_other(LIST)
    drafted = step in FIELDS and "action" not in values
    from_recap = "recapitulatif" in (request.query_params.get("retour"), form.value("retour"))
    wanted = desk.steps
    return page(
        PAGES,
        values.pop("template", f"inscription/etapes/{step.slug}.html"),
        422 if form.errors else 200,
        nav="inscription",
        back=values.pop("back", RECAP if from_recap else before(step, desk.steps)),
        form=form,
        desk=desk,
        step=step,
        drafted=drafted,
        switch=values.pop("switch", SWITCH if drafted else ""),
        action=values.pop("action", step.address),
        seen=form.value("vu") or desk.seen(values.pop("about", step.about)),
        retour="recapitulatif" if from_recap else "",
        number=wanted.index(step) + 1 if step in wanted else 0,
        total=len(wanted) + (get(desk.content, "modalities.route") is None),
        configuration=desk.configuration,
        commune=None if lives_abroad(desk.content) else get(desk.content, HOME),
        several_homes=len(homes(desk.content, desk.settings.places)) > 1,
        birthplace=chosen_birth(desk.content, desk.settings.places),
        several_births=len(births(desk.content, desk.settings.places)) > 1,
        spared=spared(desk.content.get("candidature"), desk.rules),
        countries=[(name, name) for name in desk.settings.places.countries],
        **values,
    )


def in_another_language(form: Form, show: Callable[[], Response]) -> Response | None:
    """Where an answer is kept whole or not at all: the page again as it was typed, if its reader asked for
    another language. Nothing is kept."""
    code = SWITCHES.get(form.value("action"))
    if code is None:
        return None
    visit.current().speak(code)
    return speaking(show(), code)
