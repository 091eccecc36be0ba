"""What every page has: frame, languages, keyboard, errors; on the pages that there were first."""

import asyncio
import re

import httpx
import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import PHONE, focused, gets_focus, look_at, walk_to
from tests.e2e.house import House, until
from tests.e2e.people import Person

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


@with_and_without_javascript
async def test_the_home_page_is_accessible(visitor: NewVisitor, javascript: bool) -> None:
    window = await visitor(javascript=javascript)
    assert await window.goto("/") == 200
    assert await window.page.locator("h1").count() == 1
    await look_at(window, f"accueil-{'js' if javascript else 'sans-js'}")


@with_and_without_javascript
async def test_the_language_is_chosen_by_a_link_and_kept(visitor: NewVisitor, javascript: bool) -> None:
    window = await visitor(javascript=javascript)
    await window.goto("/?a=1")
    assert await window.page.locator("html").get_attribute("lang") == "fr"
    await window.page.get_by_role("link", name="English").click()
    assert window.page.url.endswith("/?a=1")
    assert await window.page.locator("html").get_attribute("lang") == "en"
    assert await window.page.get_by_text("All times are Paris time.").is_visible()
    await look_at(window, f"accueil-en-{'js' if javascript else 'sans-js'}")
    await window.goto("/")
    await window.page.get_by_role("link", name="Français").click()
    assert await window.page.locator("html").get_attribute("lang") == "fr"


async def test_the_keyboard_alone_skips_to_the_content_and_reaches_the_menu(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.goto("/")
    await window.page.keyboard.press("Tab")
    assert await focused(window.page) == "Aller au contenu"
    await window.page.keyboard.press("Enter")
    assert await window.page.evaluate("document.activeElement.id") == "contenu"
    await window.goto("/")
    await walk_to(window.page, "Se connecter")
    box = await window.page.evaluate("getComputedStyle(document.activeElement).backgroundColor")
    assert box == "rgb(255, 210, 74)", "the focus is seen"


@with_and_without_javascript
async def test_an_unknown_address_is_a_page_that_says_what_to_do(
    visitor: NewVisitor, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    assert await window.goto("/compte/nulle-part") == 404
    assert await window.page.get_by_text("Cette adresse n’existe pas.").is_visible()
    assert await window.page.get_by_role("button", name="Aller à l’accueil").is_visible()
    await look_at(window, f"erreur-404-{'js' if javascript else 'sans-js'}")


@with_and_without_javascript
async def test_the_link_of_the_activation_mail_opens_an_accessible_page(
    visitor: NewVisitor, newcomer: Newcomer, javascript: bool
) -> None:
    person = await newcomer(f"Aline{javascript}")
    link = await person.open_account()
    window = await visitor(javascript=javascript)
    assert await window.goto(link) == 200
    await look_at(window, f"activation-{'js' if javascript else 'sans-js'}")


async def test_a_wrong_link_says_so(visitor: NewVisitor) -> None:
    window = await visitor()
    assert await window.goto("/compte/activation?lien=faux") == 404
    await look_at(window, "lien-inconnu")


async def test_a_refused_password_is_told_in_the_summary_which_takes_the_focus(
    visitor: NewVisitor, newcomer: Newcomer, house: House
) -> None:
    person = await newcomer("Renee")
    await person.enter()
    lien = await reset_link(person)
    window = await visitor()
    assert await window.goto(f"/compte/mot-de-passe?lien={lien}") == 200
    await look_at(window, "mot-de-passe")
    await window.page.get_by_label("Nouveau mot de passe").fill("court")
    await window.page.get_by_role("button", name="Enregistrer le mot de passe").click()
    assert (await window.page.title()).startswith("Erreur : ")
    summary = window.page.get_by_role("alert")
    assert await summary.is_visible()
    await gets_focus(window.page, "À corriger")
    await look_at(window, "mot-de-passe-erreur")
    await summary.get_by_role("link").click()
    assert await window.page.evaluate("document.activeElement.id") == "password"
    await window.page.get_by_label("Nouveau mot de passe").fill("une tout autre phrase de passe")
    await window.page.keyboard.press("Enter")
    await window.page.get_by_text("Votre mot de passe est changé").wait_for()
    await look_at(window, "mot-de-passe-change")


async def test_two_readers_at_once_each_read_in_their_own_language(visitor: NewVisitor, house: House) -> None:
    """What a request knows of its reader is not another's, however their answers interleave."""

    async def read(client: httpx.AsyncClient, language: str) -> bool:
        answer = await client.get("/", headers={"Cookie": f"langue={language}"})
        return f'<html lang="{language}"' in answer.text

    async with house.browser() as client:
        found = await asyncio.gather(*(read(client, "en" if n % 2 else "fr") for n in range(60)))
    assert all(found)


async def test_a_candidate_has_their_own_menu_and_can_sign_out(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    await signed_in(window, await newcomer("Odile"))
    await window.goto("/")
    menu = window.page.get_by_role("navigation", name="Menu du site").get_by_role("link")
    entries = ["Mon espace", "M’inscrire", "Mes documents", "Ma boîte", "Mon compte", "Aide"]
    assert await menu.all_inner_texts() == entries
    assert await window.page.get_by_role("button", name="Se déconnecter").is_visible()
    await look_at(window, "accueil-connecte")


async def test_the_menu_of_a_phone_opens_by_its_button(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.page.set_viewport_size({"width": PHONE, "height": 800})
    await window.goto("/")
    entry = window.page.get_by_role("link", name="Se connecter")
    await entry.wait_for(state="hidden")
    await window.page.get_by_role("button", name="menu").click()
    await entry.wait_for(state="visible")


async def test_the_name_of_the_site_can_be_read_in_the_header(visitor: NewVisitor) -> None:
    """axe takes text in the colour of its ground for hidden text."""
    window = await visitor()
    await window.goto("/")
    for name in ("Bac pro : inscription des candidats individuels", "English"):
        link = window.page.get_by_role("link", name=name)
        assert await link.evaluate("element => getComputedStyle(element).color") == "rgb(255, 255, 255)"


async def reset_link(person: Person) -> str:
    """The secret of the link in the mail that a forgotten password causes."""
    before = len(await person.visitor.mails())
    asked = await person.browser.post("/api/accounts/password-resets", json={"email": person.email})
    assert asked.status_code == 202

    async def found() -> str | None:
        for mail in (await person.visitor.mails())[before:]:
            if match := re.search(r"/compte/mot-de-passe\?lien=([\w.\-~%]+)", mail["text"]):
                return match[1]
        return None

    return await until(found, "the mail with the link")


async def test_a_script_that_found_its_way_into_a_page_does_not_run(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.goto("/")
    await window.page.evaluate(
        "const script = document.createElement('script'); script.textContent = 'window.ran = 1';"
        "document.body.append(script)"
    )
    assert await window.page.evaluate("typeof window.ran") == "undefined"
    assert "Content Security Policy" in "".join(window.complaints)
