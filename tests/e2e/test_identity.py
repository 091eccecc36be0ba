"""Who is asking and when it arrived, at the gateway of the whole house."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import httpx
import pytest

from deploy.local.credentials import Credentials
from services.chassis.identity import PUBLIC_AUDIENCE, Identity, TokenIssuer
from tests.e2e.conftest import Newcomer
from tests.e2e.house import House, until
from tests.e2e.people import PASSWORD, Person
from tests.e2e.problems import refused

ME = "/api/registration/me"
FORM = "/api/registration/me/form"
_ACTION = re.compile(r'<form[^>]*action="([^"]*)"')
_RESET = re.compile(r"https?://\S+/compte/mot-de-passe\?lien=([\w.\-~%]+)")
_FORM_TOKEN = re.compile(r'name="jeton" value="([^"]+)"')


@pytest.fixture(scope="module")
async def victim(newcomer: Newcomer) -> Person:
    """Somebody with a saved form and one file."""
    person = await newcomer("Victoire")
    await person.register()
    await person.upload((await person.pieces())[:1])
    return person


@pytest.fixture(scope="module")
async def other(newcomer: Newcomer) -> Person:
    """Another candidate, just as well logged in."""
    person = await newcomer("Mallory")
    await person.register()
    return person


@pytest.fixture(scope="module")
def genuine(house: House) -> TokenIssuer:
    """Signs with the house's own key: what it signs would be believed behind the gateway."""
    secrets = Credentials.model_validate_json((house.addresses.root / "secrets.json").read_bytes())
    return TokenIssuer(secrets.identity_private_key)


@pytest.fixture
async def officer(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of the head of office, logged in at the identity provider."""
    async with house.browser() as browser:
        answer = await _log_in(browser, "chef")
        assert answer.url.path == "/agents"
        assert answer.status_code == 200
        yield browser


async def _log_in(browser: httpx.AsyncClient, subject: str) -> httpx.Response:
    page = await browser.get("/agents/connexion", follow_redirects=True)
    action = _ACTION.search(page.text)
    target = urljoin(str(page.url), action.group(1)) if action and action.group(1) else str(page.url)
    return await browser.post(target, data={"sub": subject}, follow_redirects=True)


# --- what a client says of itself -------------------------------------------------------------------


async def test_even_a_genuine_identity_token_gains_nothing_from_outside(
    house: House, genuine: TokenIssuer, victim: Person, anonymous: httpx.AsyncClient
) -> None:
    token = genuine.issue(Identity("candidate", str(victim.id)))
    direct = house.addresses.services["registration-http"]
    believed = await anonymous.get(f"{direct}{ME}", headers={"X-Identity-Token": token})
    assert believed.json()["candidate_id"] == str(victim.id), "the token must be worth something inside"
    for name in ("X-Identity-Token", "x-identity-token"):
        answer = await anonymous.get(ME, headers={name: token})
        refused(answer, 401, "connexion-necessaire")
    bearer = await anonymous.get(ME, headers={"Authorization": f"Bearer {token}"})
    refused(bearer, 401, "connexion-necessaire")


async def test_an_identity_token_beside_a_session_is_overwritten(
    genuine: TokenIssuer, victim: Person, other: Person
) -> None:
    token = genuine.issue(Identity("candidate", str(victim.id)))
    headers = [("X-Identity-Token", token), ("Connection", "close, X-Identity-Token")]
    answer = await other.browser.get(ME, headers=headers)
    assert answer.json()["candidate_id"] == str(other.id)


async def test_a_candidate_cannot_make_itself_an_officer(
    genuine: TokenIssuer, victim: Person, other: Person
) -> None:
    token = genuine.issue(Identity("officer", "chef", role="head"))
    answer = await other.browser.post(
        f"/api/registration/candidatures/{victim.id}/cancellation",
        json={"reason": "pour voir"},
        headers={"X-Identity-Token": token},
    )
    refused(answer, 403, "reserve-aux-gestionnaires")
    assert await victim.stage() == "registered"


async def test_the_arrival_that_counts_is_the_gateways(house: House, other: Person) -> None:
    """Kept with the saved version, and so with everything judged by it."""
    for claimed in ("1604275200000", "4102444800000", "0"):
        before = datetime.now(UTC)
        headers = {"If-Match": f'"{other.visitor.version}"', "X-Arrived-At": claimed}
        answer = await other.browser.put(FORM, json=other.form(), headers=headers)
        other.visitor.version = answer.json()["version"]
        row = await house.row(
            "registration",
            "SELECT arrived_at FROM registration_version WHERE candidate_id = $1 AND version = $2",
            other.id,
            other.visitor.version,
        )
        assert before - timedelta(milliseconds=1) <= row["arrived_at"] <= datetime.now(UTC)


# --- what is not for the outside --------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/internal",
        "/internal/jwks.json",
        "/internal/metrics",
        "/internal/authenticate",
        "/internal/candidates/{id}/standing",
        "//internal/metrics",
        "/./internal/metrics",
        "/%69nternal/metrics",
        "/%2569nternal/metrics",
        "/internal%2fmetrics",
        "/Internal/metrics",
        "/INTERNAL/metrics",
        "/api/registration/../../internal/metrics",
        "/api/registration/%2e%2e/%2e%2e/internal/metrics",
        "/api/registration/..%2f..%2finternal/metrics",
        "/api/registration/internal/metrics",
        "/api/registration//internal/metrics",
        "/api/registration/..;/internal/metrics",
        "/compte/..\\internal\\metrics",
        "/internal;x/metrics",
        "/statique/../internal/metrics",
        "/statique/%2e%2e/internal/metrics",
    ],
)
async def test_nothing_internal_is_reachable_in_any_spelling(
    house: House, victim: Person, target: str
) -> None:
    session = "; ".join(f"{name}={value}" for name, value in victim.browser.cookies.items())
    status, body = await _raw(house.addresses.gateway, target.format(id=victim.id), session)
    assert status == 404
    assert "adresse-inconnue" in body


async def _raw(origin: str, target: str, cookie: str) -> tuple[int, str]:
    """Send the target as it is: an HTTP client would tidy it up."""
    parts = urlsplit(origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1]), answer.decode()


async def test_the_network_whose_tries_are_counted_is_what_the_gateway_saw(newcomer: Newcomer) -> None:
    person = await newcomer("Ludivine")
    wrong = {"email": person.email, "password": "une-phrase-que-personne-n-a-choisie"}
    statuses = []
    for n in range(11):
        claimed = {"X-Client-Address": f"198.51.{n}.1", "X-Forwarded-For": f"198.51.{n}.1"}
        answer = await person.browser.post("/api/accounts/sessions", json=wrong, headers=claimed)
        statuses.append(answer.status_code)
    assert statuses == [401] * 10 + [429]
    assert int(answer.headers["retry-after"]) > 0


# --- sessions ---------------------------------------------------------------------------------------


async def test_logout_revokes_at_once_and_only_that_session(newcomer: Newcomer) -> None:
    person = await newcomer("Solene")
    await person.enter()
    await person.visitor.log_in(PASSWORD)
    first = (await _open_session(person.browser, person.email, PASSWORD)).json()["token"]
    assert (await _with(person.browser, first)).status_code == 200

    left = await person.browser.delete(
        "/api/accounts/sessions/current", headers={"Authorization": f"Bearer {first}"}
    )
    assert left.status_code == 204
    refused(await _with(person.browser, first), 401, "connexion-necessaire")
    assert (await person.visitor.standing())["stage"] == "activated"


async def test_a_new_password_ends_every_session_and_the_old_password(newcomer: Newcomer) -> None:
    person = await newcomer("Perrine")
    await person.enter()
    token = (await _open_session(person.browser, person.email, PASSWORD)).json()["token"]
    assert (await person.browser.get("/api/accounts/me")).status_code == 200

    asked = await person.browser.post("/api/accounts/password-resets", json={"email": person.email})
    assert asked.status_code == 202

    async def link() -> str | None:
        texts = [mail["text"] for mail in await person.visitor.mails()]
        return next((found.group(1) for text in texts if (found := _RESET.search(text))), None)

    lien = await until(link, "the mail with the reset link")
    page = await person.browser.get("/compte/mot-de-passe", params={"lien": lien})
    assert page.status_code == 200
    new = "une-autre-phrase-assez-longue-7"
    seal = _FORM_TOKEN.search(page.text)
    assert seal is not None
    form = {"lien": lien, "password": new, "jeton": seal[1]}
    changed = await person.browser.post("/compte/mot-de-passe", data=form)
    assert changed.status_code == 303

    async def told() -> bool | None:
        subjects = [mail["subject"] for mail in await person.visitor.mails()]
        return "Votre mot de passe a été changé" in subjects or None

    assert await until(told, "the mail that says so")

    refused(await person.browser.get("/api/accounts/me"), 401, "connexion-necessaire")
    refused(await _with(person.browser, token), 401, "connexion-necessaire")
    old = await _open_session(person.browser, person.email, PASSWORD)
    refused(old, 401, "identifiants-incorrects")
    assert (await _open_session(person.browser, person.email, new)).status_code == 201
    again = await person.browser.post(
        "/api/accounts/password-resets/completions", json={"token": lien, "password": PASSWORD}
    )
    refused(again, 409, "lien-deja-utilise")


async def _open_session(browser: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await browser.post("/api/accounts/sessions", json={"email": email, "password": password})


async def _with(browser: httpx.AsyncClient, token: str) -> httpx.Response:
    return await browser.get("/api/accounts/me", headers={"Authorization": f"Bearer {token}"})


# --- candidates and officers ------------------------------------------------------------------------


async def _officers_routes(
    client: httpx.AsyncClient, candidate_id: UUID, piece: str
) -> list[tuple[str, str]]:
    """Every route of the services' own descriptions that is not a candidate's, a visitor's or a login."""
    everybodys = re.compile(
        r"/me(/|$)|^/api/accounts($|/activation|/password-reset|/sessions)"
        r"|^/api/registration/(sessions/current|specialities|papers|office|communes|countries|notice|help)$"
    )
    values = {
        "candidate_id": str(candidate_id),
        "piece": piece,
        "act": "refusal",
        "session_id": "ouverte",
        "file_id": str(candidate_id),
        "message_id": str(candidate_id),
    }
    found = []
    for service in ("accounts", "registration", "documents", "notifications"):
        described = (await client.get(f"/api/{service}/openapi.json")).json()
        for path, methods in described["paths"].items():
            if not everybodys.search(path):
                found += [(method.upper(), path.format(**values)) for method in methods]
    return found


async def test_a_candidate_reaches_no_officers_route_and_an_unknown_visitor_neither(
    victim: Person, anonymous: httpx.AsyncClient
) -> None:
    piece = (await victim.pieces())[0]
    routes = await _officers_routes(anonymous, victim.id, piece)
    assert len(routes) >= 13, routes
    body = {"reason": "pour voir", "deadline_at": "2099-01-01T00:00:00Z"}
    before = await victim.visitor.standing(), await victim.visitor.documents()
    for method, path in routes:
        sent = None if method == "GET" else body
        refused(await victim.browser.request(method, path, json=sent), 403, "reserve-aux-gestionnaires")
        refused(await anonymous.request(method, path, json=sent), 401, "connexion-necessaire")
    assert (await victim.visitor.standing(), await victim.visitor.documents()) == before


async def test_nobody_reaches_another_candidates_files(victim: Person, other: Person) -> None:
    dossier = await victim.visitor.documents()
    (file,) = [file for piece in dossier["pieces"] for file in piece["files"]]
    mine, path = victim.browser, f"/api/documents/me/files/{file['file_id']}"
    assert (await mine.get(f"{path}/content")).status_code == 200
    refused(await other.browser.get(f"{path}/content"), 404, "fichier-inconnu")
    refused(await other.browser.delete(path), 404, "fichier-inconnu")
    assert await victim.visitor.documents() == dossier


async def test_nobody_reaches_another_candidates_registration(victim: Person, other: Person) -> None:
    """`me` is whoever is logged in: there is no address by which to name somebody else."""
    for path in (FORM, ME, "/api/documents/me", "/api/notifications/me", "/api/accounts/me"):
        answer = await other.browser.get(path, params={"candidate_id": str(victim.id)})
        assert answer.status_code == 200
        assert str(victim.id) not in answer.text
        assert victim.email not in answer.text
    named = await other.browser.get(f"/api/registration/candidatures/{victim.id}")
    refused(named, 403, "reserve-aux-gestionnaires")


async def test_an_officer_logs_in_through_openid_connect_and_acts(
    house: House, officer: httpx.AsyncClient, victim: Person
) -> None:
    seen = await officer.get(f"/api/registration/candidatures/{victim.id}")
    assert seen.json()["stage"] == "registered"
    path = f"/api/registration/candidatures/{victim.id}"
    unseen = await officer.post(f"{path}/hold", json={"reason": "à vérifier"})
    refused(unseen, 428, "etat-consulte-manquant")
    held = await officer.post(
        f"{path}/hold", json={"reason": "à vérifier"}, headers={"If-Match": seen.headers["ETag"]}
    )
    assert held.status_code == 200
    assert await victim.stage() == "held"
    released = await officer.post(
        f"{path}/release",
        json={"reason": "vérifié", "settle_now": True},
        headers={"If-Match": held.headers["ETag"]},
    )
    assert [(entry["act"], entry["actor"], entry["reason"]) for entry in released.json()["journal"][-2:]] == [
        ("held", "officer:chef", "à vérifier"),
        ("released", "officer:chef", "vérifié"),
    ]
    refused(await officer.get(ME), 403, "reserve-aux-candidats")


@pytest.mark.parametrize("reason", ["", "  ", "a\x00b", "\ud800abc", "x" * 3000], ids=ascii)
async def test_an_act_without_a_reason_that_can_be_kept_is_refused(
    officer: httpx.AsyncClient, victim: Person, reason: str
) -> None:
    piece = (await victim.pieces())[0]
    for state, act in (
        (f"/api/registration/candidatures/{victim.id}", "hold"),
        (f"/api/documents/candidates/{victim.id}", f"pieces/{piece}/refusal"),
    ):
        seen = await officer.get(state)
        answer = await officer.post(
            f"{state}/{act}",
            content=json.dumps({"reason": reason}).encode(),
            headers={"Content-Type": "application/json", "If-Match": seen.headers.get("ETag", '"0"')},
        )
        problem = refused(answer, 422, "donnees-invalides")
        assert "/reason" in str(problem["errors"])


async def test_somebody_without_a_role_of_the_office_is_no_officer(house: House, victim: Person) -> None:
    async with house.browser() as browser:
        refused(await _log_in(browser, "passant"), 403, "connexion-refusee")
        answer = await browser.get(f"/api/registration/candidatures/{victim.id}")
        refused(answer, 401, "connexion-necessaire")


# --- services among themselves ----------------------------------------------------------------------


async def _service_token(house: House, name: str, audience: str) -> str:
    sessions = house.addresses.services["accounts-sessions"]
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{sessions}/internal/token",
            json={"audience": audience},
            auth=(name, house.addresses.service_secrets[name]),
        )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def _ask(house: House, victim: Person, token: str | None) -> httpx.Response:
    origin = house.addresses.services["registration-http"]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient() as client:
        return await client.get(f"{origin}/internal/candidates/{victim.id}/standing", headers=headers)


async def test_a_service_that_may_ask_is_answered(house: House, victim: Person) -> None:
    answer = await _ask(house, victim, await _service_token(house, "documents", "registration"))
    assert answer.json()["candidate_id"] == str(victim.id)


async def test_a_token_for_another_audience_is_refused(
    house: House, victim: Person, genuine: TokenIssuer
) -> None:
    for_others = [
        await _service_token(house, "documents", "accounts"),
        genuine.issue(Identity("service", "documents"), PUBLIC_AUDIENCE),
    ]
    for token in for_others:
        refused(await _ask(house, victim, token), 401, "jeton-invalide")


async def test_a_service_is_allowed_by_name(house: House, victim: Person) -> None:
    token = await _service_token(house, "accounts", "registration")
    refused(await _ask(house, victim, token), 403, "service-non-autorise")


async def test_no_token_and_a_candidates_token_open_nothing_internal(
    house: House, victim: Person, genuine: TokenIssuer
) -> None:
    refused(await _ask(house, victim, None), 401, "connexion-necessaire")
    candidate = genuine.issue(Identity("candidate", str(victim.id)), "registration")
    refused(await _ask(house, victim, candidate), 403, "service-non-autorise")


async def test_a_wrong_secret_gets_no_token(house: House) -> None:
    sessions = house.addresses.services["accounts-sessions"]
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{sessions}/internal/token", json={"audience": "registration"}, auth=("documents", "wrong")
        )
    refused(answer, 401, "service-inconnu")
