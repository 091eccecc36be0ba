"""Over HTTP, with real sessions and tokens: what a front end, the gateway and the sister services see."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.accounts.commands.expire import expire
from services.accounts.tokens import digest
from services.accounts.upkeep import purge
from services.chassis.peers import PeerGone, PeerNotFound, PeerRefused
from services.contracts.internal import Contact, Link, SessionHolders
from tests.conftest import FreshDatabase
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import (
    PASSWORD,
    FixedClock,
    Served,
    World,
    open_calendar,
    open_world,
    serve,
)
from tests.unit.accounts.calendars import session_2021

EMAIL = "camille@exemple.fr"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


async def value(site: Served, statement: str, *arguments: object) -> Any:
    async with site.accounts.database.connection() as conn:
        return await conn.fetchval(statement, *arguments)


async def awaiting(site: Served) -> UUID:
    response = await site.client.post("/api/accounts", json=CREDENTIALS)
    assert response.status_code == 202
    return UUID(str(await value(site, "SELECT id FROM account WHERE email_key = $1", EMAIL)))


def link_of(site: Served, account: UUID) -> str:
    return World(site.accounts, FixedClock(NOW)).token(account)


def proof(token: str) -> dict[str, str]:
    return {"token": token, "password": PASSWORD}


async def activated(site: Served) -> UUID:
    account = await awaiting(site)
    response = await site.client.post("/api/accounts/activations", json=proof(link_of(site, account)))
    assert response.status_code == 200
    return account


async def logged_in(site: Served) -> dict[str, str]:
    """The header of a bearer session."""
    response = await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    assert response.status_code == 201
    site.client.cookies.clear()
    return {"Authorization": f"Bearer {response.json()['token']}"}


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].rsplit(":", 1)[1]


async def test_one_login_serves_as_cookie_and_as_bearer(site: Served) -> None:
    account = await activated(site)
    bearer = await logged_in(site)
    by_bearer = await site.client.get("/api/accounts/me", headers=bearer)
    assert by_bearer.json() == {
        "candidate_id": str(account),
        "email": EMAIL,
        "state": "activated",
        "session_id": "2021",
    }
    await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    assert (await site.client.get("/api/accounts/me")).json() == by_bearer.json()


async def test_the_identity_a_client_sends_itself_is_not_believed(site: Served) -> None:
    response = await site.client.get("/api/accounts/me", headers={"X-Identity-Token": "eyJ"})
    assert problem(response) == (401, "connexion-necessaire")


async def test_logging_out_ends_the_session_at_once(site: Served) -> None:
    await activated(site)
    bearer = await logged_in(site)
    assert (await site.client.delete("/api/accounts/sessions/current", headers=bearer)).status_code == 204
    assert problem(await site.client.get("/api/accounts/me", headers=bearer))[0] == 401
    assert (await site.client.delete("/api/accounts/sessions/current", headers=bearer)).status_code == 204


async def test_logging_out_with_a_cookie_takes_the_cookie_back(site: Served) -> None:
    await activated(site)
    await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    assert "session" in site.client.cookies
    await site.client.delete("/api/accounts/sessions/current")
    assert "session" not in site.client.cookies


async def test_the_cookie_is_no_bearer_and_the_bearer_no_cookie(site: Served) -> None:
    await activated(site)
    response = await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    cookie, token = site.client.cookies["session"], response.json()["token"]
    site.client.cookies.clear()
    for headers in ({"Authorization": f"Bearer {cookie}"}, {"Cookie": f"session={token}"}):
        assert problem(await site.client.get("/api/accounts/me", headers=headers))[0] == 401


async def test_logging_out_by_the_cookie_ends_the_bearer_too(site: Served) -> None:
    await activated(site)
    token = (await site.client.post("/api/accounts/sessions", json=CREDENTIALS)).json()["token"]
    await site.client.delete("/api/accounts/sessions/current")
    bearer = {"Authorization": f"Bearer {token}"}
    assert problem(await site.client.get("/api/accounts/me", headers=bearer))[0] == 401


async def used(site: Served, ago: str) -> None:
    async with site.accounts.database.transaction() as conn:
        await conn.execute(
            "UPDATE login_session SET cookie_used_at = clock_timestamp() - $1::text::interval", ago
        )


async def test_a_cookie_not_used_for_two_hours_is_nobody_and_the_bearer_lives_on(site: Served) -> None:
    await activated(site)
    token = (await site.client.post("/api/accounts/sessions", json=CREDENTIALS)).json()["token"]
    await used(site, "1 h 59 min")
    assert (await site.client.get("/api/accounts/me")).status_code == 200
    await used(site, "2 h")
    assert problem(await site.client.get("/api/accounts/me"))[0] == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await site.client.get("/api/accounts/me", headers=bearer)).status_code == 200


async def test_who_asks_for_a_longer_time_without_use_has_a_day(site: Served) -> None:
    await activated(site)
    await site.client.post("/api/accounts/sessions", json=CREDENTIALS | {"longer": True})
    await used(site, "23 h 59 min")
    assert (await site.client.get("/api/accounts/me")).status_code == 200
    await used(site, "24 h")
    assert problem(await site.client.get("/api/accounts/me"))[0] == 401


async def test_a_cookies_use_is_written_once_a_minute_at_most(site: Served) -> None:
    await activated(site)
    await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    await used(site, "45 s")
    last = "SELECT cookie_used_at FROM login_session"
    before = await value(site, last)
    await site.client.get("/api/accounts/me")
    assert await value(site, last) == before
    await used(site, "61 s")
    before = await value(site, last)
    await site.client.get("/api/accounts/me")
    noted = await value(site, last)
    assert noted > before
    await site.client.get("/api/accounts/me")
    assert await value(site, last) == noted


async def test_by_https_a_cookie_without_host_is_nobody(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW) as world, serve(url, monkeypatch, public_url="https://site.test") as site:
        await world.schedule(open_calendar(session_2021()))
        await activated(site)
        response = await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
        cookie = response.headers["set-cookie"].partition(";")[0].partition("=")[2]
        site.client.cookies.clear()
        for name, status in (("session", 401), ("__Host-session", 200)):
            answer = await site.client.get("/api/accounts/me", headers={"Cookie": f"{name}={cookie}"})
            assert answer.status_code == status


async def test_an_attacker_elsewhere_locks_the_owner_out_of_nothing(site: Served) -> None:
    await activated(site)
    site.client.cookies.clear()
    wrong = CREDENTIALS | {"password": "boussole verte et bois"}
    elsewhere = {"X-Client-Address": "203.0.113.9"}
    neighbour = {"X-Client-Address": "203.0.113.200"}
    home = {"X-Client-Address": "192.0.2.7"}
    path = "/api/accounts/sessions"
    for _ in range(10):
        await site.client.post(path, json=wrong, headers=elsewhere)
    assert (await site.client.post(path, json=CREDENTIALS, headers=neighbour)).status_code == 429
    assert (await site.client.post(path, json=CREDENTIALS, headers=home)).status_code == 201
    assert "appareil" in site.client.cookies
    # The same browser, now in the attacker's network.
    assert (await site.client.post(path, json=CREDENTIALS, headers=elsewhere)).status_code == 201


async def test_an_expired_session_is_nobody(site: Served) -> None:
    await activated(site)
    bearer = await logged_in(site)
    async with site.accounts.database.transaction() as conn:
        await conn.execute("UPDATE login_session SET expires_at = clock_timestamp()")
    assert problem(await site.client.get("/api/accounts/me", headers=bearer))[0] == 401


async def test_an_upload_of_any_length_passes_the_session_check(site: Served) -> None:
    asked = httpx.Request(
        "GET", "http://sessions.test/internal/authenticate", headers={"Content-Length": "9000000"}
    )
    assert (await site.transport.handle_async_request(asked)).status_code == 200


async def test_outside_the_window_the_answer_tells_the_dates(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW) as world, serve(url, monkeypatch) as site:
        assert problem(await site.client.post("/api/accounts", json=CREDENTIALS)) == (
            503,
            "calendrier-inconnu",
        )
        await world.schedule(session_2021())
        for arrived, slug in (
            ("1604271599999", "inscription-pas-ouverte"),
            ("1606086000000", "inscription-close"),
        ):
            response = await site.client.post(
                "/api/accounts", json=CREDENTIALS, headers={"X-Arrived-At": arrived}
            )
            assert problem(response) == (409, slug)
            assert "dimanche 22 novembre 2020 à 23 h 59" in response.json()["detail"]
        last = {"X-Arrived-At": "1606085999999"}
        assert (await site.client.post("/api/accounts", json=CREDENTIALS, headers=last)).status_code == 202


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "camille", "password": PASSWORD}, "/email"),
        ({"email": EMAIL, "password": "court"}, "/password"),
        ({"email": EMAIL}, "/password"),
        ({"email": EMAIL, "password": PASSWORD, "admin": True}, "/admin"),
        ({"email": "a" * 250 + "@exemple.fr", "password": PASSWORD}, "/email"),
    ],
)
async def test_what_is_wrong_is_pointed_at_without_being_repeated(
    site: Served, body: dict[str, Any], pointer: str
) -> None:
    response = await site.client.post("/api/accounts", json=body)
    assert problem(response) == (422, "donnees-invalides")
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert "court" not in response.text
    assert await value(site, "SELECT count(*) FROM account") == 0


async def test_too_many_tries_are_429_with_the_time_to_wait(site: Served) -> None:
    await activated(site)
    wrong = CREDENTIALS | {"password": "boussole verte et bois"}
    for _ in range(10):
        assert (await site.client.post("/api/accounts/sessions", json=wrong)).status_code == 401
    response = await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    assert problem(response) == (429, "trop-d-essais")
    assert 880 <= int(response.headers["retry-after"]) <= 901


async def test_an_overfull_pool_is_503_and_nothing_is_opened(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW) as world, serve(url, monkeypatch) as site:
        await world.schedule(session_2021())
        room = site.accounts.passwords._room
        while room.acquire(blocking=False):
            pass
        stamp = {"X-Arrived-At": str(int(NOW.timestamp() * 1000))}
        response = await site.client.post("/api/accounts", json=CREDENTIALS, headers=stamp)
        assert problem(response) == (503, "trop-de-demandes")
        assert await world.facts() == []
        room.release()


async def test_a_link_activates_once_and_logs_nobody_in(site: Served) -> None:
    token = link_of(site, await awaiting(site))
    first = await site.client.post("/api/accounts/activations", json=proof(token))
    assert first.json()["state"] == "activated"
    assert "session" not in site.client.cookies
    assert "appareil" in site.client.cookies
    assert problem(await site.client.post("/api/accounts/activations", json=proof(token))) == (
        409,
        "lien-deja-utilise",
    )
    assert problem(await site.client.post("/api/accounts/activations", json=proof(token + "x"))) == (
        404,
        "lien-inconnu",
    )


async def test_a_browser_that_chose_a_new_password_is_known_and_not_logged_in(site: Served) -> None:
    account = await activated(site)
    site.client.cookies.clear()
    await site.client.post("/api/accounts/password-resets", json={"email": EMAIL})
    token = World(site.accounts, FixedClock(NOW)).token(account, kind="password_reset")
    new = {"token": token, "password": "boussole verte et bois"}
    done = await site.client.post("/api/accounts/password-resets/completions", json=new)
    assert done.status_code == 204
    assert set(site.client.cookies) == {"appareil"}


async def test_a_wrong_password_is_told_at_its_field_and_the_link_stays_good(site: Served) -> None:
    link = link_of(site, await awaiting(site))
    wrong = {"token": link, "password": "boussole verte et bois"}
    response = await site.client.post("/api/accounts/activations", json=wrong)
    assert problem(response) == (422, "mot-de-passe-different")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/password"]
    assert (await site.client.post("/api/accounts/activations", json=proof(link))).status_code == 200


async def test_a_reset_link_of_an_account_that_waits_ends_with_its_activation_period(site: Served) -> None:
    account = await awaiting(site)
    await site.client.post("/api/accounts/password-resets", json={"email": EMAIL})
    path, peers = f"candidates/{account}/password-reset-link", site.peers("notifications")
    ends = "UPDATE account SET activation_expires_at = $1, expiry_due_at = $1"
    in_half_an_hour = datetime.now(UTC) + timedelta(minutes=30)
    async with site.accounts.database.transaction() as conn:
        await conn.execute(ends, in_half_an_hour)
    assert (await peers.get("accounts", path, Link, {"issue": 1})).expires_at == in_half_an_hour
    async with site.accounts.database.transaction() as conn:
        await conn.execute(ends, datetime.now(UTC))
    with pytest.raises(PeerGone):
        await peers.get("accounts", path, Link, {"issue": 1})


async def test_notifications_learns_address_and_link_at_the_moment_of_sending(site: Served) -> None:
    account = await awaiting(site)
    peers = site.peers("notifications")
    assert (await peers.get("accounts", f"candidates/{account}/contact", Contact)).email == EMAIL
    path = f"candidates/{account}/activation-link"
    one, again = [await peers.get("accounts", path, Link, {"issue": 1}) for _ in range(2)]
    assert one == again
    assert one.url == f"http://site.test/compte/activation?lien={link_of(site, account)}"
    with pytest.raises(PeerNotFound):
        await peers.get("accounts", path, Link, {"issue": 2})
    await site.client.post("/api/accounts/activations", json=proof(link_of(site, account)))
    with pytest.raises(PeerGone):
        await peers.get("accounts", path, Link, {"issue": 1})


async def test_the_deleted_are_gone_but_for_their_farewell(site: Served) -> None:
    account = await awaiting(site)
    async with site.accounts.database.transaction() as conn:
        await conn.execute(
            "UPDATE account SET activation_expires_at = now() - interval '1 h', expiry_due_at = now()"
        )
    assert await expire(site.accounts, account)
    peers = site.peers("notifications")
    with pytest.raises(PeerGone):
        await peers.get("accounts", f"candidates/{account}/contact", Contact)
    with pytest.raises(PeerGone):
        await peers.get("accounts", f"candidates/{account}/activation-link", Link, {"issue": 1})
    with pytest.raises(PeerGone):
        await peers.get("accounts", f"candidates/{account}/password-reset-link", Link, {"issue": 1})
    farewell = await peers.get("accounts", f"candidates/{account}/contact", Contact, {"farewell": 1})
    assert farewell.email == EMAIL


async def test_who_is_not_known_is_not_called_gone_for_the_mails_of_the_forgotten_must_wait(
    site: Served,
) -> None:
    """`accounts` restored to before somebody came: a 410 would end every mail to them for good."""
    peers, somebody = site.peers("notifications"), f"candidates/{uuid4()}"
    for farewell in (0, 1):
        with pytest.raises(PeerNotFound):
            await peers.get("accounts", f"{somebody}/contact", Contact, {"farewell": farewell})
    for link in ("activation-link", "password-reset-link"):
        with pytest.raises(PeerNotFound):
            await peers.get("accounts", f"{somebody}/{link}", Link, {"issue": 1})


async def test_a_farewell_to_somebody_who_is_there_again_waits(site: Served) -> None:
    """`accounts` restored to before a deletion, of which the others know."""
    account = await awaiting(site)
    with pytest.raises(PeerNotFound):
        await site.peers("notifications").get(
            "accounts", f"candidates/{account}/contact", Contact, {"farewell": 1}
        )


async def test_registration_is_told_the_address_to_offer_but_no_farewell_and_no_link(site: Served) -> None:
    account = await awaiting(site)
    path, peers = f"candidates/{account}", site.peers("registration")
    assert (await peers.get("accounts", f"{path}/contact", Contact)).email == EMAIL
    with pytest.raises(PeerRefused):
        await peers.get("accounts", f"{path}/contact", Contact, {"farewell": 1})
    for link in ("activation-link", "password-reset-link"):
        with pytest.raises(PeerRefused):
            await peers.get("accounts", f"{path}/{link}", Link, {"issue": 1})


async def test_nobody_else_is_told_an_address(site: Served) -> None:
    account = await awaiting(site)
    with pytest.raises(PeerRefused):
        await site.peers("documents").get("accounts", f"candidates/{account}/contact", Contact)


@pytest.mark.parametrize("service", ["documents", "registration"])
async def test_who_reads_the_gateways_log_is_told_whose_login_begins_so_until_a_day_after_its_end(
    site: Served, service: str
) -> None:
    account = await activated(site)
    answer = await site.client.post("/api/accounts/sessions", json=CREDENTIALS)
    cookie, bearer = answer.cookies["session"], answer.json()["token"]
    await site.client.delete("/api/accounts/sessions/current", headers={"Authorization": f"Bearer {bearer}"})
    await purge(site.accounts)
    peers = site.peers(service)
    for token in (cookie, bearer):
        path = f"sessions/{digest(token).hex()[:8]}/holders"
        assert (await peers.get("accounts", path, SessionHolders)).candidate_ids == (account,)
    for other in ("00000000", "ffffffff"):
        assert (await peers.get("accounts", f"sessions/{other}/holders", SessionHolders)).candidate_ids == ()
    with pytest.raises(PeerRefused):
        await site.peers("notifications").get("accounts", path, SessionHolders)


async def test_a_service_without_its_secret_gets_no_token(site: Served) -> None:
    for name, secret in (("notifications", "wrong"), ("stranger", "n-secret"), ("", "")):
        response = await site.client.post(
            "http://sessions.test/internal/token", json={"audience": "accounts"}, auth=(name, secret)
        )
        assert problem(response) == (401, "service-inconnu")
    unnamed = await site.client.post("http://sessions.test/internal/token", json={"audience": "accounts"})
    assert problem(unnamed) == (401, "service-inconnu")
    elsewhere = await site.client.post(
        "http://sessions.test/internal/token",
        json={"audience": "elsewhere"},
        auth=("notifications", "n-secret"),
    )
    assert problem(elsewhere) == (400, "destinataire-inconnu")


async def test_only_an_officer_lists_the_accounts_no_mail_reached(site: Served) -> None:
    await activated(site)
    bearer = await logged_in(site)
    assert problem(await site.client.get("/api/accounts/undelivered", headers=bearer)) == (
        403,
        "reserve-aux-gestionnaires",
    )
    async with site.accounts.database.transaction() as conn:
        await conn.execute(
            "INSERT INTO login_session (token_sha256, kind, subject, role, created_at, expires_at) "
            "VALUES ($1, 'officer', 'chef', 'head', now(), now() + interval '1 h')",
            digest("officers-token"),
        )
    officer = {"Authorization": "Bearer officers-token"}
    response = await site.client.get("/api/accounts/undelivered", headers=officer)
    assert response.json() == []
