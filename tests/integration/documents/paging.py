"""Pages as a browser without JavaScript uses them: read one, send its form with the token it has."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import httpx

from tests.integration.documents.world import IN_TIME, Site

_TAGS = re.compile(r"<[^>]+>")
_ACTION = re.compile(r'<form action="([^"]+)"')
_TOKEN = re.compile(r'jeton=([^"&]+)"|name="jeton" value="([^"]+)"')


async def read(site: Site, path: str, candidate: UUID, status: int = 200, **request: Any) -> str:
    """The page's HTML."""
    response = await site.ask("GET", path, candidate=candidate, headers={"Accept": "text/html"}, **request)
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("text/html")
    return response.text


def words(html: str) -> str:
    """What one reads of the content: without tags, spaces as one."""
    main = html.partition("<main")[2].partition(">")[2].partition("</main>")[0] or html
    return " ".join(unescape(_TAGS.sub(" ", main)).split())


def forms(html: str) -> list[str]:
    """Where the content's forms go, without their tokens."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return [unescape(action).partition("?")[0] for action in _ACTION.findall(main)]


async def token(site: Site, path: str, candidate: UUID) -> str:
    found = _TOKEN.search(await read(site, path, candidate))
    assert found is not None, "the page has no form"
    return found[1] or found[2]


async def press(
    site: Site, candidate: UUID, path: str, *, page: str = "/documents/p2", **request: Any
) -> httpx.Response:
    """Send the form that leads to `path`, with the token of `page`."""
    data = {"jeton": await token(site, page, candidate)}
    return await site.ask("POST", path, candidate=candidate, data=data, headers=dict(_BROWSER), **request)


async def send(
    site: Site, candidate: UUID, *files: tuple[str, bytes, str], piece: str = "p2", **request: Any
) -> httpx.Response:
    """Choose files on the piece's page and send them."""
    jeton = await token(site, f"/documents/{piece}", candidate)
    return await site.ask(
        "POST",
        f"/documents/envoi/{piece}",
        candidate=candidate,
        params={"jeton": jeton},
        files=[("file", file) for file in files],
        headers=dict(_BROWSER),
        **{"arrived_at": IN_TIME, **request},
    )


_BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
