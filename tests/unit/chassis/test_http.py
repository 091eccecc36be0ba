"""What the chassis promises of every request, on a small application of its own (no database)."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.chassis import http
from services.chassis.http import ArrivedAt, Candidate, caller, create_app, field_errors
from services.chassis.identity import PUBLIC_AUDIENCE, Identity, InvalidToken, TokenIssuer, TokenVerifier
from services.chassis.settings import Settings

CANDIDATE = Identity("candidate", "01890000-0000-7000-8000-000000000001")


class Name(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/api/sample/arrival")
    async def arrival(arrived_at: ArrivedAt) -> datetime:
        return arrived_at

    @router.get("/api/sample/me")
    async def me(who: Candidate) -> str:
        return who.subject

    @router.get("/api/sample/tagged")
    async def tagged(response: Response) -> None:
        response.headers["ETag"] = '"3"'

    @router.get("/api/sample/dates")
    async def dates(response: Response) -> None:
        response.headers["Cache-Control"] = "max-age=60"

    @router.post("/api/sample/names")
    async def name(body: Name) -> str:
        return body.name

    @router.get("/api/sample/failure")
    async def failure() -> None:
        raise RuntimeError("Marie Curie, née le 7 novembre")

    @router.api_route("/api/sample/away", methods=["GET", "POST"])
    async def away() -> None:
        raise ConnectionRefusedError

    @router.get("/api/sample/torn")
    async def torn() -> None:
        raise asyncpg.InternalClientError("cannot switch to state 11")

    @router.get("/internal/secret", dependencies=[Depends(caller("documents"))])
    async def secret() -> str:
        return "told"

    return router


@pytest.fixture(scope="module")
def issuer() -> TokenIssuer:
    return new_issuer()


def new_issuer() -> TokenIssuer:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return TokenIssuer(pem.decode())


@pytest.fixture
async def site(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        service_name="sample",
        service_secret="s",
        public_url="http://site.test",
        accounts_url="http://a",
        sessions_url="http://sessions",
        registration_url="http://r",
        documents_url="http://d",
        notifications_url="http://n",
    )
    keys = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks())))

    class Verifier(TokenVerifier):
        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, keys)

    monkeypatch.setattr(http, "TokenVerifier", Verifier)
    app = create_app(settings, [routes()], title="sample")
    async with (
        keys,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test") as client,
    ):
        yield client


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].rsplit(":", 1)[1]


async def test_the_gateways_stamp_is_the_arrival_instant(site: httpx.AsyncClient) -> None:
    response = await site.get("/api/sample/arrival", headers={"X-Arrived-At": "1606089599999"})
    assert datetime.fromisoformat(response.json()) == datetime(2020, 11, 22, 23, 59, 59, 999000, UTC)


@pytest.mark.parametrize("stamp", ["", "hier", "-1", "9" * 14, "²"])
async def test_what_is_no_stamp_is_not_read_as_one(site: httpx.AsyncClient, stamp: str) -> None:
    headers = {b"X-Arrived-At": stamp.encode("latin-1")}
    response = await site.get("/api/sample/arrival", headers=headers)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(response.json())).total_seconds()) < 60


async def test_a_candidate_is_known_by_a_signed_token(site: httpx.AsyncClient, issuer: TokenIssuer) -> None:
    response = await site.get("/api/sample/me", headers={"X-Identity-Token": issuer.issue(CANDIDATE)})
    assert response.json() == CANDIDATE.subject


async def test_what_no_route_said_may_be_kept_is_kept_by_nobody(
    site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    known = {"X-Identity-Token": issuer.issue(CANDIDATE)}
    for path, headers in (
        ("/api/sample/me", known),
        ("/api/sample/me", {}),
        ("/api/sample/tagged", known),
        ("/api/sample/failure", {}),
        ("/api/sample/away", {}),
        ("/api/nowhere", {}),
    ):
        assert (await site.get(path, headers=headers)).headers["cache-control"] == "no-store"
    refused = await site.post("/api/sample/names", json={}, headers={"Origin": "http://evil.test"})
    assert refused.headers["cache-control"] == "no-store"


async def test_what_a_route_said_of_keeping_its_answer_stays(site: httpx.AsyncClient) -> None:
    assert (await site.get("/api/sample/dates")).headers["cache-control"] == "max-age=60"


async def test_without_a_token_the_answer_asks_to_log_in(site: httpx.AsyncClient) -> None:
    assert problem(await site.get("/api/sample/me")) == (401, "connexion-necessaire")


async def test_who_is_logged_in_and_not_recognised_is_told_that_it_is_our_fault(
    site: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the gateway sends this token. A 401 would count as the answer of the owner, and hold nobody."""
    response = await site.get("/api/sample/me", headers={"X-Identity-Token": new_issuer().issue(CANDIDATE)})
    assert problem(response) == (503, "identite-non-reconnue")
    assert response.headers["retry-after"] == "5"
    assert "par une erreur de notre fait" in response.json()["detail"]
    assert "identity of the gateway not recognised" in capsys.readouterr().out


async def test_an_officer_is_not_a_candidate(site: httpx.AsyncClient, issuer: TokenIssuer) -> None:
    token = issuer.issue(Identity("officer", "agent"))
    response = await site.get("/api/sample/me", headers={"X-Identity-Token": token})
    assert problem(response) == (403, "reserve-aux-candidats")


async def test_an_internal_route_is_for_the_named_services_only(
    site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    async def ask(service: str, audience: str) -> httpx.Response:
        token = issuer.issue(Identity("service", service), audience)
        return await site.get("/internal/secret", headers={"Authorization": f"Bearer {token}"})

    assert (await ask("documents", "sample")).json() == "told"
    assert problem(await ask("notifications", "sample")) == (403, "service-non-autorise")
    assert problem(await ask("documents", "another")) == (401, "jeton-invalide")


async def test_a_candidates_token_opens_no_internal_route(
    site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    response = await site.get("/internal/secret", headers={"X-Identity-Token": issuer.issue(CANDIDATE)})
    assert problem(response) == (401, "connexion-necessaire")


async def test_an_unexpected_error_says_nothing_of_its_text(
    site: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await site.get("/api/sample/failure")
    assert problem(response) == (500, "erreur-interne")
    captured = capsys.readouterr()
    assert "RuntimeError" in captured.out
    assert "Curie" not in response.text + captured.out + captured.err


async def test_a_change_that_met_a_part_away_is_not_said_to_be_lost(site: httpx.AsyncClient) -> None:
    """Its connection may have died at COMMIT."""
    detail = (await site.post("/api/sample/away")).json()["detail"]
    assert "Nous ne savons pas si votre demande a été enregistrée" in detail
    assert "avant de l’envoyer à nouveau" in detail
    assert "enregistrée" not in (await site.get("/api/sample/away")).json()["detail"]


@pytest.mark.parametrize("path", ["away", "torn"])
async def test_a_part_that_is_away_is_503_and_to_be_tried_again(site: httpx.AsyncClient, path: str) -> None:
    response = await site.get(f"/api/sample/{path}")
    assert problem(response) == (503, "momentanement-indisponible")
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "json-illisible")),
        (b"{}", (422, "donnees-invalides")),
        (b'{"name": 3}', (422, "donnees-invalides")),
        (b'{"name": "a", "x": 1}', (422, "donnees-invalides")),
    ],
)
async def test_a_malformed_body_is_a_problem(
    site: httpx.AsyncClient, body: bytes, expected: tuple[int, str]
) -> None:
    response = await site.post(
        "/api/sample/names", content=body, headers={"Content-Type": "application/json"}
    )
    assert problem(response) == expected


async def test_a_problem_points_at_the_field_without_its_value(site: httpx.AsyncClient) -> None:
    response = await site.post("/api/sample/names", json={"name": ["secret"]})
    assert [error["pointer"] for error in response.json()["errors"]] == ["/name"]
    assert "secret" not in response.text


async def test_a_declared_oversized_body_is_refused_unread(site: httpx.AsyncClient) -> None:
    response = await site.post("/api/sample/names", content=b" " * 300_000)
    assert problem(response) == (413, "trop-volumineux")


async def test_an_undeclared_oversized_body_is_cut_at_the_limit(site: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b" " * 65536
            await asyncio.sleep(0)

    response = await site.post(
        "/api/sample/names", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert problem(response) == (413, "trop-volumineux")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "http://evil.test/http://site.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Host": ""}, 403),
        ({"Origin": "//["}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://site.test"}, 200),
        ({}, 200),
    ],
)
async def test_another_site_cannot_make_a_browser_send(
    site: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    response = await site.post("/api/sample/names", json={"name": "a"}, headers=headers)
    assert response.status_code == status


async def test_unknown_addresses_and_methods_are_problems(site: httpx.AsyncClient) -> None:
    assert problem(await site.get("/api/nowhere")) == (404, "adresse-inconnue")
    assert problem(await site.put("/api/sample/names")) == (405, "methode-non-permise")


async def test_a_browser_reads_the_problem_as_a_french_page(site: httpx.AsyncClient) -> None:
    response = await site.get("/nulle-part", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "Cette adresse n’existe pas." in response.text


async def _at(issuer: TokenIssuer, seconds_ahead: float, monkeypatch: pytest.MonkeyPatch) -> Identity:
    """What is read in a token that a process whose clock is so far ahead has issued."""
    now = time.time()
    monkeypatch.setattr("services.chassis.identity.time.time", lambda: now + seconds_ahead)
    token = issuer.issue(CANDIDATE)
    monkeypatch.undo()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks()))
    async with httpx.AsyncClient(transport=transport) as client:
        return await TokenVerifier("http://keys", client).verify(token, PUBLIC_AUDIENCE)


@pytest.mark.parametrize("seconds_ahead", [-600, 600])
async def test_clocks_ten_minutes_apart_refuse_no_token(
    issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch, seconds_ahead: float
) -> None:
    assert await _at(issuer, seconds_ahead, monkeypatch) == CANDIDATE


@pytest.mark.parametrize("seconds_ahead", [-730, 730])
async def test_a_token_expires(
    issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch, seconds_ahead: float
) -> None:
    with pytest.raises(InvalidToken):
        await _at(issuer, seconds_ahead, monkeypatch)


@pytest.mark.parametrize(
    ("at_least", "typed", "said"),
    [(1, "", "Ce champ ne peut pas être vide."), (3, "ok", "Ce texte est trop court.")],
)
def test_a_text_is_called_too_short_only_when_more_than_one_character_is_asked(
    at_least: int, typed: str, said: str
) -> None:
    kind: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(min_length=at_least)])
    with pytest.raises(ValidationError) as refused:
        kind.validate_python(typed)
    assert [error.detail for error in field_errors(refused.value.errors())] == [said]
