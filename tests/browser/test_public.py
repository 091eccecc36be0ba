"""What everybody reads without login: home page, notice, help, office, accessibility."""

import io
from urllib.parse import quote

import pikepdf
import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import SCREENS, look_at, walk_to
from tests.plain import plain

PAGES = {
    "/": "Inscription des candidats individuels",
    "/notice": "La notice des candidats individuels",
    "/aide": "Aide et questions fréquentes",
    "/contact": "Nous contacter",
    "/accessibilite": "Accessibilité : non conforme",
}
with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


def name_of(path: str) -> str:
    return f"public-{path.strip('/') or 'accueil'}"


@with_and_without_javascript
@pytest.mark.parametrize("path", PAGES)
async def test_each_page_is_accessible_and_has_one_heading(
    visitor: NewVisitor, path: str, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    assert await window.goto(path) == 200
    assert [plain(words) for words in await window.page.locator("h1").all_inner_texts()] == [PAGES[path]]
    await look_at(window, f"{name_of(path)}{'' if javascript else '-sans-js'}")


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_speaks_english(visitor: NewVisitor, path: str) -> None:
    window = await visitor()
    await window.goto(f"/langue/en?retour={path}")
    assert await window.page.locator("html").get_attribute("lang") == "en"
    headings = [plain(words) for words in await window.page.locator("h1").all_inner_texts()]
    assert len(headings) == 1
    assert PAGES[path] not in headings
    await look_at(window, f"{name_of(path)}-en")


async def test_one_finds_ones_officer_with_the_keyboard_alone_and_without_javascript(
    visitor: NewVisitor,
) -> None:
    window = await visitor(javascript=False)
    await window.goto("/contact")
    choice = window.page.get_by_label("Spécialité du baccalauréat professionnel")
    await choice.focus()
    await window.page.keyboard.type("Vente")
    await walk_to(window.page, "Voir qui me répond")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/contact?specialite=*")
    found = window.page.locator("main").get_by_text("Pour « Vente (prospection")
    assert await found.is_visible()
    assert (await choice.locator("option:checked").inner_text()).startswith("Vente")
    await look_at(window, "public-contact-specialite")


async def test_the_notice_prints_as_a_few_clean_pages(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.goto("/notice")
    printed = await window.page.pdf(format="A4")
    (SCREENS / "public-notice.pdf").write_bytes(printed)
    with pikepdf.open(io.BytesIO(printed)) as document:
        assert 1 < len(document.pages) <= 6
    await window.page.emulate_media(media="print")
    for hidden in ("English", "Se connecter", "Aller au contenu"):
        assert not await window.page.get_by_role("link", name=hidden, exact=True).is_visible(), hidden


async def test_no_page_sends_a_reader_to_an_address_that_is_not_there(visitor: NewVisitor) -> None:
    """Every link of these pages inside the site answers."""
    window = await visitor(javascript=False)
    addresses = set()
    for path in PAGES:
        await window.goto(path)
        found = await window.page.locator("a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
        addresses |= {href.partition("#")[0] for href in found if href.startswith("/")}
    for address in sorted(addresses - {""}):
        answer = await window.page.request.get(window.origin + address, headers={"Accept": "text/html"})
        assert answer.status == 200, address


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_each_link_of_the_help_leads_to_the_page_it_names(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, language: str
) -> None:
    """To a candidate the page itself; to who is not logged in the login, which leads back to it."""
    person = await newcomer(f"Aidee{language}")
    await person.register()
    window, known = await visitor(javascript=False), await visitor(javascript=False)
    await signed_in(known, person)
    await window.goto(f"/langue/{language}?retour=/aide")
    links = window.page.locator("main h2 + p > a")
    addresses = set(await links.evaluate_all("links => links.map(link => link.getAttribute('href'))"))
    assert {"/compte/renvoyer", "/compte/creer", "/documents", "/mon-espace/retrait"} <= addresses
    addresses.remove("/notice")  # the same page is reached by its last section
    for address in sorted(addresses):
        assert await window.goto(address) == 200, address
        landed = window.page.url.removeprefix(window.origin)
        assert landed in (address, f"/connexion?retour={quote(address, safe='')}")
        assert await known.goto(address) == 200, address
        landed = known.page.url.removeprefix(known.origin)
        assert landed == ("/mon-espace" if address == "/compte/creer" else address)
        place = address.partition("#")[2]
        assert not place or await window.page.locator(f"#{place}").is_visible()


async def test_a_registered_candidate_sees_their_own_officer_first(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Contacte")
    await person.register()
    window = await visitor()
    await signed_in(window, person)
    await window.goto("/contact")
    assert await window.page.locator("h2").first.inner_text() == "Votre gestionnaire"
    await look_at(window, "public-contact-candidat")
    await window.goto("/")
    assert await window.page.get_by_role("button", name="Aller à mon espace").is_visible()
