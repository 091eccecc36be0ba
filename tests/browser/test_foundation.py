"""What every page has: frame, languages, keyboard, errors; on the pages that there were first."""

import pytest

from tests.browser.conftest import Newcomer, NewVisitor
from tests.browser.sight import focused, look_at, walk_to

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


@with_and_without_javascript
async def test_the_home_page_is_accessible_and_tells_the_dates(visitor: NewVisitor, javascript: bool) -> None:
    window = await visitor(javascript=javascript)
    assert await window.goto("/") == 200
    assert await window.page.locator("h1").count() == 1
    assert await window.page.get_by_text("La pré-inscription est ouverte.").is_visible()
    await look_at(window, f"accueil-{'js' if javascript else 'sans-js'}")


@with_and_without_javascript
async def test_the_language_is_chosen_by_a_link_and_kept(visitor: NewVisitor, javascript: bool) -> None:
    window = await visitor(javascript=javascript)
    await window.goto("/?a=1")
    assert await window.page.locator("html").get_attribute("lang") == "fr"
    await window.page.get_by_role("link", name="English").click()
    assert window.page.url.endswith("/?a=1")
    assert await window.page.locator("html").get_attribute("lang") == "en"
    assert await window.page.get_by_text("Registration is open.").is_visible()
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
