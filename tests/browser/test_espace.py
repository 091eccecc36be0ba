"""« Mon espace » on the whole stack: each stage of a life, with the pieces as `documents` tells them."""

import asyncio
import re
from dataclasses import dataclass

import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import Visitor, look_at, walk_to
from tests.e2e.house import House, until
from tests.e2e.people import Person

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
PAGE = "/mon-espace"


async def opened(window: Visitor, signed_in: SignedIn, person: Person, path: str = PAGE) -> str:
    """The words of the page's content, as this person sees it."""
    await signed_in(window, person)
    assert await window.goto(path) == 200
    return " ".join((await window.page.locator("main").inner_text()).split())


async def test_the_anonymous_are_sent_to_the_login(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.goto(PAGE)
    assert window.page.url.endswith("/connexion?retour=%2Fmon-espace")


@with_and_without_javascript
async def test_who_has_saved_nothing_sees_what_to_do_and_by_when(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    text = await opened(window, signed_in, await newcomer(f"Zoe{javascript}"))
    assert text.startswith("Mon espace Rien n’est encore enregistré Ce que vous devez faire maintenant")
    assert re.search(r"Au plus tard le \w+ \d.* à \d+ h \d\d", text)
    assert await window.page.get_by_role("button", name="Remplir le formulaire").is_visible()
    await look_at(window, f"espace-active{'' if javascript else '-sans-js'}")


@with_and_without_javascript
async def test_who_saved_sees_what_is_missing_and_that_nothing_is_handed_in(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    person = await newcomer(f"Yann{javascript}")
    await person.register()
    pieces = await person.pieces()
    await person.upload(pieces[1:2])
    window = await visitor(javascript=javascript)
    text = await opened(window, signed_in, person)
    assert "Pré-inscription enregistrée, pièces à déposer" in text
    missing = window.page.get_by_role("heading", name="Ce qui manque encore").locator("+ ul > li")
    assert await missing.count() == len(pieces) - 1
    assert "Fichier déposé : Pièce d’identité" in text
    assert "Pré-inscription enregistrée : version 1" in text
    assert "définitive" not in text
    await look_at(window, f"espace-a-deposer{'' if javascript else '-sans-js'}")
    await window.goto("/langue/en?retour=/mon-espace")
    assert await window.page.get_by_text("Online registration saved, documents to be handed in").is_visible()
    await look_at(window, "espace-a-deposer-en")


async def test_a_refused_piece_is_shown_with_the_officers_reason(
    house: House, visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Xena")
    await person.complete()
    piece = (await person.pieces())[1]
    refused = await house.officer("refuse", str(person.id), piece, "--reason", "La photo est floue.")
    assert refused.code == 0, refused.err
    window = await visitor()
    text = await opened(window, signed_in, person)
    assert "refusée. Motif : La photo est floue." in text
    assert "Déposez les pièces qui manquent encore" in text
    assert "Motif : La photo est floue." in text
    await look_at(window, "espace-refusee")


async def test_a_complete_file_says_so_and_what_comes_and_is_never_definitive(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Wassim")
    await person.complete()
    window = await visitor()
    text = await opened(window, signed_in, person)
    assert "Dossier complet, décision à venir" in text
    assert "la décision est prise automatiquement" in text
    assert "Possible jusqu’au" in text
    assert "définitive" not in text
    await look_at(window, "espace-complet")


async def test_an_older_version_is_perimee_and_says_what_changed(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Victor")
    await person.register()
    await person.upload((await person.pieces())[:1])
    await person.visitor.save(person.form(identification={"phone": "06 39 98 00 00"}))
    await person.visitor.wait_for_pieces(2)
    window = await visitor()
    text = await opened(window, signed_in, person)
    assert "périmée, car vous avez enregistré une nouvelle version depuis" in text
    await look_at(window, "espace-confirmation-perimee")
    await window.page.get_by_role("link", name="Voir toutes les versions").click()
    tags = await window.page.locator("h2").filter(has_text="Version").all_inner_texts()
    assert [" ".join(tag.split()) for tag in tags] == ["Version 2 en vigueur", "Version 1 périmée"]
    assert await window.page.locator("a[href$='.pdf']").count() == 1
    assert await window.page.get_by_text("Téléphone :").is_visible()
    await look_at(window, "espace-versions")
    async with window.page.expect_download() as download:
        await window.page.get_by_role("link", name="Télécharger la confirmation").click()
    assert (await download.value).suggested_filename == "confirmation-inscription-version-2.pdf"


@with_and_without_javascript
async def test_giving_up_and_coming_back_with_the_keyboard_alone(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    person = await newcomer(f"Ursula{javascript}")
    await person.register()
    window = await visitor(javascript=javascript)
    await opened(window, signed_in, person)
    await walk_to(window.page, "Retirer ma candidature", steps=80)
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/mon-espace/retrait")
    await look_at(window, f"espace-retrait{'' if javascript else '-sans-js'}")
    await window.page.get_by_label("Pourquoi").focus()
    await window.page.keyboard.type("Je change de projet.")
    await walk_to(window.page, "Retirer ma candidature")
    await window.page.keyboard.press("Enter")
    await window.page.get_by_role("link", name="Cochez cette case").wait_for()
    assert await window.page.get_by_label("Pourquoi").input_value() == "Je change de projet."
    await look_at(window, f"espace-retrait-erreur{'' if javascript else '-sans-js'}")
    await window.page.get_by_label("Je veux retirer ma candidature").focus()
    await window.page.keyboard.press("Space")
    await walk_to(window.page, "Retirer ma candidature")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/mon-espace")
    assert await window.page.get_by_text("Votre candidature est retirée").is_visible()
    assert await window.page.get_by_text("Motif : Je change de projet.").is_visible()
    await look_at(window, f"espace-retiree{'' if javascript else '-sans-js'}")
    await walk_to(window.page, "Reprendre mon inscription")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/inscription/recapitulatif")
    await walk_to(window.page, "Enregistrer ma pré-inscription", steps=120)
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/inscription/enregistree")
    text = await opened(window, signed_in, person)
    assert "Pré-inscription enregistrée" in text
    assert "Pré-inscription enregistrée : version 2" in text


async def test_a_draft_is_shown_as_not_saved(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Tiphaine")
    await person.register()
    form = person.form(identification={"phone": "06 39 98 00 00"})
    kept = await person.browser.put("/api/registration/me/draft", json=form, headers={"If-None-Match": "*"})
    assert kept.status_code == 200, kept.text
    window = await visitor()
    text = await opened(window, signed_in, person)
    assert "Vous avez un brouillon qui n’est pas enregistré : il ne compte pas." in text
    await look_at(window, "espace-brouillon")


async def test_an_ineligible_candidate_is_warned_and_the_registration_is_kept(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Theo")
    await person.enter()
    address = {"lines": ["1 rue de la Paix"], "postcode": "75002", "commune": "Paris"}
    await person.visitor.save(person.form(identification={"address": address}))
    await person.visitor.wait_for_pieces(1)
    window = await visitor()
    text = await opened(window, signed_in, person)
    assert "ne sera pas confirmée automatiquement" in text
    assert await window.page.get_by_text("Votre adresse n’est pas dans l’académie").is_visible()
    await look_at(window, "espace-condition")
    await window.goto("/inscription/recapitulatif")
    assert await window.page.get_by_text("Votre adresse n’est pas dans l’académie").first.is_visible()
    await look_at(window, "form-recapitulatif-condition")


async def test_the_held_and_the_cancelled_read_why_and_what_they_may_do(
    house: House, visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Salome")
    await person.register()
    window = await visitor()
    held = await house.officer("hold", str(person.id), "--reason", "à vérifier")
    assert held.code == 0, held.err
    text = await opened(window, signed_in, person)
    assert "En attente d’une décision du bureau des examens" in text
    assert "n’est perdu" in text
    assert "à vérifier" not in text
    await look_at(window, "espace-en-attente")
    cancelled = await house.officer("cancel", str(person.id), "--reason", "inscrit dans un lycée")
    assert cancelled.code == 0, cancelled.err
    text = await opened(window, signed_in, person)
    assert "Candidature annulée" in text
    assert "Décision du bureau des examens : inscrit dans un lycée" in text
    assert "recours gracieux" in text
    await look_at(window, "espace-annulee")
    await window.goto("/mon-espace/retrait")
    assert await window.page.get_by_text("il n’y a plus rien à retirer").is_visible()
    await look_at(window, "espace-retrait-impossible")


async def test_while_documents_is_away_the_page_stands(
    house: House, visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Rosa")
    await person.register()
    window = await visitor()
    await house.stack.stop("documents-http")
    try:
        text = await opened(window, signed_in, person)
        assert "Nous ne pouvons pas afficher l’état de vos pièces" in text
        assert "Pré-inscription enregistrée" in text
        await look_at(window, "espace-sans-documents")
    finally:
        await house.stack.start("documents-http")


@dataclass
class Ended:
    """Lives of a session whose window and deadline pass while the tests look."""

    complete: Person
    incomplete: Person
    idle: Person


@pytest.fixture(scope="module")
async def ended(house: House, newcomer: Newcomer) -> Ended:
    """The window closed on everything they did; later newcomers are of the other session."""
    calendar = await house.open_session("courte", window=40, documents=40)
    people = Ended(await newcomer("Quentin"), await newcomer("Paule"), await newcomer("Odile"))
    await asyncio.gather(people.complete.complete(), people.incomplete.register(), people.idle.enter())

    async def closed() -> bool:
        return await people.idle.stage() == "not_registered"

    await until(closed, "the window is closed", seconds=60)
    assert calendar.session_id == "courte"
    return people


async def test_after_the_close_who_has_pieces_missing_reads_what_and_by_when(
    ended: Ended, visitor: NewVisitor, signed_in: SignedIn
) -> None:
    window = await visitor()
    text = await opened(window, signed_in, ended.incomplete)
    assert "En attente des pièces justificatives" in text
    assert "ne peut plus être modifiée" in text
    assert "définitive" not in text
    await look_at(window, "espace-apres-cloture")
    for path in ("/inscription", "/inscription/recapitulatif"):
        assert await window.goto(path) == 200
        assert await window.page.get_by_role("button", name="Enregistrer").count() == 0
        await look_at(window, f"{path.rpartition('/')[2]}-apres-cloture")


async def test_who_saved_nothing_reads_that_they_are_not_registered(
    ended: Ended, visitor: NewVisitor, signed_in: SignedIn
) -> None:
    window = await visitor()
    text = await opened(window, signed_in, ended.idle)
    assert "Non inscrit" in text
    assert "Aucune pré-inscription n’était enregistrée à la clôture" in text
    await look_at(window, "espace-non-inscrit")


async def test_the_confirmed_read_that_it_is_definitive(
    ended: Ended, visitor: NewVisitor, signed_in: SignedIn
) -> None:
    async def confirmed() -> bool:
        return await ended.complete.stage() == "confirmed"

    await until(confirmed, "the complete candidature is confirmed")
    window = await visitor()
    text = await opened(window, signed_in, ended.complete)
    assert "Inscription définitive" in text
    assert "Le bureau des examens vous écrira pour la suite." in text
    await look_at(window, "espace-definitive")


async def test_who_missed_the_deadline_reads_that_the_candidature_is_cancelled_and_why(
    ended: Ended, visitor: NewVisitor, signed_in: SignedIn
) -> None:
    async def cancelled() -> bool:
        return await ended.incomplete.stage() == "cancelled"

    await until(cancelled, "the incomplete candidature is cancelled", seconds=70)
    window = await visitor()
    text = await opened(window, signed_in, ended.incomplete)
    assert "n’étaient pas déposées au" in text
    assert "dans les 2 mois" in text
    assert "Ce qui manquait à la date limite" in text
    await look_at(window, "espace-annulee-echeance")
