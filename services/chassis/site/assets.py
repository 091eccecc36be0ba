"""The built assets: `services/chassis/assets/` is their source, `candidat-libre site` builds them.

A file's name carries its content's hash, so a browser may keep it for a year.
"""

import json
import os
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).parents[1] / "assets" / "built"
ADDRESS = "/statique/site"


class NotBuilt(Exception):
    """There are no built assets."""

    def __init__(self) -> None:
        super().__init__("the site's assets are not built: `make setup`, or `candidat-libre site`")


@cache
def _manifest() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    except FileNotFoundError:
        raise NotBuilt from None
    return found


def asset(name: str) -> str:
    """The address of `site.css` and the like.

    Raises:
        NotBuilt: see there.
    """
    return f"{ADDRESS}/{_manifest()[name]}"


class Immutable(StaticFiles):
    """Serves the folder; what it holds never changes under its name."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def served() -> Immutable:
    """The application to mount at `ADDRESS`.

    Raises:
        NotBuilt: see there.
    """
    _manifest()
    return Immutable(directory=BUILT)
