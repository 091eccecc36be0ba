"""The routes of « M'inscrire » lose nothing of what was typed: whatever stands against keeping it, the answer
is a page that says why and has the answers on it, ready to be sent again.

Such a page changes nothing by itself; what it sends again goes through the same route with a new token.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.problems import Forbidden, LoginFirst
from services.chassis.rendering import page
from services.chassis.requests import SAFE_METHODS
from services.chassis.site import tokens
from services.registration.domain.errors import NotAllowed, WindowShut
from services.registration.domain.labels import FIELDS, value
from services.registration.pages.form_desk import Overtaken
from services.registration.pages.form_fields import NO, YES
from services.registration.pages.room import PAGES, said, told
from services.registration.refusals import problem_of, shut_because

_OWN = (tokens.FIELD, "vu")
_LABELS: Mapping[str, str] = {path.replace("/", "."): label for path, label in FIELDS.items()} | {
    "employer": "Employeur",
    "job": "Emploi occupé",
    "paper": "Épreuve",
    "mark": "Note",
    "year": "Année",
    "title": "Diplôme ou titre",
}


class Keeping(APIRoute):
    """Catches what refuses a form after it was typed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def keeping(request: Request) -> Response:
            if request.method in SAFE_METHODS:
                return await handle(request)
            try:
                return await handle(request)
            except LoginFirst:
                return await _interrupted(request, 401)
            except Forbidden as refused:
                if refused.slug != "formulaire-perime":
                    raise
                return await _interrupted(request, 403)
            except (WindowShut, NotAllowed) as refused:
                return await _too_late(request, refused)
            except Overtaken as overtaken:
                return await _overtaken(request, overtaken)

        return keeping


async def _interrupted(request: Request, status: int) -> Response:
    """The session ended, or is another one than when the page was opened."""
    return page(
        PAGES,
        "inscription/interrompu.html",
        status,
        nav="inscription",
        action=request.url.path,
        sent=await _sent(request, *_OWN[:1]),
        typed=await typed(request),
        known=request.state.identity is not None,
    )


async def _too_late(request: Request, refused: WindowShut | NotAllowed) -> Response:
    return page(
        PAGES,
        "inscription/trop_tard.html",
        problem_of(refused).status,
        nav="inscription",
        because=shut_because(refused),
        typed=await typed(request),
    )


async def _overtaken(request: Request, overtaken: Overtaken) -> Response:
    desk = overtaken.desk
    return page(
        PAGES,
        "inscription/deux_fenetres.html",
        412,
        nav="inscription",
        action=request.url.path,
        sent=[*await _sent(request, *_OWN), ("vu", overtaken.seen)],
        changes=desk.differences(desk.content, overtaken.typed),
        desk=desk,
    )


async def typed(request: Request) -> list[tuple[str, str]]:
    """What was written, as one reads it; technical fields are left out."""
    found: dict[str, list[str]] = {}
    for name, text in await _sent(request, *_OWN):
        path = name.rpartition("-")[0] if name.endswith(("-day", "-month", "-year")) else name
        if path.rpartition(".")[2].isdigit():
            path = path.rpartition(".")[0]
        if path in _LABELS and text:
            yes_or_no = text in (YES, NO)
            shown = told(text) if yes_or_no else said(value(path.replace(".", "/"), text))
            found.setdefault(_LABELS[path], []).append(shown)
    return [(label, " ".join(parts)) for label, parts in found.items()]


async def _sent(request: Request, *without: str) -> list[tuple[str, str]]:
    form = await request.form()
    return [
        (name, text) for name, text in form.multi_items() if isinstance(text, str) and name not in without
    ]
