"""« M'inscrire » in the browser: every step and its refusals, to the saved version and a second one."""

import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.hands import Keyboard
from tests.browser.sight import Visitor, gets_focus, look_at, walk_to

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
NOT_SAVED = "Brouillon — non enregistré"


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
    if window.javascript:
        await look_at(window, f"{name}-erreur")
    else:
        assert await window.page.get_by_text(NOT_SAVED).is_visible()


async def seen(window: Visitor, name: str) -> None:
    """The page is the same without JavaScript: looked at once."""
    if window.javascript:
        await look_at(window, name)


async def preparation(window: Visitor) -> None:
    await choose(window, "lycée", "Oui")
    await fill(window, Établissement="Lycée de la Sainte-Baume, Aubagne")
    await day(window, "Fin de la préparation", "30/6/2020")


async def identity(window: Visitor) -> None:
    await fill(window, Nom_de_naissance="Durand", Prénoms="Camille Marie")
    await choose(window, "féminin", "française")


@pytest.mark.timeout(600, func_only=True)
@with_and_without_javascript
async def test_the_whole_form_to_a_saved_version_and_a_second_one(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    page, kind = window.page, "" if javascript else "-sans-js"
    person = await newcomer(f"Fanny{javascript}")
    await signed_in(window, person)
    assert await window.goto("/inscription") == 200
    assert await page.get_by_text(NOT_SAVED).is_visible()
    await look_at(window, f"form-liste-vide{kind}")
    await page.get_by_role("button", name="Commencer").click()

    await heading(window, "Votre spécialité")
    await refused(window, "form-specialite")
    await page.get_by_label("Spécialité").select_option("assp-structure")
    await go_on(window)

    await heading(window, "Comment vous passez l’examen")
    await refused(window, "form-forme")
    await choose(window, "Globale", "après une préparation complète du diplôme")
    await go_on(window)

    await heading(window, "Votre préparation")
    await refused(window, "form-preparation")
    await preparation(window)
    await go_on(window)

    await heading(window, "Handicap et aménagements")
    await refused(window, "form-handicap")
    await choose(window, "NON")
    await go_on(window)

    await heading(window, "Votre identité")
    await refused(window, "form-identite")
    await identity(window)
    await go_on(window)

    await heading(window, "Votre naissance")
    await refused(window, "form-naissance")
    await day(window, "Date de naissance", "17/5/1994")
    await fill(window, Commune_ou_ville="saint-denis")
    await go_on(window)
    await heading(window, "Votre commune de naissance")
    await seen(window, "form-commune-naissance")
    await page.get_by_label("Saint-Denis (974)").check()
    await go_on(window)

    await heading(window, "Votre adresse")
    await refused(window, "form-adresse")
    await fill(window, Numéro_et_rue="12 rue des Lilas", Code_postal="13100")
    if javascript:
        await page.keyboard.press("Tab")
        await page.get_by_role("group", name="Votre commune").wait_for()
        await look_at(window, "form-adresse-communes")
    await go_on(window)
    await heading(window, "Votre commune")
    await refused(window, "form-commune")
    await page.get_by_label("Aix-en-Provence (13)").check()
    await go_on(window)

    await heading(window, "Vous joindre")
    assert await page.get_by_role("textbox", name="Adresse e-mail").input_value() == person.email
    await refused(window, "form-contact")
    await fill(window, Téléphone="06 39 98 12 34", Adresse_e="camille@exemple.test")
    await go_on(window)

    await heading(window, "Notes conservées et dispenses")
    await seen(window, "form-acquis")
    await page.get_by_role("link", name="Modifier E5").click()
    await choose(window, "Oui, je garde une note (bénéfice de note)")
    await page.get_by_role("button", name="Garder cette réponse").click()
    await page.get_by_role("alert").wait_for()
    await seen(window, "form-epreuve-erreur")
    await fill(window, Note="12,5", Année_où="2024")
    await page.get_by_role("button", name="Garder cette réponse").click()
    await heading(window, "Notes conservées et dispenses")
    assert await page.get_by_text("bénéfice de note, 12,5 sur 20 (2024)").is_visible()
    await go_on(window)

    await heading(window, "Éducation physique et sportive")
    await refused(window, "form-eps")
    await choose(window, "Oui, je suis apte", "danse", "tennis de table")
    await go_on(window)

    await heading(window, "Épreuves facultatives")
    await seen(window, "form-options")
    await go_on(window)

    await heading(window, "Récapitulatif")
    assert await page.get_by_text(NOT_SAVED).is_visible()
    assert "définitive" not in await page.locator("main").inner_text()
    await look_at(window, f"form-recapitulatif{kind}")
    await page.get_by_role("button", name="Enregistrer ma pré-inscription").click()

    await heading(window, "Pré-inscription enregistrée")
    assert await page.get_by_text("Version 1").is_visible()
    await look_at(window, f"form-enregistree{kind}")

    await window.goto("/inscription/contact")
    await fill(window, Téléphone="06 39 98 00 00")
    await go_on(window)
    assert await page.get_by_text("La version 1 reste en vigueur").is_visible()
    await window.goto("/inscription")
    await seen(window, "form-liste-modifiee")
    await page.get_by_role("button", name="Relire et enregistrer").click()
    await seen(window, "form-recapitulatif-modifie")
    await page.get_by_role("button", name="Enregistrer ma pré-inscription").click()
    await heading(window, "Pré-inscription enregistrée")
    changed = page.get_by_role("listitem").filter(has_text="Téléphone : ")
    assert "06 39 98 00 00" in await changed.inner_text()
    await seen(window, "form-enregistree-2")


async def test_periods_of_work_with_the_keyboard_alone(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    page, keys = window.page, window.page.keyboard
    await signed_in(window, await newcomer("Gilles"))
    await window.goto("/inscription/specialite")
    await Keyboard(page).pick("Spécialité", "Cuisine")
    await walk_to(page, "Continuer")
    await keys.press("Enter")
    await heading(window, "Comment vous passez l’examen")
    await walk_to(page, "modalities.form")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("ArrowDown")
    await keys.press("Space")
    await walk_to(page, "Continuer")
    await keys.press("Enter")
    await heading(window, "Votre expérience professionnelle")
    await walk_to(page, "Continuer")
    await keys.press("Enter")
    await page.get_by_role("alert").wait_for()
    await look_at(window, "form-experience-erreur")
    await walk_to(page, "Ajoutez au moins une période de travail.")
    await keys.press("Enter")
    await gets_focus(page, "Ajouter une période")
    await keys.press("Enter")
    await heading(window, "Nouvelle période de travail")
    await walk_to(page, "Garder cette période")
    await keys.press("Enter")
    await page.get_by_role("alert").wait_for()
    await look_at(window, "form-periode-erreur")
    await walk_to(page, "employer")
    for text in ("Les Pins, Aubagne", "Aide-soignante", "1", "9", "2021"):
        await keys.type(text)
        await keys.press("Tab")
    await walk_to(page, "still")
    await keys.press("Space")
    for question in ("qualified_level", "related_field"):
        await walk_to(page, question)
        await keys.press("Space")
    await walk_to(page, "Garder cette période")
    await keys.press("Enter")
    await heading(window, "Votre expérience professionnelle")
    assert await page.get_by_text("Les 3 ans sont atteints.").is_visible()
    await look_at(window, "form-experience")
    await walk_to(page, "Retirer la période 1")
    await keys.press("Enter")
    await heading(window, "Retirer cette période ?")
    await look_at(window, "form-periode-retirer")
    await walk_to(page, "Retirer la période")
    await keys.press("Enter")
    await page.get_by_text("La période est retirée de votre brouillon").wait_for()
    await walk_to(page, "Ajouter une période")


async def test_a_draft_is_deleted_after_a_question_and_the_pages_are_english_too(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    await signed_in(window, await newcomer("Jade"))
    await window.goto("/inscription/contact")
    await fill(window, Téléphone="06 39 98 12 34", Adresse_e="jade@exemple.test")
    await go_on(window)
    await window.goto("/langue/en?retour=/inscription/recapitulatif")
    assert await window.page.get_by_text("Draft — not saved").is_visible()
    await look_at(window, "form-recapitulatif-en")
    await window.page.get_by_role("link", name="Delete my draft").click()
    await look_at(window, "form-effacer-en")
    await window.page.get_by_role("button", name="Delete my draft").click()
    await window.page.get_by_text("Your draft is deleted").wait_for()


async def test_who_changes_the_language_amid_a_step_keeps_what_was_typed(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    await signed_in(window, await newcomer("Kim"))
    await window.goto("/inscription/contact")
    await fill(window, Téléphone="06 39 98 12 34")
    await window.page.get_by_role("link", name="English").click()
    await window.page.get_by_text("What you wrote on this page will be kept in your draft.").wait_for()
    await look_at(window, "form-langue")
    await window.page.get_by_role("button", name="Keep it and continue in English").click()
    await heading(window, "How to reach you")
    assert await window.page.get_by_role("textbox", name="Phone").input_value() == "06 39 98 12 34"
