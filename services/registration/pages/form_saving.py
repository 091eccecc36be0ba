"""The summary of all answers, the one button that saves, and what a save made; and giving the draft up."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.chassis.http import ArrivedAt
from services.chassis.rendering import page
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.registration.api.resources import Opened
from services.registration.commands.draft import drop
from services.registration.commands.save import save
from services.registration.domain import labels
from services.registration.domain.checks import Complaint
from services.registration.domain.errors import DraftMismatch, Incorrect, VersionMismatch
from services.registration.domain.form import Form as Answers
from services.registration.domain.words import Words
from services.registration.guidance import window_limit
from services.registration.overview import overview
from services.registration.pages.form_content import Content, get
from services.registration.pages.form_desk import Desk, open_desk, refuse_where_shut
from services.registration.pages.form_places import BIRTH, chosen_birth
from services.registration.pages.form_route import Keeping
from services.registration.pages.form_steps import LIST, TABS, Step
from services.registration.pages.room import PAGES, french, said, told
from services.registration.queries import Version, read_version
from services.registration.review import judged, outlook

router = page_router("/inscription")
router.route_class = Keeping
SAVED = "/inscription/enregistree"
Refusal = Literal["draft", "version", "unready", "incorrect"]
_DONE = ("complete", "optional")
_QUIET = frozenset({"identification.birth_commune_code", "identification.address.commune_code"})


@dataclass(frozen=True, slots=True)
class Section:
    """The answers of one step, as one reads them."""

    step: Step
    state: str
    answers: list[tuple[str, str]]
    wrong: list[str]


@router.get("/recapitulatif")
async def recap(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if not desk.content and desk.shut is None:
        return see_other(
            LIST,
            told("Il n’y a encore rien à relire"),
            told("Le récapitulatif montre vos réponses : remplissez d’abord les étapes ci-dessous."),
            "information",
        )
    if not desk.content:
        return see_other(LIST)
    return _recap(desk)


@router.post("/recapitulatif")
async def keep_for_good(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    """Save the draft that was shown, over the version that was shown with it; nothing else."""
    sent = Form(await request.form())
    version, revision = (_number(sent.value(name)) for name in ("version", "brouillon"))
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if _was_saved(desk, version, revision, sent.value("empreinte")):
        return see_other(SAVED)
    await refuse_where_shut(ctx, desk)
    if desk.revision != revision:
        return _recap(desk, 412, "draft")
    if not _ready(desk) or desk.found.form is None:
        return _recap(desk, 422, "unready")
    try:
        await save(
            ctx,
            who.candidate_id,
            desk.found.form,
            arrived_at=arrived_at,
            expected_version=version,
            draft_revision=revision or None,
        )
    except VersionMismatch:
        return _recap(await open_desk(ctx, who.candidate_id, arrived_at), 412, "version")
    except Incorrect as refused:
        return _recap(desk, 422, "incorrect", refused.complaints)
    return see_other(SAVED)


def _was_saved(desk: Desk, version: int, revision: int, imprint: str) -> bool:
    """Whether just this was saved already, by the same press or in another window."""
    if desk.saved is None or desk.draft is not None or not revision:
        return False
    return desk.row.version == version + 1 and imprint == _imprint(desk.saved.form)


def _imprint(form: Answers) -> str:
    """Tells whether what is saved is what was shown."""
    return hashlib.sha256(form.model_dump_json().encode()).hexdigest()[:16]


@router.get("/enregistree")
async def saved(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    """While the confirmation is to be signed; whoever comes back later reads the rest on « Mon espace »."""
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if desk.saved is None:
        return see_other(LIST)
    found = await overview(ctx, who.candidate_id, arrived_at)
    if not found.to_sign:
        return see_other("/mon-espace")
    number = desk.row.version
    changes = None
    if number > 1:
        async with ctx.database.connection() as conn:
            earlier = await read_version(conn, who.candidate_id, number - 1)
        changes = desk.differences(
            earlier.form.model_dump(mode="json"), desk.saved.form.model_dump(mode="json")
        )
    return page(
        PAGES,
        "inscription/enregistree.html",
        nav="inscription",
        desk=desk,
        version=desk.saved,
        changes=changes,
        failed=_failed(desk, desk.saved),
        next=found.next,
        closes_at=window_limit(desk.row, arrived_at),
    )


@router.get("/abandonner")
async def ask(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    desk = await open_desk(ctx, who.candidate_id, arrived_at)
    if desk.draft is None:
        return see_other(LIST)
    return page(PAGES, "inscription/abandonner.html", nav="inscription", back=LIST, desk=desk)


@router.post("/abandonner")
async def give_up(request: Request, ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    revision = _number(Form(await request.form()).value("brouillon"))
    try:
        await drop(ctx, who.candidate_id, expected_revision=revision)
    except DraftMismatch:
        desk = await open_desk(ctx, who.candidate_id, arrived_at)
        return page(
            PAGES,
            "inscription/abandonner.html",
            412,
            nav="inscription",
            back=LIST,
            desk=desk,
            refusal="draft",
        )
    return see_other(LIST, told("Votre brouillon est effacé"))


def _recap(
    desk: Desk, status: int = 200, refusal: Refusal | None = None, refused: Iterable[Complaint] = ()
) -> HTMLResponse:
    """`refusal`: why what was asked for is not saved."""
    sections = list(_sections(desk))
    form = desk.found.form
    seen = None if form is None else outlook(form, desk.configuration.rules, desk.calendar, desk.last_day)
    return page(
        PAGES,
        "inscription/recapitulatif.html",
        status,
        nav="inscription",
        back=LIST,
        desk=desk,
        tabs={TABS[tab]: [one for one in sections if one.step.tab == tab] for tab in TABS},
        left=[one for one in sections if one.state not in _DONE],
        refusal=refusal,
        refused=[one.detail for one in refused],
        eligibility=seen.eligibility if seen is not None and desk.judged else None,
        pieces=seen.pieces if seen is not None and desk.hands_in else (),
        imprint="" if form is None else _imprint(form),
        may_save=_ready(desk) and desk.shut is None and _worth_saving(desk),
        closes_at=desk.row.closes_at,
    )


def _failed(desk: Desk, version: Version) -> list[Words]:
    """The conditions of R7 for which an officer will have to decide."""
    if desk.row.may_be_confirmed():
        return []
    found = judged(version, desk.configuration.rules, desk.calendar)
    return [one.said for one in found if not one.met]


def _ready(desk: Desk) -> bool:
    return desk.found.form is not None and all(desk.state(step) in _DONE for step in desk.steps)


def _worth_saving(desk: Desk) -> bool:
    """A version that is like the one before would only make its signed confirmation périmée."""
    return desk.saved is None or bool(desk.changes) or desk.withdrawn


def _sections(desk: Desk) -> Iterator[Section]:
    for step in desk.steps:
        wrong = [one.detail for one in desk.complaints(step) if one in desk.found.wrong]
        yield Section(step, desk.state(step), list(_answers(desk, step)), wrong)


def _answers(desk: Desk, step: Step) -> Iterator[tuple[str, str]]:
    content = desk.settled
    if step.slug == "experience":
        yield from _entries(content, "modalities.experience", told("Période"), labels.period)
    elif step.slug == "acquis":
        yield from _entries(content, "candidature.acquis", told("Acquis"), labels.acquis)
    else:
        for path, label in labels.FIELDS.items():
            dotted = path.replace("/", ".")
            if dotted in _QUIET or not any(
                dotted == own or dotted.startswith(f"{own}.") for own in step.about
            ):
                continue
            found = get(content, dotted)
            text = labels.value(path, found)
            if dotted == "candidature.speciality" and found:
                text = french(desk.title(str(found)))
            if path in labels.COUNTRIES and isinstance(found, str):
                text = french(found)
            if dotted == BIRTH:
                text = chosen_birth(content, desk.settings.places) or text
            if found not in (None, "", [], {}):
                yield told(label), said(text)


def _entries(
    content: Content, path: str, word: str, words: Callable[[Mapping[str, Any]], Words]
) -> Iterator[tuple[str, str]]:
    found = get(content, path)
    for number, one in enumerate(found if isinstance(found, list) else (), start=1):
        if isinstance(one, dict):
            yield f"{word} {number}", said(words(one))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
