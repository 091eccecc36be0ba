"""What need not be sat again (R9): the papers one by one, each none, a retained mark or an exemption."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.http import ArrivedAt, field_errors
from services.chassis.problems import NotFound
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.registration.api.resources import Opened
from services.registration.domain.checks import Complaint, acquis_complaints
from services.registration.domain.form import Acquis
from services.registration.domain.labels import kept as told_kept
from services.registration.domain.rules import Paper
from services.registration.domain.words import Words
from services.registration.pages.form import SWITCH, gone_on, in_another_language, shown
from services.registration.pages.form_content import Content, bare, get, put
from services.registration.pages.form_desk import Desk, keep_answers, open_desk, refuse_where_shut
from services.registration.pages.form_fields import Field, Mark, Number, Text, answered, refuse, showing
from services.registration.pages.form_route import Keeping
from services.registration.pages.form_steps import step_named
from services.registration.pages.room import told

router = page_router("/inscription/acquis")
router.route_class = Keeping
_PATH = "candidature.acquis"
_LIST = "/inscription/acquis"
_ONE: TypeAdapter[Acquis] = TypeAdapter(Acquis)
NONE, MARK, EXEMPTION = "aucun", "note", "dispense"
_KIND = Text("kind", "Choisissez une réponse.")
_FIELDS: dict[str, tuple[Field, ...]] = {
    NONE: (_KIND,),
    MARK: (
        _KIND,
        Mark("mark", "Écrivez la note sur 20, par exemple 12,5."),
        Number("year", "Écrivez l’année en quatre chiffres."),
    ),
    EXEMPTION: (_KIND, Text("title", "Écrivez le diplôme ou le titre que vous avez.")),
}
_found = step_named("acquis")
assert _found is not None
_STEP = _found


@router.get("")
async def papers(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    return shown(
        request,
        desk,
        _STEP,
        Form(),
        template="inscription/acquis.html",
        papers=[(paper, _kept(_entry(desk.content, paper))) for paper in desk.configuration.rules.papers],
    )


@router.post("")
async def go_on(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    await refuse_where_shut(ctx, desk)
    return gone_on(desk, _STEP, Form(await request.form()))


@router.get("/{name}")
async def one(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, name: str
) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    paper = _paper(desk, name)
    entry = _entry(desk.content, paper) or {"kind": NONE}
    fields = {field.path: field for kind in _FIELDS.values() for field in kind}
    return _page(request, desk, showing(entry, tuple(fields.values())), paper)


@router.post("/{name}")
async def answer(
    request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt, name: str
) -> Response:
    form = Form(await request.form())
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    paper = _paper(desk, name)
    if again := in_another_language(form, lambda: _page(request, desk, form, paper)):
        return again
    kind = form.value("kind")
    fields = _FIELDS.get(kind, _FIELDS[NONE])
    entry: dict[str, Any] = {"paper": paper.id}
    answered(entry, fields, form)
    refuse(form, fields, [] if kind == NONE else _complaints(entry, desk))
    if kind == NONE and _claims(form, _entry(desk.content, paper)):
        form.refuse(
            "kind",
            told(
                "Vous avez écrit une note ou un diplôme : choisissez « Oui… », ou videz ces cases si vous "
                "passez l’épreuve."
            ),
        )
    if kind not in _FIELDS:
        form.refuse("kind", told("Choisissez une réponse."))
    if form.errors and desk.shut is None:
        return _page(request, desk, form, paper)

    def amend(content: Content) -> None:
        there = [one for one in _entries(content) if one.get("paper") != paper.id]
        there += [] if kind == NONE else [entry]
        order = [known.id for known in desk.configuration.rules.papers]
        put(content, _PATH, sorted(there, key=lambda one: _place(order, one)))

    await keep_answers(ctx, who.candidate_id, arrived_at, paths=[_PATH], seen=form.value("vu"), amend=amend)
    back = f"{_LIST}?retour=recapitulatif" if form.value("retour") else _LIST
    if kind == NONE or paper.spares is None:
        return see_other(back)
    return see_other(
        back,
        told("Vous ne repassez pas cette épreuve"),
        told("Le formulaire ne vous demande plus rien pour elle."),
    )


def _claims(form: Form, kept: dict[str, Any] | None) -> bool:
    """Whether a mark or a title was typed. What the page had itself put there is not typed: who now says no
    gives it up."""
    fields = {field.path: field for kind in _FIELDS.values() for field in kind if field is not _KIND}
    there = showing(kept or {}, tuple(fields.values()))
    return any(form.value(path).strip() not in ("", there.value(path)) for path in fields)


def _kept(entry: dict[str, Any] | None) -> Words:
    return Words("aucun") if entry is None else told_kept(entry)


def _place(order: list[str], entry: dict[str, Any]) -> int:
    paper = entry.get("paper")
    return order.index(paper) if paper in order else len(order)


def _complaints(entry: dict[str, Any], desk: Desk) -> list[Complaint]:
    try:
        kept = _ONE.validate_python(entry)
    except ValidationError as error:
        return [Complaint(one.pointer, one.detail) for one in field_errors(error.errors())]
    found = acquis_complaints((kept,), desk.configuration.rules, desk.last_day)
    return [Complaint(one.pointer.removeprefix("/candidature/acquis/0"), one.detail) for one in found]


def _page(request: Request, desk: Desk, form: Form, paper: Paper) -> Response:
    return shown(
        request,
        desk,
        _STEP,
        form,
        template="inscription/epreuve.html",
        switch=SWITCH,
        action=f"{_LIST}/{paper.id}",
        back=_LIST,
        paper=paper,
        rules=desk.configuration.rules.acquis,
        first_year=desk.last_day.year - desk.configuration.rules.acquis.years,
    )


def _paper(desk: Desk, name: str) -> Paper:
    paper = desk.configuration.rules.paper(name)
    if paper is None:
        raise NotFound("epreuve-inconnue", "Cette épreuve n’est pas dans la liste.")
    return paper


def _entries(content: Content) -> list[dict[str, Any]]:
    found = get(content, _PATH)
    return [bare(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _entry(content: Content, paper: Paper) -> dict[str, Any] | None:
    return next((one for one in _entries(content) if one.get("paper") == paper.id), None)
