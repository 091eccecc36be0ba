"""The candidate's whole journey, from the home page to « dossier complet » and the messages.

By pointer on a phone and on a desk, without JavaScript on a phone, and by the keyboard alone at both widths
(a page magnified four times is as narrow as a phone); every page on the way is judged at both widths, and its
picture is kept under `.local/screens/` as `parcours-…`.
"""

import asyncio
import re
from pathlib import Path

import pytest

from deploy.demo import papers
from tests.browser.conftest import Newcomer, NewVisitor
from tests.browser.hands import Hands, Keyboard
from tests.browser.journey import HARDER, SIMPLE, Journey, Story
from tests.browser.sight import DESKTOP, PHONE
from tests.e2e.house import until
from tests.e2e.people import PASSWORD
from tests.plain import plain

WAYS = [
    pytest.param("telephone", True, Hands, PHONE, SIMPLE, id="phone"),
    pytest.param("bureau", True, Hands, DESKTOP, HARDER, id="desk"),
    pytest.param("sans-js", False, Hands, PHONE, HARDER, id="no-js"),
    pytest.param("clavier", True, Keyboard, DESKTOP, SIMPLE, id="keyboard"),
    pytest.param("clavier-etroit", True, Keyboard, PHONE, HARDER, id="keyboard-narrow"),
]


@pytest.mark.timeout(900, func_only=True)
@pytest.mark.parametrize(("name", "javascript", "hands", "width", "story"), WAYS)
async def test_a_candidate_goes_all_the_way(
    visitor: NewVisitor,
    newcomer: Newcomer,
    tmp_path: Path,
    name: str,
    javascript: bool,
    hands: type[Hands],
    width: int,
    story: Story,
) -> None:
    window = await visitor(javascript=javascript)
    await window.page.set_viewport_size({"width": width, "height": 800})
    person = await newcomer(f"Parcours-{name}")
    way = Journey(name, person, window, hands(window.page), width, tmp_path, story)
    await opens_an_account(way)
    await story.fills_the_form(way)
    await saves(way, version=1)
    await changes_the_phone(way)
    await saves(way, version=2)
    confirmation = await downloads_the_confirmation(way)
    await hands_in_everything(way, confirmation)
    await sees_that_it_is_complete(way)
    await reads_the_messages(way)


async def opens_an_account(way: Journey) -> None:
    hands = way.hands
    await way.window.goto("/")
    await hands.menu("Créer un compte")
    await way.arrives("Créer un compte", "creer")
    await hands.write("Adresse e-mail", way.person.email)
    await hands.write("Choisissez un mot de passe", PASSWORD)
    await hands.press("Créer mon compte")
    await way.arrives("Consultez votre messagerie", "message")
    await way.window.goto(await way.person.visitor.activation_link())
    await way.arrives("Activer mon compte", "activer")
    await hands.write("Saisissez le mot de passe", PASSWORD)
    await hands.press("Activer mon compte")
    await way.arrives("Se connecter", "connexion")
    await hands.write("Adresse e-mail", way.person.email)
    await hands.write("Mot de passe", PASSWORD)
    await hands.press("Se connecter")
    await way.arrives("Mon espace", "espace-vide")


async def saves(way: Journey, *, version: int) -> None:
    await way.hands.press("Enregistrer ma pré-inscription")
    await way.arrives("Pré-inscription enregistrée", f"enregistree-{version}")
    assert await way.window.page.get_by_text(f"Version {version}").first.is_visible()


async def changes_the_phone(way: Journey) -> None:
    hands = way.hands
    await hands.press("Aller à mon espace")
    await way.arrives("Mon espace", "espace-enregistre")
    await hands.press("Relire ou modifier mon inscription")
    await way.arrives("Récapitulatif", "recapitulatif-enregistre")
    await hands.press("Modifier : Vous joindre")
    await way.arrives("Vous joindre", "contact-2")
    await hands.write("Téléphone", "06 39 98 56 78")
    await hands.press("Continuer")
    await way.arrives("Récapitulatif", "recapitulatif-2")


async def downloads_the_confirmation(way: Journey) -> Path:
    found = await way.hands.download("Télécharger la confirmation (PDF)")
    assert found.suggested_filename == "confirmation-inscription-version-2.pdf"
    return Path(await found.path())


async def hands_in_everything(way: Journey, confirmation: Path) -> None:
    hands, page = way.hands, way.window.page
    await hands.press("Voir mes documents")
    await way.arrives("Mes documents", "documents")
    titles = [plain(one) for one in await page.locator("#pieces ~ ul").get_by_role("link").all_inner_texts()]
    assert len(titles) == way.story.pieces
    for number, title in enumerate(titles, start=1):
        await hands.press(title)
        await way.arrives(title, f"piece-{number}")
        file = await _paper(way, title, confirmation)
        await hands.give("Choisissez un ou plusieurs fichiers", file)
        await hands.press("Envoyer")
        await page.get_by_text(f"Nous avons reçu « {file.name} »").wait_for()
        await way.arrives(title, f"piece-{number}-recue")
        await hands.menu("Mes documents")
        await page.get_by_role("heading", level=1, name="Mes documents").wait_for()
    assert await page.get_by_text("Toutes vos pièces sont là : dossier complet").is_visible()
    await way.arrives("Mes documents", "documents-complet")


async def _paper(way: Journey, title: str, confirmation: Path) -> Path:
    """The file for a piece: the confirmation dated and signed by pen, else a scan."""
    if title.startswith("Confirmation"):
        printed = await asyncio.to_thread(confirmation.read_bytes)
        content = await asyncio.to_thread(papers.sign, printed, "le 24 novembre")
        file = way.folder / "confirmation-signee.pdf"
    else:
        content = papers.several_pages(title, pages=1)
        file = way.folder / f"{title.split()[0].lower()}.pdf"
    await asyncio.to_thread(file.write_bytes, content)
    return file


async def sees_that_it_is_complete(way: Journey) -> None:
    await way.hands.menu("Mon espace")
    await way.window.page.get_by_role("heading", name=re.compile("^Dossier complet")).wait_for()
    await way.arrives("Mon espace", "espace-complet")


async def reads_the_messages(way: Journey) -> None:
    async def sent() -> bool:
        found = await way.person.visitor.mails()
        return any(mail["subject"] == "Votre dossier est complet" for mail in found)

    await until(sent, "the mail that the file is complete")
    await way.hands.menu("Ma boîte")
    await way.arrives("Ma boîte", "messages")
    await way.hands.press("Votre dossier est complet")
    await way.arrives("Votre dossier est complet", "message-complet")
