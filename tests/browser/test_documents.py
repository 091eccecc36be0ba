"""« Mes documents »: from the list to a piece, sending, taking back, putting back."""

import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from playwright.async_api import FilePayload

from deploy.demo import papers
from deploy.demo.visitor import File
from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import PHONE, SCREENS, Visitor, gets_focus, look_at, walk_to
from tests.e2e.house import House
from tests.e2e.people import Person

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
SCAN = FilePayload(
    name="carte.pdf", mimeType="application/pdf", buffer=papers.several_pages("Carte", pages=1)
)
NOT_A_PIECE = FilePayload(name="notes.docx", mimeType="application/msword", buffer=b"PK\x03\x04 notes")


def photo(number: int) -> FilePayload:
    out = io.BytesIO()
    Image.effect_noise((900, 1200), 40 + number).convert("RGB").save(out, "JPEG")
    return FilePayload(name=f"IMG_{number}.jpg", mimeType="image/jpeg", buffer=out.getvalue())


async def at_a_piece(
    window: Visitor, newcomer: Newcomer, signed_in: SignedIn, forename: str, title: str = "Pièce d’identité"
) -> Person:
    person = await newcomer(forename)
    await person.register()
    await signed_in(window, person)
    await window.goto("/documents")
    await window.page.get_by_role("link", name=title).click()
    await window.page.get_by_role("heading", name=title, level=1).wait_for()
    return person


async def send(window: Visitor, *files: FilePayload) -> None:
    await window.page.get_by_label("Choisissez un ou plusieurs fichiers").set_input_files(list(files))
    await window.page.get_by_role("button", name="Envoyer").click()


@with_and_without_javascript
async def test_a_piece_is_sent_taken_back_and_put_back(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    suffix = "js" if javascript else "sans-js"
    window = await visitor(javascript=javascript)
    page = window.page
    await at_a_piece(window, newcomer, signed_in, f"Solene{javascript}")
    await look_at(window, f"piece-attendue-{suffix}")
    await send(window, SCAN)
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()
    assert page.url.endswith("/documents/p2")
    await look_at(window, f"piece-recue-{suffix}")
    await page.get_by_role("button", name="Retirer « carte.pdf »").click()
    await page.get_by_text("Le fichier est retiré").wait_for()
    await look_at(window, f"piece-retiree-{suffix}")
    await page.get_by_role("button", name="Remettre « carte.pdf »").click()
    await page.get_by_text("Le fichier est remis").wait_for()
    assert await page.get_by_role("link", name="Télécharger « carte.pdf »").is_visible()
    await page.get_by_role("link", name="Retour").click()
    await page.get_by_role("heading", name="Mes documents").wait_for()
    await look_at(window, f"documents-{suffix}")


@with_and_without_javascript
async def test_a_refused_file_says_why_at_the_field_and_another_can_be_sent(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    page = window.page
    await at_a_piece(window, newcomer, signed_in, f"Simon{javascript}")
    await send(window, NOT_A_PIECE)
    await page.get_by_role("alert").get_by_text("Ce format n’est pas accepté.").wait_for()
    if javascript:
        await gets_focus(page, "À corriger")
    await look_at(window, f"piece-fichier-refuse-{'js' if javascript else 'sans-js'}")
    await page.get_by_role("link", name="Ce format n’est pas accepté.").click()
    await send(window, SCAN)
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()


@with_and_without_javascript
async def test_photos_chosen_together_become_one_pdf_of_all_pages(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    page = window.page
    person = await at_a_piece(window, newcomer, signed_in, f"Sacha{javascript}")
    await send(window, photo(1), photo(2), photo(3))
    await page.get_by_text("Nous avons reçu « IMG_1 et 2 autres.pdf »").wait_for()
    link = page.get_by_role("link", name="Télécharger « IMG_1 et 2 autres.pdf »")
    content = (await person.browser.get(str(await link.get_attribute("href")))).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 3


async def test_a_cut_keeps_what_was_chosen_and_it_is_sent_again(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    page = window.page
    await at_a_piece(window, newcomer, signed_in, "Sylvie")
    await window.context.set_offline(True)
    await send(window, SCAN)
    await page.get_by_text("L’envoi n’a pas abouti. Vos fichiers sont toujours choisis").wait_for()
    window.complaints.clear()
    await look_at(window, "piece-envoi-coupe")
    await window.context.set_offline(False)
    await gets_focus(page, "Renvoyer")
    await page.wait_for_timeout(1100)  # a button of this kind takes no second press within a second
    await page.keyboard.press("Enter")
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()


async def test_what_failed_through_us_is_told_why_and_sent_again(
    house: House, visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    page = window.page
    await at_a_piece(window, newcomer, signed_in, "Sarah")
    await house.stack.stop("documents-http")
    try:
        await send(window, SCAN)
        await page.get_by_text("Un de nos services ne répond pas").wait_for()
        await gets_focus(page, "Renvoyer")
        window.complaints.clear()
    finally:
        await house.stack.start("documents-http")
    await page.get_by_role("button", name="Renvoyer").click()
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()


async def test_a_file_that_our_store_did_not_take_is_told_so_on_the_pieces_own_page(
    house: House, visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    """With a file there already: its state stands first on that page, and is no reason."""
    window = await visitor()
    page = window.page
    person = await at_a_piece(window, newcomer, signed_in, "Soraya")
    await send(window, SCAN)
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()
    folder = house.addresses.root / "objects" / str(person.id)
    away = folder.with_suffix(".away")
    folder.rename(away)
    folder.write_text("no folder")
    try:
        await send(window, photo(1))
        said = page.get_by_role("status")
        await said.get_by_text("par notre faute").wait_for()
        assert "reçue" not in await said.inner_text()
        await gets_focus(page, "Renvoyer")
        window.complaints.clear()
        await look_at(window, "piece-envoi-par-notre-faute")
    finally:
        folder.unlink()
        away.rename(folder)
    await page.wait_for_timeout(1100)  # a button of this kind takes no second press within a second
    await page.get_by_role("button", name="Renvoyer").click()
    await page.get_by_text("Nous avons reçu « IMG_1.jpg »").wait_for()


async def test_a_bar_shows_what_is_sent_of_a_large_file(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    page = window.page
    await at_a_piece(window, newcomer, signed_in, "Serge")
    slow = await window.context.new_cdp_session(page)
    await slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 300_000},
    )
    await send(window, photo(1), photo(2), photo(3))
    await page.get_by_role("progressbar").wait_for()
    await page.get_by_text("Envoi en cours : 20 %").wait_for()
    await page.set_viewport_size({"width": PHONE, "height": 800})
    await page.screenshot(path=SCREENS / "piece-envoi-en-cours-360.png", full_page=True)
    await page.get_by_text("Nous avons reçu").wait_for()


async def test_the_keyboard_alone_sends_a_file(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Sabine")
    await person.register()
    window = await visitor()
    page = window.page
    await signed_in(window, person)
    await window.goto("/documents")
    await walk_to(page, "Pièce d’identité")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/documents/p2")
    await walk_to(page, "file")
    async with page.expect_file_chooser() as choosing:
        await page.keyboard.press("Space")
    await (await choosing.value).set_files(SCAN)
    await walk_to(page, "Envoyer")
    await page.keyboard.press("Enter")
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()
    await gets_focus(page, "Nous avons reçu")


async def test_the_confirmation_sent_back_untouched_is_refused_and_a_doubtful_page_is_looked_at(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    page = window.page
    title = "Confirmation d’inscription datée et signée"
    person = await at_a_piece(window, newcomer, signed_in, "Samia", title)
    untouched = await person.visitor.confirmation()
    await send(window, FilePayload(name="confirmation.pdf", mimeType="application/pdf", buffer=untouched))
    await page.get_by_role("alert").get_by_text("n’est ni datée ni signée").wait_for()
    await look_at(window, "confirmation-non-signee")
    await send(window, photo(4))
    await page.get_by_text("Nous n’avons pas reconnu votre confirmation").wait_for()
    await look_at(window, "confirmation-douteuse")


async def test_after_the_deadline_what_is_there_is_seen_and_nothing_can_be_sent(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    window = await visitor()
    page = window.page
    person = await at_a_piece(window, newcomer, signed_in, "Sonia")
    await send(window, SCAN)
    await page.get_by_text("Nous avons reçu « carte.pdf »").wait_for()
    await house.rows(
        "documents",
        "UPDATE candidate SET deadline_at = date_trunc('day', now()) WHERE candidate_id = $1",
        person.id,
    )
    await window.goto("/documents")
    assert await page.get_by_text("aucun fichier ne peut plus être ajouté ni retiré").is_visible()
    await look_at(window, "documents-apres-echeance")
    await window.goto("/documents/p2")
    assert await page.get_by_role("button", name="Envoyer").count() == 0
    assert await page.get_by_role("link", name="Télécharger « carte.pdf »").is_visible()
    await look_at(window, "piece-apres-echeance")


async def test_the_list_is_headed_by_each_outcome(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    window = await visitor()
    page = window.page
    person = await at_a_piece(window, newcomer, signed_in, "Seraphin")
    await house.rows(
        "documents",
        "UPDATE candidate SET deadline_at = date_trunc('day', now()) WHERE candidate_id = $1",
        person.id,
    )
    for stage, heading in (
        ("cancelled", "Votre candidature est annulée"),
        ("held", "Votre candidature est en cours d’examen"),
        ("withdrawn", "Votre candidature est retirée"),
        ("confirmed", "Votre inscription est définitive"),
    ):
        await house.rows(
            "documents", f"UPDATE candidate SET stage = '{stage}' WHERE candidate_id = $1", person.id
        )
        await window.goto("/documents")
        assert await page.get_by_role("heading", name=heading).is_visible()
        await look_at(window, f"documents-{stage}")


@with_and_without_javascript
@pytest.mark.parametrize(
    ("forename", "mebibytes", "why"),
    [("Sixtine", 12, "dépasse 10 Mo"), ("Simon", 60, "trop lourds ensemble")],
    ids=["one", "together"],
)
async def test_too_large_a_file_is_answered_with_the_reason_and_not_a_cut(
    visitor: NewVisitor,
    newcomer: Newcomer,
    signed_in: SignedIn,
    tmp_path: Path,
    javascript: bool,
    forename: str,
    mebibytes: int,
    why: str,
) -> None:
    window = await visitor(javascript=javascript)
    page = window.page
    await at_a_piece(window, newcomer, signed_in, f"{forename}{javascript}")
    large = tmp_path / "film.pdf"
    large.write_bytes(b"%PDF-1.7" + b"0" * (mebibytes << 20))
    await page.get_by_label("Choisissez un ou plusieurs fichiers").set_input_files(large)
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_role("alert").get_by_text(why).wait_for()


@with_and_without_javascript
async def test_a_film_is_answered_by_the_gateway_with_a_page_and_not_a_cut(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, tmp_path: Path, javascript: bool
) -> None:
    window = await visitor(javascript=javascript)
    page = window.page
    await at_a_piece(window, newcomer, signed_in, f"Sven{javascript}")
    film = tmp_path / "film.mp4"
    with film.open("wb") as opened:
        opened.truncate(400 << 20)
    await page.get_by_label("Choisissez un ou plusieurs fichiers").set_input_files(film)
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_role("heading", name="Envoi trop lourd").wait_for()
    assert await page.get_by_text("Ce que vous aviez déjà enregistré ou déposé est gardé.").is_visible()
    await window.goto("/documents/p2")
    assert await page.get_by_text("Aucun fichier pour le moment.").is_visible()


async def test_what_is_sent_too_late_from_a_page_opened_in_time_is_told_so(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    window = await visitor(javascript=False)
    page = window.page
    person = await at_a_piece(window, newcomer, signed_in, "Sigolene")
    for service, table in (("documents", "candidate"), ("registration", "candidature")):
        await house.rows(
            service,
            f"UPDATE {table} SET deadline_at = date_trunc('day', now()) WHERE candidate_id = $1",
            person.id,
        )
    whole = SCAN["buffer"] + b"\n%" + b" " * (9 << 20) + b"\n%%EOF\n"
    await send(window, FilePayload(name="carte.pdf", mimeType="application/pdf", buffer=whole))
    await page.get_by_role("alert").get_by_text("Ce dépôt n’est pas pris en compte").wait_for()
    assert await page.get_by_role("button", name="Envoyer").count() == 0
    await look_at(window, "piece-trop-tard")


async def test_refused_out_of_date_and_ones_own_deadline_say_what_to_do(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    window = await visitor(javascript=False)
    page = window.page
    person = await at_a_piece(window, newcomer, signed_in, "Suzanne")
    long_name = "Carte_d_identite_de_Suzanne_recto_verso_numerisee_le_3_novembre_version_finale.pdf"
    await send(window, FilePayload(name=long_name, mimeType="application/pdf", buffer=SCAN["buffer"]))
    await page.get_by_text("Nous avons reçu").wait_for()
    # An officer's login is another test's business: what a refusal leaves is written here.
    await house.rows(
        "documents",
        "WITH r AS (INSERT INTO review (review_id, candidate_id, piece, act, reason, actor, at) VALUES"
        " (gen_random_uuid(), $1, 'p2', 'refused', 'Le verso manque : numérisez les deux faces.', 'a', now())"
        " RETURNING review_id) UPDATE file SET state = 'refused', refused_by = (SELECT review_id FROM r)"
        " WHERE candidate_id = $1",
        person.id,
    )
    await house.rows(
        "documents",
        "UPDATE candidate SET deadline_at = deadline_at + interval '5 days' WHERE candidate_id = $1",
        person.id,
    )
    await window.goto("/documents/p2")
    assert await page.get_by_text("Le verso manque : numérisez les deux faces.").is_visible()
    assert await page.get_by_text("C’est votre délai personnel").is_visible()
    await look_at(window, "piece-refusee")
    signed = papers.sign(await person.visitor.confirmation(), "le 24 novembre")
    await person.visitor.upload("p1", File("signee.pdf", "application/pdf", signed))
    await person.visitor.save(person.form())
    await window.goto("/documents")
    assert await page.get_by_text("Version 2, enregistrée le").is_visible()
    await page.get_by_text("Versions périmées").click()
    await look_at(window, "documents-version-2")
    await page.get_by_role("link", name="Confirmation d’inscription datée et signée").click()
    assert await page.get_by_text("celle d’une version antérieure").is_visible()
    await look_at(window, "confirmation-perimee")


async def test_in_english_and_before_a_save(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    person = await newcomer("Sidonie")
    await person.enter()
    window = await visitor()
    page = window.page
    await signed_in(window, person)
    await window.goto("/documents")
    await look_at(window, "documents-rien")
    await person.register()
    await window.goto("/langue/en?retour=/documents")
    await page.get_by_role("link", name="Identity document").click()
    await page.get_by_role("heading", name="What is asked for").wait_for()
    await person.visitor.upload("p2", File("carte.pdf", "application/pdf", SCAN["buffer"]))
    await look_at(window, "piece-en")
    await house.rows(
        "documents",
        "WITH r AS (INSERT INTO review (review_id, candidate_id, piece, act, reason, actor, at) VALUES"
        " (gen_random_uuid(), $1, 'p2', 'refused', 'Le verso manque.', 'a', now())"
        " RETURNING review_id) UPDATE file SET state = 'refused', refused_by = (SELECT review_id FROM r)"
        " WHERE candidate_id = $1 AND piece = 'p2'",
        person.id,
    )
    await page.get_by_label("Choose one or more files").set_input_files([SCAN])
    await page.get_by_role("button", name="Send").click()
    said = page.get_by_role("alert").get_by_text("This very file was refused before: “Le verso manque.”")
    await said.wait_for()
    assert await said.locator("[lang=fr]").inner_text() == "Le verso manque."
    await look_at(window, "piece-en-refusee")
