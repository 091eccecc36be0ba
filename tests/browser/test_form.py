"""« M'inscrire » in the browser: every step and its refusals, to the saved version and a second one."""

import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import Visitor, look_at

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
NOT_SAVED = "Brouillon — non enregistrée"


async def go_on(window: Visitor) -> None:
    await window.page.get_by_role("button", name="Continuer", exact=True).click()


async def choose(window: Visitor, *words: str) -> None:
    for one in words:
        await window.page.get_by_label(one, exact=True).check()


async def fill(window: Visitor, **words: str) -> None:
    for label, text in words.items():
        await window.page.get_by_role("textbox", name=label.replace("_", " ")).fill(text)


async def day(window: Visitor, legend: str, written: str) -> None:
    group = window.page.get_by_role("group", name=legend)
    for label, text in zip(("Jour", "Mois", "Année"), written.split("/"), strict=True):
        await group.get_by_label(label).fill(text)


async def heading(window: Visitor, words: str) -> None:
    await window.page.get_by_role("heading", level=1, name=words).wait_for()


async def refused(window: Visitor, name: str) -> None:
    """Sent empty: told in the summary, and nothing goes on."""
    await go_on(window)
    await window.page.get_by_role("alert").wait_for()
    assert (await window.page.title()).startswith("Erreur : ")
    await look_at(window, f"{name}-erreur")


async def preparation(window: Visitor) -> None:
    await choose(window, "lycée", "Oui")
    await fill(window, Établissement="Lycée de la Sainte-Baume, Aubagne")
    await day(window, "Fin de la préparation", "30/6/2020")


async def identity(window: Visitor) -> None:
    await fill(window, Nom_de_naissance="Durand", Prénoms="Camille Marie")
    await choose(window, "féminin", "française")


@with_and_without_javascript
async def test_the_whole_form_to_a_saved_version_and_a_second_one(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    page, kind = window.page, "" if javascript else "-sans-js"
    await signed_in(window, await newcomer(f"Fanny{javascript}"))
    assert await window.goto("/inscription") == 200
    assert await page.get_by_text(NOT_SAVED).is_visible()
    await look_at(window, f"form-liste-vide{kind}")
    await page.get_by_role("button", name="Commencer").click()

    await heading(window, "Comment vous passez l’examen")
    await refused(window, f"form-forme{kind}")
    await choose(window, "Globale", "après une préparation complète du diplôme")
    await go_on(window)

    await heading(window, "Votre préparation")
    await refused(window, f"form-preparation{kind}")
    await preparation(window)
    await go_on(window)

    await heading(window, "Handicap et aménagements")
    await refused(window, f"form-handicap{kind}")
    await choose(window, "NON")
    await go_on(window)

    await heading(window, "Votre identité")
    await refused(window, f"form-identite{kind}")
    await identity(window)
    await go_on(window)

    await heading(window, "Votre naissance")
    await refused(window, f"form-naissance{kind}")
    await day(window, "Date de naissance", "17/5/1994")
    await fill(window, Commune_ou_ville="saint-denis")
    await go_on(window)
    await heading(window, "Votre commune de naissance")
    await look_at(window, f"form-commune-naissance{kind}")
    await page.get_by_label("Saint-Denis (974)").check()
    await go_on(window)

    await heading(window, "Votre adresse")
    await refused(window, f"form-adresse{kind}")
    await fill(window, Numéro_et_rue="12 rue des Lilas", Code_postal="13100")
    if javascript:
        await page.keyboard.press("Tab")
        await page.get_by_role("group", name="Votre commune").wait_for()
        await look_at(window, "form-adresse-communes")
    await go_on(window)
    await heading(window, "Votre commune")
    await refused(window, f"form-commune{kind}")
    await page.get_by_label("Aix-en-Provence (13)").check()
    await go_on(window)

    await heading(window, "Vous joindre")
    await refused(window, f"form-contact{kind}")
    await fill(window, Téléphone="06 39 98 12 34", Adresse_e="camille@exemple.test")
    await go_on(window)

    await heading(window, "Votre spécialité")
    await refused(window, f"form-specialite{kind}")
    await page.get_by_label("Spécialité").select_option("assp-structure")
    await go_on(window)

    await heading(window, "Éducation physique et sportive")
    await refused(window, f"form-eps{kind}")
    await choose(window, "Oui, je suis apte", "danse", "tennis de table")
    await go_on(window)

    await heading(window, "Épreuves facultatives")
    await look_at(window, f"form-options{kind}")
    await go_on(window)

    await heading(window, "Notes conservées et dispenses")
    await look_at(window, f"form-acquis{kind}")
    await page.get_by_role("link", name="Modifier E5").click()
    await choose(window, "Oui, je garde une note (bénéfice de note)")
    await page.get_by_role("button", name="Garder cette réponse").click()
    await page.get_by_role("alert").wait_for()
    await look_at(window, f"form-epreuve-erreur{kind}")
    await fill(window, Note="12,5", Année_où="2024")
    await page.get_by_role("button", name="Garder cette réponse").click()
    await heading(window, "Notes conservées et dispenses")
    assert await page.get_by_text("bénéfice de note, 12,5 sur 20 (2024)").is_visible()
    await go_on(window)

    await heading(window, "Récapitulatif")
    assert await page.get_by_text(NOT_SAVED).is_visible()
    assert "définitive" not in await page.locator("main").inner_text()
    await look_at(window, f"form-recapitulatif{kind}")
    await page.get_by_role("button", name="Enregistrer mon inscription").click()

    await heading(window, "Inscription enregistrée")
    assert await page.get_by_text("Version 1").is_visible()
    await look_at(window, f"form-enregistree{kind}")

    await window.goto("/inscription/contact")
    await fill(window, Téléphone="06 39 98 00 00")
    await go_on(window)
    assert await page.get_by_text("La version 1 reste en vigueur").is_visible()
    await window.goto("/inscription")
    await look_at(window, f"form-liste-modifiee{kind}")
    await page.get_by_role("button", name="Relire et enregistrer").click()
    await look_at(window, f"form-recapitulatif-modifie{kind}")
    await page.get_by_role("button", name="Enregistrer mon inscription").click()
    await heading(window, "Inscription enregistrée")
    changed = page.get_by_role("listitem").filter(has_text="Téléphone : ")
    assert "0639980000" in await changed.inner_text()
    await look_at(window, f"form-enregistree-2{kind}")
