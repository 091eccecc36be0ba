"""Pages as a browser without JavaScript uses them: read one, send its form with the token it has."""

import re
from html import unescape

import httpx

from tests.integration.accounts.world import Served

HTML = {"Accept": "text/html,application/xhtml+xml"}
SAME_SITE = HTML | {"Sec-Fetch-Site": "same-origin"}
_TOKEN = re.compile(r'name="jeton" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


async def read(site: Served, path: str, status: int = 200) -> str:
    """The page's HTML."""
    response = await site.client.get(path, headers=HTML)
    assert response.status_code == status, response.text
    return response.text


def words(html: str) -> str:
    """What one reads of the content: without tags, spaces as one."""
    main = html.partition("<main")[2].partition(">")[2].partition("</main>")[0] or html
    return " ".join(unescape(_TAGS.sub(" ", main)).split())


async def token(site: Served, page: str, status: int = 200) -> str:
    found = _TOKEN.search(await read(site, page, status))
    assert found is not None, "the page has no form"
    return found[1]


async def send(site: Served, path: str, form: dict[str, str], *, page: str | None = None) -> httpx.Response:
    """Open the page of the form, then send it; the answer is not followed."""
    filled = form | {"jeton": await token(site, page or path)}
    return await site.client.post(path, data=filled, headers=SAME_SITE)


async def arrived(site: Served, response: httpx.Response) -> str:
    """The words of the page that a sent form leads to."""
    assert response.status_code == 303, response.text
    return words(await read(site, response.headers["location"]))
