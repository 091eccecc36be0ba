"""Pages over HTTP, on a small application: who gets in, which forms, what the browser is told."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.chassis import http
from services.chassis.http import create_app
from services.chassis.identity import Identity, TokenIssuer, TokenVerifier
from services.chassis.problems import NotFound
from services.chassis.receiving import LARGEST_BYTES
from services.chassis.rendering import environment, page
from services.chassis.settings import Settings
from services.chassis.site.form import Form
from services.chassis.site.routing import (
    CandidatePage,
    OfficerPage,
    languages,
    local_path,
    page_router,
    see_other,
)
from tests.plain import plain
from tests.unit.chassis.test_http import CANDIDATE, new_issuer

HTML = {"Accept": "text/html"}
_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]{64})"')
_TEMPLATE = """\
{% extends "layout.html" %}
{% block title %}Essai{% endblock %}
{% block content %}
<h1>Essai</h1>
{% call ui.form("/essai") %}{{ ui.input(form, "email", "Adresse") }}{{ ui.button("Envoyer") }}{% endcall %}
{% endblock %}
"""
Open = Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]


def routes(templates: Path) -> APIRouter:
    pages = environment(templates)
    router = page_router("/essai")

    @router.get("")
    async def show() -> Response:
        return page(pages, "form.html", form=Form())

    @router.post("")
    async def send(request: Request) -> Response:
        form = Form(await request.form())
        if "@" not in form.value("email"):
            form.refuse("email", "Il manque l’arobase.")
            return page(pages, "form.html", 422, form=form)
        return see_other("/essai", "C’est envoyé", "Regardez <vos> messages.")

    @router.post("/fichiers")
    async def keep(request: Request) -> Response:
        """The body as it comes; a form that was read for its token has none left."""
        return Response(str(sum([len(chunk) async for chunk in request.stream()])))

    @router.post("/fichiers/candidat")
    async def keep_mine(_: CandidatePage) -> None: ...

    @router.post("/fait/vite")
    async def at_once() -> None: ...

    @router.get("/candidat")
    async def mine(who: CandidatePage) -> Response:
        return Response(who.subject)

    @router.get("/agent")
    async def office(_: OfficerPage) -> None: ...

    return router


def pieces() -> APIRouter:
    """A part of the candidate’s menu, with something that is not there."""
    router = page_router("/documents")

    @router.get("/piece")
    async def gone() -> None:
        raise NotFound("chose-inconnue", "Cette chose n’existe plus.")

    return router


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    return new_issuer()


@pytest.fixture
async def at(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Open]:
    """`async with at("https://site.test") as client`: the application at that address."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "form.html").write_text(_TEMPLATE)
    words = tmp_path / "locale" / "en"
    words.mkdir(parents=True)
    (words / "essai.toml").write_text('"Cette chose n’existe plus." = "This thing is gone."')
    keys = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks())))

    class Verifier(TokenVerifier):
        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, keys)

    monkeypatch.setattr(http, "TokenVerifier", Verifier)

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings.model_validate(
            {"service_name": "essai", "service_secret": "s", "public_url": url}
            | {f"{name}_url": f"http://{name}.test" for name in _SISTERS}
        )
        app = create_app(
            settings,
            [routes(templates), pieces(), languages],
            title="essai",
            pages=environment(templates),
            upload_paths=("/essai/fichiers",),
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=url, headers=HTML) as client:
            yield client

    async with keys:
        yield opened


_SISTERS = ("accounts", "sessions", "registration", "documents", "notifications")


@pytest.fixture
async def site(at: Open) -> AsyncIterator[httpx.AsyncClient]:
    async with at("http://site.test") as client:
        yield client


def token_of(response: httpx.Response) -> str:
    found = _TOKEN.search(response.text)
    assert found is not None
    return found[1]


async def test_a_form_with_the_token_of_its_page_is_taken(site: httpx.AsyncClient) -> None:
    token = token_of(await site.get("/essai"))
    answer = await site.post("/essai", data={"jeton": token, "email": "a@b.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/essai")


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_a_form_without_the_token_of_its_page_is_refused(
    site: httpx.AsyncClient, token: str | None
) -> None:
    await site.get("/essai")
    data = {"email": "a@b.example"} | ({} if token is None else {"jeton": token})
    answer = await site.post("/essai", data=data)
    assert answer.status_code == 403
    assert "Rien n’a été enregistré" in answer.text


async def test_a_token_of_another_browser_is_refused(site: httpx.AsyncClient, at: Open) -> None:
    async with at("http://site.test") as attacker:
        theirs = token_of(await attacker.get("/essai"))
    await site.get("/essai")
    assert (await site.post("/essai", data={"jeton": theirs, "email": "a@b"})).status_code == 403


async def test_a_browser_that_was_given_no_secret_has_no_token_that_fits(site: httpx.AsyncClient) -> None:
    token = token_of(await site.get("/essai"))
    site.cookies.clear()
    assert (await site.post("/essai", data={"jeton": token, "email": "a@b"})).status_code == 403


async def test_a_login_makes_older_tokens_void(site: httpx.AsyncClient) -> None:
    token = token_of(await site.get("/essai"))
    site.cookies.set("session", "nouvelle-session")
    assert (await site.post("/essai", data={"jeton": token, "email": "a@b"})).status_code == 403
    again = token_of(await site.get("/essai"))
    assert (await site.post("/essai", data={"jeton": again, "email": "a@b"})).status_code == 303


async def test_the_token_of_a_form_with_files_is_in_its_address_and_its_route_reads_it_first(
    site: httpx.AsyncClient,
) -> None:
    token = token_of(await site.get("/essai"))
    size = 2 * LARGEST_BYTES

    async def send(path: str, query: dict[str, str]) -> httpx.Response:
        return await site.post(path, params=query, files={"fichier": ("a.pdf", b"0" * size)})

    taken = await send("/essai/fichiers", {"jeton": token})
    assert taken.status_code == 200
    assert int(taken.text) > size
    for wrong in ("", "0" * 64):
        assert (await send("/essai/fichiers", {"jeton": wrong})).status_code == 403
    assert (await send("/essai", {"jeton": token})).status_code == 413


@pytest.mark.parametrize("query", [{}, {"jeton": ""}, {"jeton": "0" * 64}])
async def test_a_form_with_files_without_its_token_is_refused_once_its_body_is_read_away(
    site: httpx.AsyncClient, query: dict[str, str]
) -> None:
    """A browser that still sends shows no answer. No token is looked for in a body without a limit."""
    token = token_of(await site.get("/essai"))
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for part in (f'--x\r\nContent-Disposition: form-data; name="jeton"\r\n\r\n{token}', "\r\n--x--\r\n"):
            read += 1
            yield part.encode()

    answer = await site.post(
        "/essai/fichiers",
        params=query,
        content=body(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 403
    assert read == 2


async def test_files_sent_after_the_login_ended_are_read_away_before_the_way_to_it(
    site: httpx.AsyncClient,
) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(80):
            read += 65536
            yield b"0" * 65536

    token = token_of(await site.get("/essai"))
    answer = await site.post("/essai/fichiers/candidat", params={"jeton": token}, content=body())
    assert (answer.status_code, read) == (303, 80 * 65536)
    assert answer.headers["location"] == "/connexion?retour=%2Fessai&perdu=oui"


async def test_a_form_with_files_says_its_token_in_its_address_alone(tmp_path: Path) -> None:
    (tmp_path / "files.html").write_text('{% call ui.form("/a", upload=true) %}{% endcall %}')
    written = environment(tmp_path).get_template("files.html").render()
    assert re.search(r'action="/a\?jeton=[0-9a-f]{64}"', written)
    assert "<input" not in written


async def test_another_site_is_refused_whatever_token_it_has(site: httpx.AsyncClient) -> None:
    data = {"jeton": token_of(await site.get("/essai")), "email": "a@b"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://autre.test"}, {"Origin": "null"}):
        assert (await site.post("/essai", data=data, headers=headers)).status_code == 403


async def test_a_script_of_ours_may_send_the_token_in_a_header(site: httpx.AsyncClient) -> None:
    token = token_of(await site.get("/essai"))
    answer = await site.post("/essai", data={"email": "a@b"}, headers={"X-Jeton": token})
    assert answer.status_code == 303


async def test_a_refused_form_keeps_its_values_and_says_what_to_correct(site: httpx.AsyncClient) -> None:
    token = token_of(await site.get("/essai"))
    answer = await site.post("/essai", data={"jeton": token, "email": 'amina"<b>'})
    assert answer.status_code == 422
    assert "<title>Erreur : Essai – " in answer.text
    assert 'value="amina&#34;&lt;b&gt;"' in answer.text
    assert 'href="#email"' in answer.text
    assert answer.text.count("Il manque l’arobase.") == 2
    assert 'aria-invalid="true"' in answer.text


async def test_the_notice_of_a_redirect_is_said_once(site: httpx.AsyncClient) -> None:
    token = token_of(await site.get("/essai"))
    await site.post("/essai", data={"jeton": token, "email": "a@b"})
    once, again = await site.get("/essai"), await site.get("/essai")
    assert "C’est envoyé" in once.text
    assert "Regardez &lt;vos&gt; messages." in once.text
    assert "C’est envoyé" not in again.text


async def test_a_notice_that_we_did_not_write_is_not_said(site: httpx.AsyncClient, at: Open) -> None:
    async with at("http://site.test") as attacker:
        token = token_of(await attacker.get("/essai"))
        planted = await attacker.post("/essai", data={"jeton": token, "email": "a@b"})
    await site.get("/essai")
    site.cookies.set("avis", planted.cookies["avis"])
    assert "C’est envoyé" not in (await site.get("/essai")).text


async def test_a_page_for_candidates_sends_to_the_login_and_back(
    site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    answer = await site.get("/essai/candidat?piece=1&b=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/connexion?retour=%2Fessai%2Fcandidat%3Fpiece%3D1%26b%3D2"
    known = {"X-Identity-Token": issuer.issue(CANDIDATE)}
    assert (await site.get("/essai/candidat", headers=known)).text == CANDIDATE.subject
    officer = {"X-Identity-Token": issuer.issue(Identity("officer", "agent", "officer"))}
    assert (await site.get("/essai/candidat", headers=officer)).status_code == 403


async def test_a_page_for_officers_sends_to_their_login(site: httpx.AsyncClient) -> None:
    answer = await site.get("/essai/agent")
    assert answer.headers["location"] == "/agents/connexion?retour=%2Fessai%2Fagent"


async def test_what_is_gone_blames_no_address_and_leads_to_the_part_of_the_site_it_was_of(
    site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    """Who followed our own link is not sent to look for a mistake in it."""
    known = {"X-Identity-Token": issuer.issue(CANDIDATE)}
    answer = await site.get("/documents/piece", headers=known)
    assert answer.status_code == 404
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert "Vérifiez l’adresse" not in main
    assert "Rien de ce que vous avez enregistré n’est perdu." in main
    assert 'href="/documents"' in main
    assert "Aller à « Mes documents »" in plain(main)


async def test_an_address_that_leads_nowhere_is_to_be_checked(
    site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    known = {"X-Identity-Token": issuer.issue(CANDIDATE)}
    for path in ("/essai/nulle-part", "/documents/nulle-part"):
        answer = await site.get(path, headers=known)
        assert answer.status_code == 404
        main = answer.text.partition("<main")[2].partition("</main>")[0]
        assert "Vérifiez l’adresse" in main
        assert 'href="/mon-espace"' in main


async def test_a_services_own_refusal_is_told_in_the_readers_language(site: httpx.AsyncClient) -> None:
    site.cookies.set("langue", "en")
    answer = await site.get("/documents/piece")
    assert "This thing is gone." in answer.text
    assert "Nothing you have saved is lost." in answer.text


async def test_a_program_is_told_401_and_not_sent_anywhere(site: httpx.AsyncClient) -> None:
    answer = await site.get("/essai/candidat", headers={"Accept": "application/json"})
    assert answer.status_code == 401


async def test_the_language_is_kept_by_a_cookie(site: httpx.AsyncClient) -> None:
    assert '<html lang="fr"' in (await site.get("/essai")).text
    chosen = await site.get("/langue/en", params={"retour": "/essai?a=1"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/essai?a=1")
    english = await site.get("/essai")
    assert '<html lang="en"' in english.text
    assert "Skip to content" in english.text
    assert english.headers["content-language"] == "en"
    await site.get("/langue/xx")
    assert '<html lang="fr"' in (await site.get("/essai")).text


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("/essai?a=1", "/essai?a=1"),
        ("/essai/fait/vite?a=1&jeton=0", "/essai?a=1"),
        ("/essai/fait/vite", "/essai"),
        ("/ailleurs", "/"),
    ],
)
async def test_the_language_switch_on_what_a_form_was_answered_leads_to_a_page_that_is_there(
    site: httpx.AsyncClient, sent: str, back: str
) -> None:
    refused = await site.post(sent)
    assert refused.status_code in (403, 404)
    found = re.search(r'href="(/langue/en[^"]+)" lang="en"', refused.text)
    assert found is not None
    chosen = await site.get(found[1])
    assert (chosen.status_code, chosen.headers["location"]) == (303, back)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://autre.test/",
        "//autre.test",
        "/\\autre.test",
        "/\t/autre.test",
        "/\n/autre.test",
        " //autre.test",
        "javascript:1",
        "//[",
        "http://[",
        "/essai#\ud800",
        "",
    ],
)
def test_a_crafted_way_back_is_not_taken(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"


@pytest.mark.parametrize("ours", ["/", "/essai?a=1&b=%2F%2F#c", "/essai/[", "/épreuves?retour=//x"])
def test_a_way_back_within_the_site_is_taken_as_it_is(ours: str) -> None:
    assert local_path(ours) == ours


@pytest.mark.parametrize(
    "elsewhere", ["https://autre.test/", "//autre.test", "/\\autre.test", "javascript:1", "//[", "http://["]
)
async def test_the_language_switch_leads_to_no_other_site(site: httpx.AsyncClient, elsewhere: str) -> None:
    answer = await site.get("/langue/en", params={"retour": elsewhere})
    assert answer.headers["location"] == "/"


async def test_every_answer_says_what_a_browser_may_do_with_it(site: httpx.AsyncClient) -> None:
    for path in ("/essai", "/essai/nulle-part", "/api/nulle-part"):
        headers = (await site.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "strict-transport-security" not in headers
    page_policy = (await site.get("/essai")).headers["content-security-policy"]
    assert "script-src 'self';" in page_policy
    assert "form-action 'self';" in page_policy


async def test_a_page_has_nothing_inline_for_the_policy_to_refuse(site: httpx.AsyncClient) -> None:
    html = (await site.get("/essai")).text
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", html) == []


async def test_cookies_of_a_secure_site_are_its_own_and_its_pages_never_come_by_http(at: Open) -> None:
    async with at("https://site.test") as site:
        answer = await site.get("/essai")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-navigateur=")
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


async def test_assets_are_kept_for_a_year_under_a_name_of_their_content(site: httpx.AsyncClient) -> None:
    html = (await site.get("/essai")).text
    found = re.findall(r'(?:href|src)="(/statique/site/[\w-]+-[0-9a-f]{12}\.(?:css|js|svg))"', html)
    assert len(found) == 3
    for path in found:
        answer = await site.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await site.get("/statique/site/absent.css")).status_code == 404
