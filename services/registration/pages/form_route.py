"""The routes of « M'inscrire » lose nothing of what was typed: whatever stands against keeping it, a part
that is away included, the answer is a page that says why and has the answers on it, ready to be sent again.

Such a page changes nothing by itself; what it sends again goes through the same route with a new token. An
error that nobody expected is left to the last resort.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from services.chassis.http import INFRASTRUCTURE_ERRORS, arrived_at, context, identity
from services.chassis.problems import Forbidden, LoginFirst, Unavailable
from services.chassis.rendering import page
from services.chassis.requests import SAFE_METHODS, route_template
from services.chassis.site import tokens
from services.chassis.telemetry import describe, log
from services.registration.domain.errors import NotAllowed, TooSlow, WindowShut
from services.registration.pages.form_desk import Overtaken, open_desk
from services.registration.pages.form_steps import RECAP
from services.registration.pages.form_typed import typed
from services.registration.pages.room import PAGES
from services.registration.refusals import problem_of, shut_because

_OWN = (tokens.FIELD, "vu")
_AGAIN = {"Retry-After": "5"}


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
            except (WindowShut, NotAllowed, TooSlow) as refused:
                return await _too_late(request, refused)
            except Overtaken as overtaken:
                return await _overtaken(request, overtaken)
            except (Unavailable, *INFRASTRUCTURE_ERRORS) as error:
                return await _away(request, error)

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
        typed=await _typed(request),
        known=request.state.identity is not None,
    )


async def _away(request: Request, error: Exception) -> Response:
    """Whether a save went through is not known: the connection may have died at COMMIT. Sent again, it is
    found done."""
    log.error("request failed: a part is away", route=route_template(request.scope), **describe(error))
    answer = page(
        PAGES,
        "inscription/indisponible.html",
        Unavailable.status,
        nav="inscription",
        action=request.url.path,
        sent=await _sent(request, *_OWN[:1]),
        typed=await _typed(request),
        saving=request.url.path == RECAP,
    )
    answer.headers.update(_AGAIN)
    return answer


async def _too_late(request: Request, refused: WindowShut | NotAllowed | TooSlow) -> Response:
    try:
        desk = await open_desk(context(request), identity(request).candidate_id, arrived_at(request))
    except (Unavailable, *INFRASTRUCTURE_ERRORS) as error:
        return await _away(request, error)
    return page(
        PAGES,
        "inscription/trop_tard.html",
        problem_of(refused).status,
        nav="inscription",
        because=shut_because(refused),
        desk=desk,
        typed=await _typed(request),
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


async def _typed(request: Request) -> list[tuple[str, Markup]]:
    return typed(await _sent(request, *_OWN), context(request).settings)


async def _sent(request: Request, *without: str) -> list[tuple[str, str]]:
    form = await request.form()
    return [
        (name, text) for name, text in form.multi_items() if isinstance(text, str) and name not in without
    ]
