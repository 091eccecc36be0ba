"""The experience of R7: periods of work, each added, changed and taken off on a page of its own; the total is
counted as a save counts it."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.http import ArrivedAt, field_errors
from services.chassis.problems import NotFound
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.registration.api.resources import Opened
from services.registration.domain.checks import Complaint
from services.registration.domain.experience import Experience, reckon
from services.registration.domain.labels import period as told_period
from services.registration.domain.modalities import MAXIMUM_PERIODS, Period
from services.registration.domain.words import Words
from services.registration.pages.form import SWITCH, gone_on, in_another_language, shown
from services.registration.pages.form_content import PERIODS, SPECIALITY, Content, bare, get, put
from services.registration.pages.form_desk import Desk, keep_answers, open_desk, refuse_where_shut
from services.registration.pages.form_fields import YES, Day, Text, YesNo, answered, refuse, showing
from services.registration.pages.form_route import Keeping
from services.registration.pages.form_steps import step_named
from services.registration.pages.room import told

router = page_router("/inscription/experience")
router.route_class = Keeping
_LIST = "/inscription/experience"
_ABOUT = (PERIODS, SPECIALITY)
"""What a period's page asks about: another speciality chosen meanwhile makes its answer another's."""
_FIELDS = (
    Text("employer", "Écrivez le nom de l’employeur."),
    Text("job", "Écrivez l’emploi que vous occupiez."),
    Day("starts_on", "Écrivez la date de début."),
    Day("ends_on"),
    YesNo("qualified_level", "Dites si c’était un emploi d’ouvrier ou d’employé qualifié, ou plus."),
    YesNo("related_field", "Dites si l’emploi a un rapport avec la spécialité."),
)
_found = step_named("experience")
assert _found is not None
_STEP = _found
Number = Annotated[int, Path(ge=1, le=MAXIMUM_PERIODS)]


@router.get("")
async def listed(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    return _listing(request, desk, Form())


@router.post("")
async def go_on(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    form = Form(await request.form())
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    await refuse_where_shut(ctx, desk)
    entries = _periods(desk.content)
    if not entries:
        form.refuse("ajouter", told("Ajoutez au moins une période de travail."))
    for number, entry in enumerate(entries, start=1):
        if _period(entry) is None:
            form.refuse(f"periode-{number}", told("Complétez la période %(number)s.") % {"number": number})
    if form.errors:
        return _listing(request, desk, form)
    return gone_on(desk, _STEP, form)


@router.get("/nouvelle")
async def blank(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    return _one(request, desk, Form(), None)


@router.post("/nouvelle")
async def add(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    return await _written(request, ctx, who, arrived_at, None)


@router.get("/{number}")
async def one(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, number: Number
) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    entry = _entry(desk, number)
    form = showing(entry, _FIELDS)
    form.values = {**form.values, **({} if entry.get("ends_on") else {"still": YES})}
    return _one(request, desk, form, number)


@router.post("/{number}")
async def change(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, number: Number
) -> Response:
    return await _written(request, ctx, who, arrived_at, number)


@router.get("/{number}/retirer")
async def ask(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, number: Number
) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    return shown(
        request,
        desk,
        _STEP,
        Form(),
        template="inscription/retirer.html",
        action=f"{_LIST}/{number}/retirer",
        back=_LIST,
        words=told_period(_entry(desk, number)),
    )


@router.post("/{number}/retirer")
async def take_off(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, number: Number
) -> Response:
    form = Form(await request.form())

    def amend(content: Content) -> None:
        left = _periods(content)
        put(content, PERIODS, left[: number - 1] + left[number:])

    await keep_answers(ctx, who.candidate_id, arrived_at, paths=[PERIODS], seen=form.value("vu"), amend=amend)
    return see_other(_back(form), told("La période est retirée de votre brouillon"))


async def _written(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, number: int | None
) -> Response:
    form = Form(await request.form())
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if again := in_another_language(form, lambda: _one(request, desk, form, number)):
        return again
    entry: dict[str, Any] = {}
    answered(entry, _FIELDS, form)
    still = form.value("still") == YES
    complaints = _complaints(entry, desk)
    if still and entry.get("ends_on"):
        complaints.insert(
            0,
            Complaint(
                "/ends_on",
                "Vous donnez une date de fin et vous cochez que vous y travaillez encore : "
                "effacez la date, ou décochez.",
            ),
        )
    elif not still and not entry.get("ends_on"):
        complaints.append(
            Complaint("/ends_on", "Écrivez la date de fin, ou cochez que vous y travaillez encore.")
        )
    refuse(form, _FIELDS, complaints)
    if number is None and len(_periods(desk.content)) >= MAXIMUM_PERIODS:
        form.refuse("employer", told("Vous avez indiqué le plus grand nombre de périodes possible."))
    if form.errors and desk.shut is None:
        return _one(request, desk, form, number)

    def amend(content: Content) -> None:
        there = _periods(content)
        if number is None or number > len(there):
            there = [*there, entry]
        else:
            there[number - 1] = entry
        put(content, PERIODS, there)

    await keep_answers(ctx, who.candidate_id, arrived_at, paths=_ABOUT, seen=form.value("vu"), amend=amend)
    return see_other(_back(form))


def _complaints(entry: dict[str, Any], desk: Desk) -> list[Complaint]:
    try:
        period = Period.model_validate({"ends_on": None} | entry)
    except ValidationError as error:
        return [Complaint(one.pointer, one.detail) for one in field_errors(error.errors())]
    born = get(desk.content, "identification.birth_date")
    if isinstance(born, str) and period.starts_on.isoformat() <= born:
        return [Complaint("/starts_on", "Cette période commence avant votre naissance.")]
    return []


def _listing(request: Request, desk: Desk, form: Form) -> Response:
    entries = _periods(desk.content)
    found = _reckoned(entries, desk)
    return shown(
        request,
        desk,
        _STEP,
        form,
        template="inscription/experience.html",
        entries=[(told_period(entry), _note(entry, desk)) for entry in entries],
        found=found,
        years=desk.configuration.rules.eligibility.experience_years,
        whole=all(_period(entry) is not None for entry in entries),
        full=len(entries) >= MAXIMUM_PERIODS,
        speciality=get(desk.content, SPECIALITY),
    )


def _one(request: Request, desk: Desk, form: Form, number: int | None) -> Response:
    return shown(
        request,
        desk,
        _STEP,
        form,
        template="inscription/periode.html",
        switch=SWITCH,
        action=f"{_LIST}/{number or 'nouvelle'}",
        back=_LIST,
        about=_ABOUT,
        period=number,
        speciality=desk.title(str(get(desk.content, SPECIALITY) or "")),
    )


def _reckoned(entries: list[dict[str, Any]], desk: Desk) -> Experience:
    """Of the periods that can be read."""
    periods = [period for entry in entries if (period := _period(entry)) is not None]
    return reckon(periods, desk.configuration.rules.eligibility.experience_years, desk.last_day)


def _note(entry: dict[str, Any], desk: Desk) -> Words | None:
    period = _period(entry)
    if period is None and entry.get("related_field") is None:
        return Words(
            "À compléter : ouvrez cette période et dites si l’emploi a un rapport avec la spécialité."
        )
    if period is None:
        return Words("À corriger : ouvrez cette période.")
    return reckon([period], 1, desk.last_day).periods[0].why_not


def _period(entry: dict[str, Any]) -> Period | None:
    try:
        return Period.model_validate({"ends_on": None} | entry)
    except ValidationError:
        return None


def _periods(content: Content) -> list[dict[str, Any]]:
    found = get(content, PERIODS)
    return [bare(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _entry(desk: Desk, number: int) -> dict[str, Any]:
    entries = _periods(desk.content)
    if number > len(entries):
        raise NotFound("periode-inconnue", "Cette période n’existe pas, ou n’existe plus.")
    return entries[number - 1]


def _back(form: Form) -> str:
    return f"{_LIST}?retour=recapitulatif" if form.value("retour") else _LIST
