"""The look at the site, as each candidate sees it: can they log in, what does it say, are the files there."""

import asyncio
import hashlib
from collections.abc import Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from uuid import UUID

import httpx

from tests.faults.ledger.audit.evidence import Seen
from tests.faults.ledger.forms import password_of
from tests.faults.ledger.record import LifeRecord
from tests.faults.ledger.rounds import Round

_AT_ONCE = 4
_TRIES = 4


async def look(of_round: Round, lives: Sequence[LifeRecord]) -> dict[int, Seen]:
    places = asyncio.Semaphore(_AT_ONCE)
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    async with httpx.AsyncClient(base_url=of_round.gateway, cookies=no_cookies, timeout=20) as http:

        async def see(life: LifeRecord) -> Seen:
            async with places:
                try:
                    return await _see(http, of_round, life)
                except (httpx.HTTPError, KeyError, ValueError) as error:
                    return Seen(trouble=type(error).__name__)

        return dict(zip((life.life for life in lives), await asyncio.gather(*map(see, lives)), strict=True))


async def _see(http: httpx.AsyncClient, of_round: Round, life: LifeRecord) -> Seen:
    login = await _log_in(http, of_round, life)
    seen = Seen(login=login.status_code)
    if login.status_code != 201:
        return seen
    opened = login.json()
    seen.candidate_id = UUID(opened["candidate_id"])
    headers = {"Authorization": f"Bearer {opened['token']}"}

    standing = await _get(http, "/api/registration/me", headers)
    if standing.status_code == 200:
        seen.stage = standing.json()["stage"]
    form = await _get(http, "/api/registration/me/form", headers)
    if form.status_code == 200:
        seen.version = form.json()["version"]
        seen.mark = form.json()["form"]["identification"]["phone"]
    for upload in life.done("upload"):
        file_id = upload.told["file_id"]
        seen.contents[file_id] = await _digest(http, file_id, headers)
    return seen


async def _log_in(http: httpx.AsyncClient, of_round: Round, life: LifeRecord) -> httpx.Response:
    """With the password they should have now; after a reset that may not have been done, with either."""
    known = [resets for resets in (1, 0) if resets == 0 or life.of("reset")]
    if life.done("reset"):
        known = [1]
    for resets in known:
        password = password_of(of_round.seed, life.life, resets)
        body = {"email": life.email, "password": password, "session_id": of_round.session.session_id}
        response = await _ask(http, "POST", "/api/accounts/sessions", json=body)
        if response.status_code == 201:
            break
    return response


async def _digest(http: httpx.AsyncClient, file_id: str, headers: dict[str, str]) -> str:
    response = await _get(http, f"/api/documents/me/files/{file_id}/content", headers)
    return hashlib.sha256(response.content).hexdigest() if response.status_code == 200 else ""


async def _get(http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> httpx.Response:
    return await _ask(http, "GET", path, headers=headers)


async def _ask(http: httpx.AsyncClient, method: str, path: str, **request: Any) -> httpx.Response:
    """A 5xx and a 429 are asked again a few times: what stays is what is told."""
    for wait in range(1, _TRIES):
        response = await http.request(method, path, **request)
        if response.status_code < 500 and response.status_code != 429:
            return response
        await asyncio.sleep(wait)
    return await http.request(method, path, **request)
