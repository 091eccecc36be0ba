"""The router of pages, who must be logged in to see one, and where a page sends the browser next."""

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.chassis.http import candidate, officer
from services.chassis.identity import Identity
from services.chassis.problems import Forbidden, LoginFirst
from services.chassis.requests import SAFE_METHODS
from services.chassis.site import language, tokens, visit
from services.chassis.site.notices import Kind, Notice

LOGIN = "/connexion"
OFFICER_LOGIN = "/agents/connexion"
_YEAR_SECONDS = 365 * 24 * 3600


async def sent_from_our_page(request: Request) -> AsyncIterator[None]:
    """Every form of a page brings its token (`ui.form` writes it), or the header for a script's request.

    The token of a form with files is in its address: its route alone reads the body, under its own limit.
    Without that token nothing of the body is kept (`services.chassis.read_away`).
    """
    try:
        if request.method not in SAFE_METHODS:
            await _judge(request)
        yield
    finally:
        await request.close()  # the files of a form that was read


async def _judge(request: Request) -> None:
    token = request.headers.get(tokens.HEADER, request.query_params.get(tokens.FIELD))
    if token is None and not request.state.body_for_route:
        found = (await request.form()).get(tokens.FIELD)
        token = found if isinstance(found, str) else ""
    if token is None or not visit.current().accepts(token):
        raise Forbidden(
            "formulaire-perime",
            "Ce formulaire n’est plus valable : vous vous êtes connecté ou déconnecté depuis que la page est "
            "ouverte, ou votre navigateur refuse les cookies. Rien n’a été enregistré. Revenez à la page "
            "précédente, rechargez-la, puis envoyez à nouveau.",
        )


def page_router(prefix: str = "") -> APIRouter:
    """A router whose routes are pages: not in the API's documents, and no form of another site gets in."""
    return APIRouter(prefix=prefix, include_in_schema=False, dependencies=[Depends(sent_from_our_page)])


def _login_first(login: str, request: Request) -> LoginFirst:
    """With the way back. What a form sent is lost, and the login says so: the way back is the page to send it
    from again."""
    lost = "" if request.method in SAFE_METHODS else "&perdu=oui"
    return LoginFirst(f"{login}?retour={quote(visit.current().way_back, safe='')}{lost}")


def _candidate(request: Request) -> Identity:
    if request.state.identity is None:
        raise _login_first(LOGIN, request)
    return candidate(request.state.identity)


def _officer(request: Request) -> Identity:
    if request.state.identity is None:
        raise _login_first(OFFICER_LOGIN, request)
    return officer(request.state.identity)


CandidatePage = Annotated[Identity, Depends(_candidate)]
OfficerPage = Annotated[Identity, Depends(_officer)]


def local_path(text: str, otherwise: str = "/") -> str:
    """`text` if it is an address of this site and of no other, else `otherwise`.

    Ours is one slash with a path behind it, in characters that a browser reads as they are written: it drops
    tabs and newlines, takes a backslash for a slash, and two slashes for the name of another site.
    """
    is_ours = (
        text.startswith("/")
        and not text.startswith("//")
        and text.isprintable()
        and not {" ", "\\"} & set(text)
        and len(text) <= 2000
    )
    return text if is_ours else otherwise


def see_other(path: str, notice: str = "", text: str = "", kind: Kind = "success") -> Response:
    """After a form: the browser asks for `path` anew, whose page says the notice first."""
    response = RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})
    if notice:
        visit.current().leave(response, Notice(notice, text, kind))
    return response


languages = page_router("/langue")


@languages.get("/{code}")
async def choose(code: str, retour: str = "/") -> Response:
    """The language switch of every page: keeps the choice for a year and goes back to the page."""
    return speaking(see_other(local_path(retour)), code)


def speaking(response: Response, code: str) -> Response:
    """Have the next pages speak the language of this code."""
    response.set_cookie(
        language.COOKIE,
        language.chosen(code),
        max_age=_YEAR_SECONDS,
        path="/",
        secure=visit.current().secure,
        httponly=True,
        samesite="lax",
    )
    return response
