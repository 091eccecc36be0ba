"""Pages: the layout and components around a service's templates, and problems as pages.

Two Jinja environments. A service's templates are strict: an undefined name is an error. The components, which
stand on `govuk-frontend-jinja`'s macros and their optional parameters, are lenient and reach templates as one
name, `ui`; another folder of components is another design system, and no page changes.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Scope

from services.chassis import times
from services.chassis.problems import PROBLEM_JSON, LoginFirst, Problem
from services.chassis.site import language, tokens, visit
from services.chassis.site.assets import asset
from services.chassis.site.form import Form
from services.chassis.site.language import Catalogue
from services.chassis.site.navigation import FOOTER, Entry, candidates_page, candidates_part, entries
from services.chassis.site.parameters import HELPERS
from services.chassis.site.visit import Visit
from services.chassis.typography import unbroken

TEMPLATES = Path(__file__).parent / "templates"
_GOVUK = "govuk_frontend_jinja"


def environment(*rooms: Path) -> Environment:
    """Templates of the given folders before the chassis's own; the `locale` beside each is their English."""
    folders = (*rooms, TEMPLATES)
    env = _environment(ChoiceLoader([FileSystemLoader(folder) for folder in folders]), StrictUndefined)
    catalogue = Catalogue.beside(reversed(folders))
    _speak(env, catalogue)

    def menu(looking: Visit) -> list[Entry]:
        return [(key, href, catalogue.gettext(text)) for key, href, text in entries(looking)]

    env.globals |= {"ui": _Components(), "menu": menu, "footer": FOOTER}
    env.globals |= {"candidates_page": candidates_page, "candidates_part": candidates_part}
    return env


class _Components:
    """The macros of `templates/components/ui.html`, compiled when the first page asks for one of them.

    That takes half a second, which a process without pages need not spend.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(components(), name)


@cache
def components() -> Any:
    """The module of the macros."""
    loader = ChoiceLoader(
        [
            FileSystemLoader(TEMPLATES / "components"),
            PrefixLoader({_GOVUK: PackageLoader(_GOVUK)}),
        ]
    )
    env = _environment(loader, ChainableUndefined)
    _speak(env, Catalogue.beside([TEMPLATES]))
    env.globals |= HELPERS | {
        "form_token": lambda: visit.current().form_token(),
        "form_token_field": tokens.FIELD,
    }
    return env.get_template("ui.html").module


def _environment(loader: ChoiceLoader, undefined: type[Undefined]) -> Environment:
    env = Environment(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.globals |= {"asset": asset, "visit": visit.current, "new_form": Form}
    env.filters |= {name: _in_language(getattr(times, name)) for name in times.SHOWN}
    return env


def _speak(env: Environment, catalogue: Catalogue) -> None:
    install: Callable[..., None] = getattr(env, "install_gettext_callables")  # noqa: B009 (added by the extension)
    install(catalogue.gettext, catalogue.ngettext, newstyle=True)
    for name in ("gettext", "ngettext"):
        spoken: Any = env.globals[name]
        env.globals[name] = _set(spoken)
    env.filters |= {"translated": lambda text: unbroken(catalogue.gettext(text)), "unbroken": unbroken}


def _set(write: Callable[..., str]) -> Callable[..., str]:
    """With its values in it: a time is one of them."""

    @pass_context
    def written(context: Context, *texts: Any, **values: Any) -> str:
        return unbroken(write(context, *texts, **values))

    return written


def _in_language(write: Callable[..., str]) -> Callable[[datetime], str]:
    return lambda instant: unbroken(write(instant, language.current.get()))


_PAGES = environment()


def page(env: Environment, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page. Pages are private to their reader: never cached by anyone in between.

    Args:
        values: besides the template's own: `form` (a `Form`; its errors are summed up), `nav` (the current
            entry of the navigation, see `layout.html`), `back` (the address of a link back).
    """
    html = env.get_template(name).render(**values)
    response = HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
    response.headers["Content-Language"] = language.current.get()
    visit.current().shown(response)
    return response


def wants_page(scope: Scope) -> bool:
    """Whether a browser asks, and not a program: what it is answered is in its reader's language."""
    accepted = "text/html" in Headers(scope=scope).get("accept", "")
    return accepted and not scope["path"].startswith(("/api/", "/internal/"))


def problem_response(scope: Scope, problem: Problem) -> Response:
    """Problem details for programs; the same words as a page for a browser outside the API."""
    if not wants_page(scope):
        response: Response = JSONResponse(problem.body(), problem.status, media_type=PROBLEM_JSON)
    elif isinstance(problem, LoginFirst):
        response = RedirectResponse(problem.location, 303, headers={"Cache-Control": "no-store"})
    else:
        response = page(_pages_of(scope), "problem.html", problem.status, problem=problem)
    response.headers.update(problem.headers)
    return response


def _pages_of(scope: Scope) -> Environment:
    """Those of the service, whose catalogue has its refusals; the chassis's own where it gave none."""
    found: Environment | None = getattr(getattr(scope.get("app"), "state", None), "pages", None)
    return found or _PAGES
