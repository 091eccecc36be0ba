"""« M'inscrire » loses nothing that was typed, whatever stands against keeping it: the pages that say so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import asyncpg

from services.chassis.rendering import page
from services.registration.domain.errors import WindowShut
from services.registration.pages.room import PAGES
from services.registration.refusals import shut_because
from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import Visitor, gets_focus, look_at
from tests.browser.test_form import fill, go_on, heading, with_and_without_javascript
from tests.e2e.house import House
from tests.e2e.people import PASSWORD, Person
from tests.unit.registration.rows import CLOSES, OPENS


@with_and_without_javascript
async def test_two_windows_on_one_step_show_both_answers(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    await signed_in(window, await newcomer(f"Helena{javascript}"))
    await window.goto("/inscription/contact")
    other = await Visitor.at(window.context, window.origin, javascript=javascript)
    await other.goto("/inscription/contact")
    for one, phone in ((other, "06 39 98 12 34"), (window, "06 39 98 00 00")):
        await fill(one, Téléphone=phone, Adresse_e="helena@exemple.test")
        await go_on(one)
    await heading(other, "Notes conservées et dispenses")
    await heading(window, "Deux réponses différentes")
    await look_at(window, f"form-deux-fenetres{'' if javascript else '-sans-js'}")
    await window.page.get_by_role("button", name="Garder ce que j’ai écrit dans cette fenêtre").click()
    await heading(window, "Notes conservées et dispenses")
    await window.goto("/inscription/contact")
    assert await window.page.get_by_label("Téléphone").input_value() == "06 39 98 00 00"


@with_and_without_javascript
async def test_a_session_that_ends_within_a_step_loses_nothing_of_it(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    person = await newcomer(f"Irene{javascript}")
    await signed_in(window, person)
    await window.goto("/inscription/contact")
    await fill(window, Téléphone="06 39 98 12 34", Adresse_e="irene@exemple.test")
    await window.context.clear_cookies(name="session")
    await go_on(window)
    await heading(window, "Vos réponses ne sont pas perdues")
    assert await window.page.get_by_text("06 39 98 12 34").is_visible()
    await look_at(window, f"form-session{'' if javascript else '-sans-js'}")
    async with window.context.expect_page() as opened:
        await window.page.get_by_role("link", name="Se connecter (dans un nouvel onglet)").click()
    login = await opened.value
    await login.get_by_label("Adresse e-mail").fill(person.email)
    await login.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    await login.get_by_role("button", name="Se connecter").click()
    await login.wait_for_url("**/inscription")
    await window.page.get_by_role("button", name="Je suis reconnecté : continuer").click()
    await window.page.get_by_text("Vous vous êtes reconnecté entre-temps.").wait_for()
    await look_at(window, f"form-reconnecte{'' if javascript else '-sans-js'}")
    await window.page.get_by_role("button", name="Garder ces réponses").click()
    await heading(window, "Notes conservées et dispenses")


async def test_a_save_that_another_window_overtook_takes_the_focus(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    person = await newcomer("Karim")
    await person.enter()
    place, form = "/api/registration/me/draft", person.form()
    kept = await person.browser.put(place, json=form, headers={"If-None-Match": "*"})
    await signed_in(window, person)
    await window.goto("/inscription/recapitulatif")
    form["identification"]["phone"] = "06 39 98 00 00"
    changed = await person.browser.put(place, json=form, headers={"If-Match": kept.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    await window.page.get_by_role("button", name="Enregistrer ma pré-inscription").click()
    await gets_focus(window.page, "Rien n’a été enregistré")
    assert (await window.page.title()).startswith("Erreur : Récapitulatif")
    await look_at(window, "form-recapitulatif-refuse")


async def test_a_closed_window_is_a_page_that_says_what_is_kept(visitor: NewVisitor) -> None:
    shut = WindowShut(OPENS, CLOSES, CLOSES)
    answer = page(
        PAGES,
        "inscription/trop_tard.html",
        409,
        because=shut_because(shut),
        desk=SimpleNamespace(saved=True, draft=None),
        typed=[("Téléphone", "06 39 98 00 00")],
    )
    window = await visitor()
    await window.page.route(
        "**/trop-tard",
        lambda route: route.fulfill(status=200, body=bytes(answer.body).decode(), content_type="text/html"),
    )
    await window.goto("/trop-tard")
    assert await window.page.get_by_text("Ce que vous aviez enregistré avant est gardé.").is_visible()
    await look_at(window, "form-trop-tard")


async def test_a_part_that_is_away_loses_nothing_and_nothing_is_saved_twice(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    """The row of the candidate is held from outside, longer than the service waits for it."""
    window = await visitor()
    person = await newcomer("Lou")
    await person.enter()
    kept = await person.browser.put(
        "/api/registration/me/draft", json=person.form(), headers={"If-None-Match": "*"}
    )
    assert kept.is_success, kept.text
    await signed_in(window, person)
    await window.goto("/inscription/contact")
    await fill(window, Téléphone="06 39 98 00 00")
    async with held(house, person):
        await go_on(window)
        await heading(window, "Vos réponses ne sont pas perdues")
    assert await window.page.get_by_text("ce que vous venez d’envoyer n’est pas gardé").is_visible()
    assert await window.page.get_by_text("06 39 98 00 00").is_visible()
    await look_at(window, "form-indisponible")
    await window.page.get_by_role("button", name="Envoyer de nouveau").click()
    await heading(window, "Notes conservées et dispenses")
    await window.goto("/inscription/recapitulatif")
    async with held(house, person):
        await window.page.get_by_role("button", name="Enregistrer ma pré-inscription").click()
        await window.page.get_by_text(
            "nous ne savons pas si votre pré-inscription est enregistrée"
        ).wait_for()
    await look_at(window, "form-enregistrement-indisponible")
    await window.page.get_by_role("button", name="Envoyer de nouveau").click()
    await heading(window, "Pré-inscription enregistrée")
    query = (
        "SELECT form #>> '{identification,phone}' AS phone FROM registration_version WHERE candidate_id = $1"
    )
    assert (await house.row("registration", query, person.id))["phone"] == "0639980000"


@asynccontextmanager
async def held(house: House, person: Person) -> AsyncIterator[None]:
    conn = await asyncpg.connect(house.addresses.databases["registration"])
    try:
        async with conn.transaction():
            await conn.execute("SELECT 1 FROM candidature WHERE candidate_id = $1 FOR UPDATE", person.id)
            yield
    finally:
        await conn.close()
