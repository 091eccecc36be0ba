"""Pages as a browser without JavaScript uses them: read one, send its form with the token it has."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import httpx

from tests.integration.registration.world import Site

_TOKEN = re.compile(r'name="jeton" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


async def read(
    site: Site, path: str, candidate: UUID | None = None, status: int = 200, **request: Any
) -> str:
    """The page's HTML."""
    response = await site.ask("GET", path, candidate=candidate, headers={"Accept": "text/html"}, **request)
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("text/html")
    return response.text


def words(html: str) -> str:
    """What one reads of the content: without tags, spaces as one."""
    main = html.partition("<main")[2].partition(">")[2].partition("</main>")[0] or html
    return " ".join(unescape(_TAGS.sub(" ", main)).split())


async def send(
    site: Site, path: str, candidate: UUID, form: dict[str, str], *, page: str | None = None
) -> httpx.Response:
    """Open the page of the form, then send it; the answer is not followed."""
    token = _TOKEN.search(await read(site, page or path, candidate))
    assert token is not None, "the page has no form"
    return await site.ask(
        "POST",
        path,
        candidate=candidate,
        data=form | {"jeton": token[1]},
        headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
    )
