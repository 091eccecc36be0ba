"""Officers log in at a real OpenID provider (`oidc-provider-mock`), over real HTTP."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from tests.conftest import FreshDatabase
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import Served, open_world, serve

HEAD = {"sub": "chef", "name": "Solange Peyrefitte", "role": "head", "portfolios": []}
OFFICER = {"sub": "gestionnaire-7", "name": "Ghislaine Pontier", "role": "officer", "portfolios": [7]}
STRANGER = {"sub": "passant", "name": "Quelqu’un"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = Path(tmp_path_factory.mktemp("oidc")) / "log"
    users = [word for user in (HEAD, OFFICER, STRANGER) for word in ("--user-claims", json.dumps(user))]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", "--host", "127.0.0.1", "--port", str(port), *users],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    issuer = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield issuer
    process.terminate()
    process.wait(10)


@pytest.fixture
async def office(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, provider: str
) -> AsyncIterator[Served]:
    url = await fresh_database("accounts")
    async with open_world(url, NOW), serve(url, monkeypatch, oidc_issuer=provider) as served:
        yield served


async def sent_back(site: Served, subject: str, **query: str) -> str:
    """Log in at the provider's page as `subject`; where it sends the browser."""
    begun = await site.client.get("/agents/connexion", params=query)
    assert begun.status_code == 303
    async with httpx.AsyncClient() as browser:
        page = await browser.get(begun.headers["location"])
        assert page.status_code == 200
        answered = await browser.post(str(page.url), data={"sub": subject})
    assert answered.status_code == 302
    return answered.headers["location"]


async def test_an_officer_comes_in_with_role_and_portfolios(office: Served) -> None:
    back = await sent_back(office, "gestionnaire-7", format="json")
    response = await office.client.get(back)
    session = response.json()
    assert (session["subject"], session["role"], session["portfolios"]) == ("gestionnaire-7", "officer", [7])
    assert datetime.fromisoformat(session["expires_at"]) > datetime.now(UTC) + timedelta(hours=9)
    asked = httpx.Request(
        "GET",
        "http://sessions.test/internal/authenticate",
        headers={"Authorization": f"Bearer {session['token']}"},
    )
    answer = await office.transport.handle_async_request(asked)
    claims = jwt.decode(answer.headers["X-Identity-Token"], options={"verify_signature": False})
    assert (claims["sub"], claims["role"], claims["portfolios"]) == ("officer:gestionnaire-7", "officer", [7])
    assert claims["exp"] - claims["iat"] == 60


async def test_a_browser_gets_a_cookie_and_the_officers_page(office: Served) -> None:
    response = await office.client.get(await sent_back(office, "chef"))
    assert (response.status_code, response.headers["location"]) == (303, "/agents")
    assert "Vous êtes connecté" in (await office.client.get("/agents")).text
    assert (await office.client.get("/api/accounts/undelivered")).json() == []
    await office.client.delete("/api/accounts/sessions/current")
    assert (await office.client.get("/agents")).status_code == 401


async def test_the_login_asks_with_pkce_state_and_nonce_new_each_time(office: Served) -> None:
    queries = []
    for _ in range(2):
        begun = await office.client.get("/agents/connexion")
        queries.append(parse_qs(urlsplit(begun.headers["location"]).query))
    for query in queries:
        assert query["code_challenge_method"] == ["S256"]
        assert query["redirect_uri"] == ["http://site.test/agents/retour"]
    for name in ("state", "nonce", "code_challenge"):
        assert queries[0][name] != queries[1][name]


async def test_whoever_has_no_role_in_the_office_is_refused(office: Served) -> None:
    response = await office.client.get(await sent_back(office, "passant"))
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_a_login_that_another_browser_began_is_not_finished_here(office: Served) -> None:
    back = await sent_back(office, "chef")
    office.client.cookies.clear()
    assert (await office.client.get(back)).status_code == 400
    await office.client.get("/agents/connexion")
    assert (await office.client.get(back)).status_code == 400


async def test_a_code_is_good_once(office: Served) -> None:
    back = await sent_back(office, "chef")
    cookies = dict(office.client.cookies)
    assert (await office.client.get(back)).status_code == 303
    for name, value in cookies.items():
        office.client.cookies.set(name, value)
    assert (await office.client.get(back)).status_code == 403


async def test_an_answer_for_another_login_is_refused(office: Served) -> None:
    """The nonce and the code belong to the first login, the state to the second."""
    first = parse_qs(urlsplit(await sent_back(office, "chef")).query)
    second = parse_qs(urlsplit(await sent_back(office, "chef")).query)
    mixed: dict[str, Any] = {"code": first["code"][0], "state": second["state"][0]}
    assert (await office.client.get("/agents/retour", params=mixed)).status_code == 403


async def test_denied_at_the_provider_is_refused_here(office: Served) -> None:
    back = urlsplit(await sent_back(office, "chef"))
    state = parse_qs(back.query)["state"][0]
    response = await office.client.get("/agents/retour", params={"error": "access_denied", "state": state})
    assert response.status_code == 403


async def test_a_provider_that_is_away_is_503(site: Served) -> None:
    assert (await site.client.get("/agents/connexion")).status_code == 503
