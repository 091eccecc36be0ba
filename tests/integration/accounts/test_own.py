"""One's own account: the password changed, the data as a file, the account erased; by page and by API."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.accounts.consumers import on_notifications
from services.chassis.peers import PeerGone
from services.contracts.events import AccountDeleted, PasswordChanged
from services.contracts.internal import Contact
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.paging import HTML, arrived, read, send, words
from tests.integration.accounts.test_api import (
    CREDENTIALS,
    EMAIL,
    activated,
    awaiting,
    logged_in,
    problem,
    value,
)
from tests.integration.accounts.world import PASSWORD, FixedClock, Served, World, envelope, mail_sent

NEW_PASSWORD = "boussole verte et bois"
CHANGE = "/compte/mot-de-passe/changer"
ERASE = "/compte/donnees/effacer"
SURE = {"sure": "oui", "password": PASSWORD}


async def entered(site: Served) -> UUID:
    account = await activated(site)
    assert (await send(site, "/connexion", CREDENTIALS)).status_code == 303
    return account


async def facts(site: Served) -> list[object]:
    return list(await World(site.accounts, FixedClock(NOW)).facts())


@pytest.mark.parametrize("path", ["/compte", CHANGE, ERASE, "/compte/donnees/mes-donnees.json"])
async def test_the_anonymous_are_sent_to_the_login_and_back(site: Served, path: str) -> None:
    response = await site.client.get(path, headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == f"/connexion?retour={path.replace('/', '%2F')}"


async def test_my_account_says_which_address_and_until_when(site: Served) -> None:
    await entered(site)
    page = words(await read(site, "/compte"))
    assert EMAIL in page
    assert "session 2021" in page


async def test_a_changed_password_ends_every_other_login_and_not_this_one(site: Served) -> None:
    account = await activated(site)
    elsewhere = await logged_in(site)
    await site.client.post("/api/accounts/password-resets", json={"email": EMAIL})
    assert (await send(site, "/connexion", CREDENTIALS)).status_code == 303
    form = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    answer = await send(site, CHANGE, form)
    assert answer.headers["location"] == "/compte"
    assert "Votre mot de passe est changé" in await arrived(site, answer)
    assert problem(await site.client.get("/api/accounts/me", headers=elsewhere))[0] == 401
    site.client.cookies.clear()
    assert problem(await site.client.post("/api/accounts/sessions", json=CREDENTIALS))[0] == 401
    new = CREDENTIALS | {"password": NEW_PASSWORD}
    assert (await site.client.post("/api/accounts/sessions", json=new)).status_code == 201
    lien = World(site.accounts, FixedClock(NOW)).token(account, 1, "password_reset")
    await read(site, f"/compte/mot-de-passe?lien={lien}", 409)


async def test_a_wrong_or_weak_password_changes_nothing_and_is_told_at_its_field(site: Served) -> None:
    await entered(site)
    before = await value(site, "SELECT password_hash FROM account")
    for current, new, field, said in (
        (NEW_PASSWORD, NEW_PASSWORD, "current_password", "Ce n’est pas votre mot de passe."),
        (PASSWORD, "court", "password", "au moins 12 caractères"),
        ("", NEW_PASSWORD, "current_password", "Saisissez votre mot de passe actuel."),
    ):
        answer = await send(site, CHANGE, {"current_password": current, "password": new})
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert said in answer.text
    assert await value(site, "SELECT password_hash FROM account") == before
    bearer = await logged_in(site)
    change = {"current_password": NEW_PASSWORD, "password": NEW_PASSWORD}
    response = await site.client.put("/api/accounts/me/password", json=change, headers=bearer)
    assert problem(response) == (422, "mot-de-passe-incorrect")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/current_password"]
    change["current_password"] = PASSWORD
    response = await site.client.put("/api/accounts/me/password", json=change, headers=bearer)
    assert response.status_code == 204
    assert (await site.client.get("/api/accounts/me", headers=bearer)).status_code == 200


async def test_the_owner_is_told_of_each_change_of_the_password_and_of_no_refused_one(site: Served) -> None:
    account = await entered(site)
    told = World(site.accounts, FixedClock(NOW))
    refused = {"current_password": NEW_PASSWORD, "password": NEW_PASSWORD}
    assert (await send(site, CHANGE, refused)).status_code == 422
    assert "PasswordChanged" not in await told.names_of_facts()
    change = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert (await send(site, CHANGE, change)).status_code == 303
    back = {"current_password": NEW_PASSWORD, "password": PASSWORD}
    assert (await site.client.put("/api/accounts/me/password", json=back)).status_code == 204
    changes = [fact for fact in await told.facts() if isinstance(fact, PasswordChanged)]
    assert [fact.key for fact in changes] == [account, account]
    assert changes[0].revision < changes[1].revision


async def test_who_sits_at_an_open_browser_cannot_try_passwords_for_ever(site: Served) -> None:
    await entered(site)
    for _ in range(10):
        await send(site, ERASE, SURE | {"password": NEW_PASSWORD})
    full = await send(site, ERASE, SURE)
    assert full.status_code == 429
    assert "Réessayez dans 15 minutes." in words(full.text)
    assert await value(site, "SELECT count(*) FROM account") == 1


async def test_everybody_reads_what_is_kept_and_why(site: Served) -> None:
    page = words(await read(site, "/compte/donnees"))
    assert "Bureau du baccalauréat professionnel" in page
    assert "Ce qui est gardé, et pourquoi" in page
    assert "mission de service public" in page
    assert "délégué à la protection des données de l’académie vous répond aussi : dpd@exemple.example" in page
    assert "Télécharger mes données" not in page
    await entered(site)
    page = words(await read(site, "/compte/donnees"))
    assert "Télécharger mes données" in page
    assert "Effacer mon compte et ma candidature" in page


async def test_half_of_the_data_is_not_given_for_all_of_it(site: Served) -> None:
    """The other services are away here."""
    await activated(site)
    bearer = await logged_in(site)
    response = await site.client.get("/api/accounts/me/data", headers=bearer)
    assert problem(response) == (503, "momentanement-indisponible")


async def test_an_erased_account_is_gone_and_its_logins_with_it(site: Served) -> None:
    account = await entered(site)
    session = site.client.cookies["session"]
    page = words(await read(site, ERASE))
    assert "Votre candidature prend fin, quel que soit son état" in page
    assert "Vous pourrez vous inscrire à nouveau, en recommençant tout, jusqu’au" in page
    answer = await send(site, ERASE, SURE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "session" not in site.client.cookies
    stolen = await site.client.get("/api/accounts/me", headers={"Cookie": f"session={session}"})
    assert stolen.status_code == 401
    assert problem(await site.client.post("/api/accounts/sessions", json=CREDENTIALS))[0] == 401
    deleted = (await facts(site))[-1]
    assert isinstance(deleted, AccountDeleted)
    assert (deleted.candidate_id, deleted.reason) == (account, "erased")
    for table in ("account", "login_session", "password_reset", "activation_password"):
        assert await value(site, f"SELECT count(*) FROM {table}") == 0
    assert await value(site, "SELECT candidate_id FROM tombstone") == account


async def test_the_address_stays_for_the_last_mail_and_no_longer(site: Served) -> None:
    account = await entered(site)
    await send(site, ERASE, SURE)
    peers, path = site.peers("notifications"), f"candidates/{account}/contact"
    assert (await peers.get("accounts", path, Contact, {"farewell": 1})).email == EMAIL
    with pytest.raises(PeerGone):
        await peers.get("accounts", path, Contact)
    async with site.accounts.database.transaction() as conn:
        await on_notifications(conn, envelope(mail_sent(account, NOW, kind="account_erased")))
    with pytest.raises(PeerGone):
        await peers.get("accounts", path, Contact, {"farewell": 1})
    assert await value(site, "SELECT count(*) FROM farewell") == 0


@pytest.mark.parametrize("missing", ["sure", "password"])
async def test_nothing_is_erased_by_half_a_form(site: Served, missing: str) -> None:
    await entered(site)
    answer = await send(site, ERASE, {k: v for k, v in SURE.items() if k != missing})
    assert answer.status_code == 422
    assert f'href="#{missing}"' in answer.text
    assert await value(site, "SELECT count(*) FROM account") == 1


async def test_after_the_window_one_may_still_erase_and_is_told_that_there_is_no_way_back(
    site: Served,
) -> None:
    await entered(site)
    async with site.accounts.database.transaction() as conn:
        await conn.execute(
            """UPDATE exam_session SET calendar = calendar || jsonb_build_object(
                'closes_at', to_jsonb(now() - interval '1 h'))"""
        )
    assert "vous ne pourrez pas vous inscrire à nouveau" in words(await read(site, ERASE))
    assert (await send(site, ERASE, SURE)).status_code == 303
    assert await value(site, "SELECT count(*) FROM account") == 0


async def test_the_api_erases_as_the_page_does_and_the_address_may_start_again(site: Served) -> None:
    first = await activated(site)
    bearer = await logged_in(site)
    wrong = {"password": NEW_PASSWORD}
    response = await site.client.post("/api/accounts/me/erasure", json=wrong, headers=bearer)
    assert problem(response) == (422, "mot-de-passe-incorrect")
    right = {"password": PASSWORD}
    done = await site.client.post("/api/accounts/me/erasure", json=right, headers=bearer)
    assert done.status_code == 204
    again = await awaiting(site)
    assert again != first
    assert await value(site, "SELECT count(*) FROM account") == 1


async def test_an_erasure_that_waits_for_its_mail_is_forgotten_within_a_week(site: Served) -> None:
    await entered(site)
    await send(site, ERASE, SURE)
    kept = await value(site, "SELECT until - now() FROM farewell")
    assert timedelta(days=6) < kept <= timedelta(days=7)
