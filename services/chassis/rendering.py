"""Pages: the Jinja environment of the chassis's layout and components, and problems as pages."""

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from services.chassis.problems import PROBLEM_JSON, Problem
from services.chassis.times import paris_date, paris_limit, paris_minute

_CHASSIS_TEMPLATES = Path(__file__).parent / "templates"


def environment(*rooms: Path) -> Environment:
    """Templates of the given folders before the chassis's own; undefined names are errors."""
    loaders = [FileSystemLoader(room) for room in (*rooms, _CHASSIS_TEMPLATES)]
    env = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["paris_minute"] = paris_minute
    env.filters["paris_date"] = paris_date
    env.filters["paris_limit"] = paris_limit
    return env


_PAGES = environment()


def page(env: Environment, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page. Pages are private to their reader: never cached by anyone in between."""
    html = env.get_template(name).render(**values)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def problem_response(scope: Scope, problem: Problem) -> Response:
    """Problem details for programs; the same words as a page for a browser outside the API."""
    path: str = scope["path"]
    wants_page = "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and not path.startswith(("/api/", "/internal/")):
        response: Response = page(_PAGES, "problem.html", problem.status, problem=problem)
    else:
        response = JSONResponse(problem.body(), problem.status, media_type=PROBLEM_JSON)
    response.headers.update(problem.headers)
    return response
