"""The browser's own ways: back after a refused form, and the login that was not asked for."""

import pytest
from playwright.async_api import FilePayload, Page

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import Visitor, gets_focus, look_at
from tests.e2e.people import PASSWORD, Person

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
LARGE = FilePayload(name="carte.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4" + b"0" * (5 << 20))


async def test_going_back_to_a_refused_step_asks_for_it_anew_and_sends_nothing(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    page = window.page
    await signed_in(window, await newcomer("Paul"))
    await window.goto("/inscription/handicap")
    await page.get_by_role("button", name="Continuer", exact=True).click()
    await page.get_by_role("alert").get_by_text("Répondez OUI ou NON.").wait_for()
    await page.get_by_label("NON", exact=True).check()
    await page.get_by_role("button", name="Continuer", exact=True).click()
    await page.wait_for_url("**/inscription/identite")
    await page.go_back()
    await page.wait_for_url("**/inscription/handicap")
    assert await page.get_by_label("NON", exact=True).is_checked()
    assert await page.get_by_role("alert").count() == 0


@with_and_without_javascript
async def test_a_large_file_sent_after_the_session_ended_is_told_lost_and_sent_again(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    """Refused by its headers alone: a browser that still sends shows no answer to that."""
    window = await visitor(javascript=javascript)
    page = window.page
    person = await _at_a_piece(window, await newcomer(f"Rita{javascript}"), signed_in)
    token = await page.locator("header input[name=jeton]").get_attribute("value")
    other = await window.context.new_page()  # the same session, ended elsewhere
    await other.request.post(f"{window.origin}/deconnexion", form={"jeton": token or ""}, max_redirects=0)
    await other.close()
    await window.context.add_cookies(
        [{"name": "session", "value": person.browser.cookies["session"], "url": window.origin}]
    )
    await send(page, LARGE)
    await page.get_by_text("ce que vous venez d’envoyer n’a pas été reçu").wait_for()
    if javascript:
        await gets_focus(page, "À savoir")
    assert await page.get_by_text("Ce que vous aviez enregistré ou déposé avant est gardé.").is_visible()
    assert await page.get_by_role("button", name="Se déconnecter").count() == 0
    await look_at(window, f"connexion-envoi-perdu-{'js' if javascript else 'sans-js'}")
    await page.get_by_label("Adresse e-mail").fill(person.visitor.email)
    await page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url("**/documents/p2")
    await page.get_by_text("Ce que vous aviez envoyé n’avait pas été reçu").wait_for()


@with_and_without_javascript
async def test_a_large_file_sent_from_a_page_of_another_login_is_told_why_it_is_not_taken(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    page = window.page
    await _at_a_piece(window, await newcomer(f"Rose{javascript}"), signed_in)
    await window.context.clear_cookies(name="navigateur")
    await send(page, LARGE)
    await page.get_by_text("Ce formulaire n’est plus valable").wait_for()
    await window.goto("/documents/p2")
    assert await page.get_by_text("Télécharger « carte.pdf »").count() == 0


async def send(page: Page, file: FilePayload) -> None:
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_role("button", name="Envoyer").click()


async def _at_a_piece(window: Visitor, person: Person, signed_in: SignedIn) -> Person:
    """Somebody whose registration is saved, before the page of one of their pieces."""
    await person.complete()
    await signed_in(window, person)
    await window.goto("/documents/p2")
    return person
