"""What was sent empty, without JavaScript: the page that says what to correct is accessible too."""

from dataclasses import dataclass

import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import look_at
from tests.e2e.people import Person

ANONYMOUS = {
    "/connexion": "Se connecter",
    "/compte/creer": "Créer mon compte",
    "/compte/renvoyer": "Renvoyer le lien",
    "/compte/mot-de-passe-oublie": "Recevoir le lien",
}
PREPARED = {
    "/compte/mot-de-passe/changer": "Enregistrer le mot de passe",
    "/compte/donnees/effacer": "Tout effacer",
    "/inscription/preparation": "Continuer",
    "/inscription/handicap": "Continuer",
    "/inscription/identite": "Continuer",
    "/inscription/naissance": "Continuer",
    "/inscription/parents": "Continuer",
    "/inscription/adresse": "Continuer",
    "/inscription/adresse/commune": "Continuer",
    "/inscription/contact": "Continuer",
    "/inscription/specialite": "Continuer",
    "/inscription/eps": "Continuer",
}
EXPERIENCED = {
    "/inscription/experience": "Continuer",
    "/inscription/experience/nouvelle": "Garder cette période",
}
BLANK = {"/inscription/forme": "Continuer"}


@dataclass
class People:
    """Who has drafts that lead to the steps which are not asked of everybody."""

    prepared: Person
    experienced: Person
    blank: Person


@pytest.fixture(scope="module")
async def people(newcomer: Newcomer) -> People:
    found = People(await newcomer("Prune"), await newcomer("Elias"), await newcomer("Blanche"))
    await found.blank.enter()
    drafts = {
        "preparation": (found.prepared, {"birth_country": "Italie", "address": {"postcode": "13100"}}),
        "experience": (found.experienced, {}),
    }
    for route, (person, identification) in drafts.items():
        await person.enter()
        draft = {"modalities": {"route": route}, "identification": identification}
        kept = await person.browser.put(
            "/api/registration/me/draft", json=draft, headers={"If-None-Match": "*"}
        )
        assert kept.status_code == 200, kept.text
    return found


@pytest.mark.parametrize(
    ("who", "path", "button"),
    [
        (who, path, button)
        for who, forms in (
            ("anonymous", ANONYMOUS),
            ("prepared", PREPARED),
            ("experienced", EXPERIENCED),
            ("blank", BLANK),
        )
        for path, button in forms.items()
    ],
)
async def test_an_empty_form_is_refused_on_an_accessible_page_without_javascript(
    visitor: NewVisitor, people: People, signed_in: SignedIn, who: str, path: str, button: str
) -> None:
    window = await visitor(javascript=False)
    if who != "anonymous":
        await signed_in(window, getattr(people, who))
    assert await window.goto(path) == 200
    assert window.page.url.endswith(path), "the page is not asked of this person"
    await window.page.locator("main").get_by_role("button", name=button, exact=True).click()
    errors = window.page.get_by_role("alert").get_by_role("link")
    await errors.first.wait_for()
    assert (await window.page.title()).startswith("Erreur : ")
    for address in await errors.evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        assert await window.page.locator(f'[id="{address.removeprefix("#")}"]').count() == 1, address
    await look_at(window, f"refus{path.replace('/', '-')}-sans-js")
