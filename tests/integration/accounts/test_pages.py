"""The pages over HTTP: opening an account, what the links in mails open, logging in and out."""

import re
from collections.abc import AsyncIterator
from html import unescape
from uuid import UUID

import httpx
import pytest

from services.contracts.internal import Link
from tests.conftest import FreshDatabase
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.paging import HTML, SAME_SITE, arrived, read, send, token, words
from tests.integration.accounts.test_api import CREDENTIALS, EMAIL, activated, awaiting, link_of, value
from tests.integration.accounts.world import PASSWORD, Served, World, open_calendar, open_world, serve
from tests.unit.accounts.calendars import session_2021

NEW_PASSWORD = "boussole verte et bois"
_FORM = re.compile(r'<form action="(/compte/[^"]+)"')
BEFORE, AFTER = "1604271599999", "1606086000000"


@pytest.fixture
async def dated(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[World, Served]]:
    """Session 2021 at its own dates; a request says when it arrived."""
    url = await fresh_database("accounts")
    async with open_world(url, NOW) as world, serve(url, monkeypatch) as site:
        await world.schedule(session_2021())
        yield world, site


async def reset_link(site: Served, account: UUID) -> str:
    path = f"candidates/{account}/password-reset-link"
    found = await site.peers("notifications").get("accounts", path, Link, {"issue": 1})
    return str(httpx.URL(found.url).params["lien"])


async def test_an_account_is_asked_for_and_the_next_step_told(site: Served) -> None:
    page = words(await read(site, "/compte/creer"))
    assert "De 12 à 128 caractères" in page
    assert "Vous avez 48 h pour ouvrir le lien" in page
    answer = await send(site, "/compte/creer", CREDENTIALS)
    told = await arrived(site, answer)
    assert "Consultez votre messagerie" in told
    assert f"Un message part à l’adresse {EMAIL}" in told
    assert "Vous avez 48 h à partir de l’envoi du message pour activer votre compte." in told
    assert await value(site, "SELECT state FROM account") == "awaiting_activation"


async def test_the_login_says_how_long_one_may_stay_idle(site: Served) -> None:
    page = words(await read(site, "/connexion"))
    assert "après 24 h sans activité, au lieu de 2 h, ou en fermant le navigateur" in page
    assert "Sinon, vous serez déconnecté après 2 h sans activité" in page


@pytest.mark.parametrize(("chosen", "status"), [({}, 401), ({"longer": "oui"}, 200)], ids=["not", "chosen"])
async def test_a_longer_time_without_use_is_chosen_at_the_login(
    site: Served, chosen: dict[str, str], status: int
) -> None:
    await activated(site)
    await send(site, "/connexion", CREDENTIALS | chosen)
    async with site.accounts.database.transaction() as conn:
        await conn.execute("UPDATE login_session SET cookie_used_at = clock_timestamp() - interval '3 h'")
    assert (await site.client.get("/api/accounts/me")).status_code == status


async def test_the_answer_is_the_same_for_an_address_that_has_an_account(site: Served) -> None:
    await activated(site)
    known = await send(site, "/compte/creer", CREDENTIALS)
    told = await arrived(site, known)
    unknown = await send(site, "/compte/creer", CREDENTIALS | {"email": "dominique@exemple.fr"})
    assert told.replace(EMAIL, "…") == (await arrived(site, unknown)).replace("dominique@exemple.fr", "…")
    assert known.headers["location"] == unknown.headers["location"]


async def test_everything_wrong_is_told_at_once_and_the_address_is_kept(site: Served) -> None:
    answer = await send(site, "/compte/creer", {"email": "camille", "password": "secret-court"[:6]})
    assert answer.status_code == 422
    assert "Erreur :" in answer.text.partition("</title>")[0]
    assert "Cette adresse e-mail n’est pas valable" in answer.text
    assert "au moins 12 caractères" in answer.text
    assert 'value="camille"' in answer.text
    assert "secret" not in answer.text
    assert await value(site, "SELECT count(*) FROM account") == 0


@pytest.mark.parametrize(
    ("arrival", "said"),
    [
        (BEFORE, "La pré-inscription n’est pas encore ouverte."),
        (AFTER, "La pré-inscription est close depuis le dimanche 22 novembre 2020 à 23 h 59"),
    ],
)
async def test_outside_the_window_there_is_no_form_but_the_dates(
    dated: tuple[World, Served], arrival: str, said: str
) -> None:
    world, site = dated
    stamp = {"X-Arrived-At": arrival}
    page = await site.client.get("/compte/creer", headers=HTML | stamp)
    assert page.status_code == 200
    assert said in words(page.text)
    assert "Fermeture dimanche 22 novembre 2020 à 23 h 59" in words(page.text)
    assert "password" not in page.text
    form = CREDENTIALS | {"jeton": await token(site, "/connexion")}
    sent = await site.client.post("/compte/creer", data=form, headers=SAME_SITE | stamp)
    assert sent.status_code == 409
    assert said in words(sent.text)
    assert await world.facts() == []


async def test_an_account_can_be_asked_for_until_the_last_minute(dated: tuple[World, Served]) -> None:
    world, site = dated
    form = CREDENTIALS | {"jeton": await token(site, "/connexion")}
    stamp = {"X-Arrived-At": "1606085999999"}
    sent = await site.client.post("/compte/creer", data=form, headers=SAME_SITE | stamp)
    assert sent.status_code == 303
    assert await world.names_of_facts() == ["AccountCreated"]


async def test_where_the_window_closes_before_the_activation_ends_it_is_said_on_the_way(
    dated: tuple[World, Served],
) -> None:
    """Who relied on the 48 h alone would be activated and not registered (ours 3)."""
    _, site = dated
    last = {"X-Arrived-At": "1606085999999"}
    form = CREDENTIALS | {"jeton": await token(site, "/connexion")}
    await site.client.post("/compte/creer", data=form, headers=SAME_SITE | last)
    closes = (
        "La pré-inscription ferme le dimanche 22 novembre 2020 à 23 h 59 : d’ici là, activez votre compte"
    )
    told = await site.client.get("/compte/creer/message", headers=HTML | last)
    assert closes in words(told.text)
    page = f"/compte/activation?lien={link_of(site, await value(site, 'SELECT id FROM account'))}"
    assert closes in words((await site.client.get(page, headers=HTML | last)).text)
    after = await site.client.get(page, headers=HTML | {"X-Arrived-At": AFTER})
    assert "ce compte ne permet plus de s’inscrire" in words(after.text)


async def test_the_link_is_sent_again_and_the_answer_is_the_same_for_strangers(site: Served) -> None:
    await awaiting(site)
    mine = await send(site, "/compte/renvoyer", {"email": EMAIL})
    theirs = await send(site, "/compte/renvoyer", {"email": "dominique@exemple.fr"})
    assert mine.headers["location"] == theirs.headers["location"]
    assert "Le délai pour activer le compte reste le même" in await arrived(site, mine)
    assert await value(site, "SELECT issue FROM account") == 2
    wrong = await send(site, "/compte/renvoyer", {"email": "camille"})
    assert wrong.status_code == 422


async def test_opening_the_page_changes_nothing_and_its_button_activates(site: Served) -> None:
    link = link_of(site, await awaiting(site))
    page = f"/compte/activation?lien={link}"
    for _ in range(3):  # mail scanners follow links
        assert "Saisissez le mot de passe que vous avez choisi" in await read(site, page)
    assert await value(site, "SELECT state FROM account") == "awaiting_activation"
    form = {"lien": link, "password": PASSWORD, "jeton": await token(site, page)}
    pressed = await site.client.post("/compte/activation", data=form, headers=SAME_SITE)
    told = await arrived(site, pressed)
    assert "session" not in site.client.cookies
    assert "appareil" in site.client.cookies
    assert "Votre compte est activé" in told
    assert "la pré-inscription ferme le" in told
    assert "Mot de passe oublié ?" in told, "the login is where one goes next"
    again = await site.client.post("/compte/activation", data=form, headers=SAME_SITE)
    assert again.status_code == 409
    assert "déjà été utilisé" in again.text
    await read(site, page, 409)


@pytest.mark.parametrize("path", ["/compte/activation", "/compte/mot-de-passe"])
async def test_the_address_of_a_page_with_a_link_is_told_to_no_other_site(site: Served, path: str) -> None:
    response = await site.client.get(path, params={"lien": "k1.x.1.y"}, headers=HTML)
    assert response.status_code == 404
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-robots-tag"] == "noindex"
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


async def test_a_wrong_password_is_told_on_the_page_and_the_link_stays_good(site: Served) -> None:
    link = link_of(site, await awaiting(site))
    page = f"/compte/activation?lien={link}"
    wrong = await send(site, "/compte/activation", {"lien": link, "password": NEW_PASSWORD}, page=page)
    assert wrong.status_code == 422
    assert "Ce n’est pas le mot de passe choisi" in wrong.text
    right = await send(site, "/compte/activation", {"lien": link, "password": PASSWORD}, page=page)
    assert right.status_code == 303


@pytest.mark.parametrize("path", ["/compte/activation", "/compte/mot-de-passe"])
async def test_a_refused_page_of_a_link_may_be_reloaded_or_read_in_english(site: Served, path: str) -> None:
    if path == "/compte/activation":
        lien = link_of(site, await awaiting(site))
    else:
        account = await activated(site)
        await send(site, "/compte/mot-de-passe-oublie", {"email": EMAIL})
        lien = await reset_link(site, account)
    action = _FORM.search(await read(site, f"{path}?lien={lien}"))
    assert action is not None
    sent_to = unescape(action[1])
    wrong = await send(site, sent_to, {"lien": lien, "password": "court"}, page=f"{path}?lien={lien}")
    assert wrong.status_code == 422
    assert "Erreur :" in wrong.text
    assert 'name="password"' in await read(site, sent_to), "its address opens the page"


async def test_who_forgot_the_password_before_the_activation_has_a_link_sent(site: Served) -> None:
    account = await awaiting(site)
    link = link_of(site, account)
    page = f"/compte/activation?lien={link}"
    asked = await send(site, "/compte/activation/oubli", {"lien": link}, page=page)
    assert "Consultez votre messagerie" in await arrived(site, asked)
    lien = await reset_link(site, account)
    new = {"lien": lien, "password": NEW_PASSWORD}
    done = await send(site, "/compte/mot-de-passe", new, page=f"/compte/mot-de-passe?lien={lien}")
    told = await arrived(site, done)
    assert "votre compte est activé" in told
    assert "la pré-inscription ferme le" in told
    answer = await send(site, "/connexion", {"email": EMAIL, "password": NEW_PASSWORD})
    assert answer.status_code == 303


def way_back(refused: httpx.Response) -> str:
    """The address that « English » leads to from a refusal (registration answers the switch)."""
    assert refused.status_code == 403
    link = re.search(r'href="(/langue/en[^"]+)"', refused.text)
    assert link is not None
    return str(httpx.URL(unescape(link[1])).params["retour"])


async def test_who_changes_the_language_of_a_refused_form_keeps_the_link_of_the_activation(
    site: Served,
) -> None:
    link = link_of(site, await awaiting(site))
    opened = await read(site, f"/compte/activation?lien={link}")
    action = re.search(r'action="(/compte/activation/oubli[^"]*)"', opened)
    assert action is not None
    refused = await site.client.post(unescape(action[1]), data={"lien": link}, headers=SAME_SITE)
    page = await read(site, way_back(refused))
    assert f'name="lien" value="{link}"' in page
    assert "Activer mon compte" in page


async def test_who_changes_the_language_of_a_refused_sign_out_finds_a_page(site: Served) -> None:
    assert way_back(await site.client.post("/deconnexion", headers=SAME_SITE)) == "/"


async def test_another_sites_form_or_one_without_its_token_presses_no_button(site: Served) -> None:
    link = link_of(site, await awaiting(site))
    form = {"lien": link, "password": PASSWORD}
    page = f"/compte/activation?lien={link}"
    with_token = form | {"jeton": await token(site, page)}
    for data, headers in (
        (with_token, {"Sec-Fetch-Site": "cross-site"}),
        (with_token, {"Origin": "https://autre.test"}),
        (form, SAME_SITE),
        (form | {"jeton": "x" * 64}, SAME_SITE),
    ):
        answer = await site.client.post("/compte/activation", data=data, headers=headers)
        assert answer.status_code == 403
    assert await value(site, "SELECT state FROM account") == "awaiting_activation"


async def test_a_forgotten_password_is_asked_for_and_chosen_anew(site: Served) -> None:
    account = await activated(site)
    mine = await send(site, "/compte/mot-de-passe-oublie", {"email": EMAIL})
    theirs = await send(site, "/compte/mot-de-passe-oublie", {"email": "dominique@exemple.fr"})
    assert mine.headers["location"] == theirs.headers["location"]
    assert "Le lien est valable une heure." in await arrived(site, mine)
    await send(site, "/connexion", CREDENTIALS)
    assert (await site.client.get("/api/accounts/me")).status_code == 200
    lien = await reset_link(site, account)
    page = f"/compte/mot-de-passe?lien={lien}"
    weak = await send(site, "/compte/mot-de-passe", {"lien": lien, "password": "court"}, page=page)
    assert weak.status_code == 422
    assert "au moins 12 caractères" in weak.text
    site.client.cookies.delete("appareil")
    done = await send(site, "/compte/mot-de-passe", {"lien": lien, "password": NEW_PASSWORD}, page=page)
    assert "appareil" in site.client.cookies
    assert "Votre mot de passe est changé" in await arrived(site, done)
    assert (await site.client.get("/api/accounts/me")).status_code == 401
    assert (await send(site, "/connexion", CREDENTIALS)).status_code == 422
    assert (await send(site, "/connexion", {"email": EMAIL, "password": NEW_PASSWORD})).status_code == 303


async def test_a_login_goes_to_my_space_or_where_one_wanted_to_go(site: Served) -> None:
    await activated(site)
    for retour, place in (
        ("", "/mon-espace"),
        ("/documents?piece=1", "/documents?piece=1"),
        ("https://autre.test/", "/mon-espace"),
        ("//autre.test", "/mon-espace"),
        ("/connexion?retour=/connexion", "/mon-espace"),
    ):
        site.client.cookies.clear()
        page = str(httpx.URL("/connexion", params={"retour": retour}))
        assert "autre.test" not in words(await read(site, page))
        answer = await send(site, "/connexion", CREDENTIALS | {"retour": retour}, page=page)
        assert answer.status_code == 303
        assert answer.headers["location"] == place
        already = await site.client.get(page, headers=HTML)
        assert (already.status_code, already.headers["location"]) == (303, place)


async def test_the_page_of_the_link_says_until_when_and_what_happens_then(site: Served) -> None:
    account = await awaiting(site)
    page = f"/compte/activation?lien={link_of(site, account)}"
    assert "Activez votre compte au plus tard" not in words(await read(site, page))
    await value(
        site,
        "UPDATE account SET activation_expires_at = '2120-11-05T19:30:00Z', "
        "expiry_due_at = '2120-11-05T19:40:00Z' RETURNING 1",
    )
    wrong = {"lien": page.partition("lien=")[2], "password": NEW_PASSWORD}
    refused = await send(site, "/compte/activation", wrong, page=page)
    for text in (words(await read(site, page)), words(refused.text)):
        assert "Activez votre compte au plus tard le mardi 5 novembre 2120 à 20 h 29." in text
        assert "Ensuite il est trop tard : le compte est supprimé" in text


async def test_the_login_says_for_which_page_it_is(site: Served) -> None:
    for retour, said in (
        ("/documents/p3", "Connectez-vous pour voir « Mes documents »."),
        ("/inscription", "Connectez-vous pour voir « M’inscrire »."),
        ("https://autre.test/documents", None),
        ("", None),
    ):
        text = words(await read(site, str(httpx.URL("/connexion", params={"retour": retour}))))
        assert said in text if said else "Connectez-vous pour voir" not in text


async def test_whose_login_has_ended_is_told_so_and_who_never_had_one_is_not(site: Served) -> None:
    page = "/connexion?retour=%2Fdocuments"
    assert "Votre connexion a pris fin" not in words(await read(site, page))
    site.client.cookies.set("session", "e" * 43, domain="site.test", path="/")
    assert "Votre connexion a pris fin" in words(await read(site, page))


async def test_what_was_sent_after_the_session_ended_is_told_lost_before_and_after_the_login(
    site: Served,
) -> None:
    await activated(site)
    page = "/connexion?retour=%2Fcompte&perdu=oui"
    assert "ce que vous venez d’envoyer n’a pas été reçu" in words(await read(site, page))
    sent = {"retour": "/compte", "perdu": "oui"}
    refused = await send(site, "/connexion", CREDENTIALS | {"password": "faux"} | sent, page=page)
    assert "ce que vous venez d’envoyer n’a pas été reçu" in words(refused.text)
    entered = await send(site, "/connexion", CREDENTIALS | sent, page=page)
    assert entered.headers["location"] == "/compte"
    assert "Ce que vous aviez envoyé n’avait pas été reçu" in await arrived(site, entered)


async def test_a_login_has_a_new_session_whatever_the_browser_brought(site: Served) -> None:
    """Session fixation: a cookie that somebody planted is not the session afterwards."""
    await activated(site)
    planted = "p" * 43
    site.client.cookies.set("session", planted, domain="site.test", path="/")
    answer = await send(site, "/connexion", CREDENTIALS)
    cookies = [v for k, v in answer.headers.multi_items() if k == "set-cookie"]
    session = next(cookie for cookie in cookies if cookie.startswith("session="))
    assert planted not in session
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in session.split(";")}
    assert "expires" not in session.lower()
    assert "max-age" not in session.lower()


async def test_a_second_login_in_a_browser_ends_its_first(site: Served) -> None:
    await activated(site)
    before_login = await token(site, "/connexion")
    form = CREDENTIALS | {"jeton": before_login}
    await site.client.post("/connexion", data=form, headers=SAME_SITE)
    first = site.client.cookies["session"]
    # The token of the page that was open before the login is void; its own session made another.
    assert (await site.client.post("/connexion", data=form, headers=SAME_SITE)).status_code == 403
    own = await token(site, "/compte/mot-de-passe-oublie")
    again = await site.client.post("/connexion", data=CREDENTIALS | {"jeton": own}, headers=SAME_SITE)
    assert again.status_code == 303
    assert site.client.cookies["session"] != first
    site.client.cookies.clear()
    stolen = await site.client.get("/api/accounts/me", headers={"Cookie": f"session={first}"})
    assert stolen.status_code == 401


async def test_by_https_the_cookies_say_so(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW) as world, serve(url, monkeypatch, public_url="https://site.test") as site:
        await world.schedule(open_calendar(session_2021()))
        await activated(site)
        site.client.base_url = httpx.URL("https://site.test")
        answer = await send(site, "/connexion", CREDENTIALS)
        cookies = [v for k, v in answer.headers.multi_items() if k == "set-cookie"]
        assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-appareil"}
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_wrong_or_empty_credentials_are_told_and_the_address_is_kept(site: Served) -> None:
    await activated(site)
    wrong = await send(site, "/connexion", CREDENTIALS | {"password": NEW_PASSWORD, "retour": "/documents"})
    assert wrong.status_code == 422
    assert "Adresse e-mail ou mot de passe incorrect" in wrong.text
    assert f'value="{EMAIL}"' in wrong.text
    assert 'value="/documents"' in wrong.text
    assert NEW_PASSWORD not in wrong.text
    empty = await send(site, "/connexion", {"email": " ", "password": ""})
    assert "Saisissez votre adresse e-mail." in empty.text
    assert "Saisissez votre mot de passe." in empty.text
    unknown = await send(
        site, "/connexion", CREDENTIALS | {"email": "dominique@exemple.fr", "retour": "/documents"}
    )
    assert (
        words(unknown.text).partition("Adresse e-mail ou")[1:]
        == words(wrong.text).partition("Adresse e-mail ou")[1:]
    )


async def test_too_many_tries_are_told_with_the_minutes_to_wait(site: Served) -> None:
    await activated(site)
    for _ in range(10):
        await send(site, "/connexion", CREDENTIALS | {"password": NEW_PASSWORD})
    full = await send(site, "/connexion", CREDENTIALS)
    assert full.status_code == 429
    assert "Trop de demandes en peu de temps. Réessayez dans 15 minutes." in words(full.text)
    assert 0 < int(full.headers["retry-after"]) <= 901
    site.client.cookies.set("langue", "en")
    english = await send(site, "/connexion", CREDENTIALS)
    assert "Try again in 15 minutes." in words(english.text)


async def test_signing_out_ends_the_session_at_once(site: Served) -> None:
    await activated(site)
    await send(site, "/connexion", CREDENTIALS)
    session = site.client.cookies["session"]
    form = {"jeton": await token(site, "/compte/mot-de-passe-oublie")}
    answer = await site.client.post("/deconnexion", data=form, headers=SAME_SITE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "session" not in site.client.cookies
    stolen = await site.client.get("/api/accounts/me", headers={"Cookie": f"session={session}"})
    assert stolen.status_code == 401
    assert (await site.client.get("/deconnexion", headers=HTML)).status_code == 405


async def test_where_several_sessions_run_one_can_be_chosen(dated: tuple[World, Served]) -> None:
    world, site = dated
    assert "Session d’examen" not in await read(site, "/connexion")
    await world.schedule(open_calendar(session_2021(session_id="now", label="session de maintenant")))
    await world.schedule(open_calendar(session_2021(session_id="next", label="une autre session")))
    assert "une autre session" in await read(site, "/connexion")
    await activated(site)
    owner = await value(site, "SELECT session_id FROM account")
    other = "next" if owner == "now" else "now"
    assert (await send(site, "/connexion", CREDENTIALS | {"session": other})).status_code == 422
    assert (await send(site, "/connexion", CREDENTIALS | {"session": owner})).status_code == 303
