"""The confirmation PDF: tagged, complete, the same each time, and an older one marked périmée."""

import asyncio
import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
import typst
import zxingcpp

from bench.reading.sheets import long_form, longest, ordinary, sheet
from deploy.demo.forms import valid_form
from services.contracts.internal import ConfirmationMarks, Rectangle
from services.registration.commands.acts import cancel
from services.registration.confirmation import blank_of, blanks, draw, found_at, render
from services.registration.marks import DATE, PREFIX, SIGNATURE
from tests.integration.registration.test_espace import by_officer
from tests.integration.registration.world import Site, problem
from tests.verapdf import breaches, breaches_of_each

TRICKY = 'O’Brien *gras* #panic() $x$ _y_ <z> @a \\ [b] "c"'


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[index].get_textpage().get_text_bounded() for index in range(len(document))]
    document.close()
    return " ".join(" ".join(pages).split())


async def fetch(site: Site, candidate: object, **params: int) -> bytes:
    response = await site.ask(
        "GET",
        "/api/registration/me/confirmation.pdf",
        candidate=candidate,  # type: ignore[arg-type]
        params=params,
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    assert "no-store" in response.headers["cache-control"]
    return response.content


async def test_it_is_one_tagged_french_page_and_the_same_each_time(site: Site) -> None:
    candidate = await site.world.saved()
    pdf = await fetch(site, candidate)
    one = sheet(ordinary())
    assert draw(one) == draw(one)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 1
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang).startswith("fr")
        assert "/StructTreeRoot" in document.Root
        metadata = document.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].startswith("Confirmation d’inscription")


async def test_one_who_asks_again_has_nothing_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As whoever gives up waiting does, and then there is no time for it."""
    drawings = 0
    original = typst.compile

    def compile_(*args: Any, **kwargs: Any) -> Any:
        nonlocal drawings
        drawings += 1
        return original(*args, **kwargs)

    monkeypatch.setattr(typst, "compile", compile_)
    asked, other = (sheet(ordinary(), candidate=uuid4().hex) for _ in range(2))
    found = await asyncio.gather(*(blanks(asked, at_once=2) for _ in range(5)))
    assert found == [await blanks(asked, at_once=2)] * 5
    pdfs = [await render(asked, at_once=2) for _ in range(2)]
    assert drawings == 2
    assert pdfs == [draw(asked)] * 2
    assert await render(other, at_once=2) != pdfs[0]


async def test_the_reference_validator_finds_no_breach_of_pdf_ua(site: Site, tmp_path: Path) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, identification={"phone": "06 39 98 00 00"})
    last, first = await fetch(site, candidate), await fetch(site, candidate, version=1)
    assert breaches_of_each([last, first, draw(sheet(longest()))], tmp_path) == [[], [], []]


async def test_the_validator_does_find_what_is_not_tagged(tmp_path: Path) -> None:
    with pikepdf.new() as untagged, io.BytesIO() as written:
        untagged.add_blank_page()
        untagged.save(written)
        assert breaches(written.getvalue(), tmp_path)


async def test_it_shows_what_was_saved_and_what_to_do(site: Site) -> None:
    candidate = uuid4()
    born = {"birth_commune": "Saint-Denis", "birth_commune_code": "97411"}
    saved = (await site.put_form(candidate, valid_form(forename="Maëlys", identification=born))).json()
    text = text_of(await fetch(site, candidate))
    for words in (
        "Version 1",
        "Durand",
        "Maëlys",
        "17/05/1994, Saint-Denis (974), France",
        "12 rue des Lilas, 13400 Aubagne",
        "06 39 98 12 34",
        "option B",
        "danse et demi-fond",
        "langue : italien",
        "dispense (Baccalauréat général)",
        "lundi 7 décembre 2020 à 23 h 59 (heure de Paris). Passé ce délai",
        "Rectifications au stylo rouge uniquement, aucune après le 22 novembre 2020.",
        "Signature du candidat",
        "Académie d’Aix-Marseille",
    ):
        assert words in text, words
    for piece in saved["checklist"]:
        assert piece["title"] in text
    assert "PÉRIMÉE" not in text


async def test_it_carries_the_versions_code(site: Site) -> None:
    candidate = await site.world.saved()
    code = await site.world.value("SELECT code FROM registration_version")
    assert len(code) == 26
    pdf = await fetch(site, candidate)
    assert code in text_of(pdf)
    document = pypdfium2.PdfDocument(pdf)
    [read] = zxingcpp.read_barcodes(document[0].render(scale=150 / 72).to_pil())
    document.close()
    assert read.text == PREFIX + code
    assert read.ec_level == "H"


@pytest.mark.parametrize(
    ("form", "smallest"),
    [(ordinary(), 9.5), (long_form(8, 30), 7.5), (long_form(30, 30), 6.5), (longest(), 4.5)],
    ids=["ordinary", "long", "thirty periods", "every field full"],
)
def test_every_form_fits_one_page_without_meeting_its_foot(form: dict[str, Any], smallest: float) -> None:
    drawn = sheet(form)
    pdf = draw(drawn)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == 1
    assert found_at(drawn, "<size>") >= smallest
    assert found_at(drawn, "<end>") < 220
    assert_blank(pdf, blank_of(drawn))
    text = text_of(pdf)
    for section in drawn.data()["sections"]:
        for name, _ in section["fields"]:
            assert f"{name} :" in text, name


def assert_blank(pdf: bytes, blank: tuple[Rectangle, ...]) -> None:
    """Nothing is printed there, and it is neither in a frame nor next to nothing."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].render(scale=10 * 25.4 / 72).to_pil().convert("L")
    document.close()
    assert sum(place.width * place.height for place in blank) > 10_000
    for place in blank:
        right, below = place.x + place.width, place.y + place.height
        found = page.crop((int(place.x * 10), int(place.y * 10), int(right * 10), int(below * 10)))
        assert found.getextrema() == (255, 255), place
        for frame in (DATE, SIGNATURE):
            beside = right <= frame.x or place.x >= frame.x + frame.width
            assert beside or below <= frame.y or place.y >= frame.y + frame.height, place


async def test_documents_is_told_the_marks_but_no_code(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, identification={"phone": "06 39 98 00 00"})
    path = f"/internal/candidates/{candidate}/confirmation-marks"
    response = await site.ask("GET", path, service="documents")
    found = ConfirmationMarks.model_validate_json(response.content)
    assert found.version == 2
    for version in (1, 2):
        code = await site.world.value("SELECT code FROM registration_version WHERE version = $1", version)
        assert code not in response.text
        assert found.codes[version] == hashlib.sha256(code.encode()).hexdigest()
    assert (await site.ask("GET", path, candidate=candidate)).status_code == 401
    unknown = await site.ask("GET", f"/internal/candidates/{uuid4()}/confirmation-marks", service="documents")
    assert unknown.status_code == 404


async def test_what_a_candidate_wrote_is_never_markup(site: Site) -> None:
    candidate = uuid4()
    form = valid_form(identification={"birth_name": TRICKY})
    assert (await site.put_form(candidate, form)).status_code == 201
    assert TRICKY in text_of(await fetch(site, candidate))


async def test_an_older_version_is_marked_and_the_new_one_is_not(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, identification={"phone": "06 39 98 00 00"})
    old = text_of(await fetch(site, candidate, version=1))
    assert "PÉRIMÉE : la version 2 la remplace" in old
    assert "06 39 98 12 34" in old
    assert "PÉRIMÉE" not in text_of(await fetch(site, candidate, version=2))
    assert "06 39 98 00 00" in text_of(await fetch(site, candidate))


async def test_of_who_is_withdrawn_or_cancelled_it_does_not_order_to_sign(site: Site) -> None:
    withdrawn, cancelled = await site.world.saved(), await site.world.saved()
    assert "datez et signez ce document" in text_of(await fetch(site, withdrawn))
    to_be_read = f"/internal/candidates/{withdrawn}/confirmation-marks"
    printed = await site.ask("GET", to_be_read, service="documents")
    await site.ask("POST", "/api/registration/me/withdrawal", candidate=withdrawn, json={})
    read = await site.ask("GET", to_be_read, service="documents")
    assert read.json()["blank"] == printed.json()["blank"], "it was printed before"
    await cancel(site.world.ctx, cancelled, await by_officer(site, cancelled, "doublon"))
    for candidate, said in (
        (withdrawn, "CANDIDATURE RETIRÉE : ne signez pas ce document."),
        (cancelled, "CANDIDATURE ANNULÉE : ne signez ce document que si « Mes documents » vous y invite."),
    ):
        text = text_of(await fetch(site, candidate))
        assert said in text
        assert "datez et signez ce document" not in text
        assert "au plus tard le" not in text


async def test_there_is_none_before_a_save_nor_of_an_unknown_version(site: Site) -> None:
    path = "/api/registration/me/confirmation.pdf"
    assert problem(await site.ask("GET", path, candidate=uuid4())) == (409, "rien-enregistre")
    candidate = await site.world.saved()
    response = await site.ask("GET", path, candidate=candidate, params={"version": 2})
    assert problem(response) == (404, "version-inconnue")
