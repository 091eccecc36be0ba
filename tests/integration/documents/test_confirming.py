"""A confirmation is read back when it is uploaded: what is sure is refused, what is doubtful counts."""

import io
import random
from datetime import timedelta
from uuid import UUID

import pytest

from bench.reading.corpus import IN_FORCE, confirmation, known, printed
from bench.reading.pens import PENS, Hand
from deploy.demo import papers
from services.contracts.events import RegistrationSaved
from services.documents.inspecting import Inspectors
from tests.integration.documents.paging import read, words
from tests.integration.documents.world import IN_TIME, Site, problem

MARKS = known(0)
SIGNED = papers.sign(confirmation(0, "a", IN_FORCE), "le 24 novembre")


def page(*, date: bool, signature: bool) -> bytes:
    drawn = printed(0, "a", IN_FORCE).copy()
    hand = Hand(drawn, random.Random(3))
    if date:
        hand.date(MARKS.date, PENS[1])
    if signature:
        hand.signature(MARKS.signature, PENS[1], outside=False)
    out = io.BytesIO()
    drawn.resize((1654, 2339)).save(out, "JPEG", quality=75)
    return out.getvalue()


async def registered(site: Site) -> UUID:
    candidate = await site.world.saved(version=IN_FORCE)
    site.world.registry.marks[candidate] = MARKS
    return candidate


async def flags(site: Site, candidate: UUID) -> list[str]:
    response = await site.ask("GET", f"/api/documents/candidates/{candidate}", officer="o1")
    assert response.status_code == 200, response.text
    return [flag["flag"] for flag in response.json()["flags"]]


async def test_the_signed_confirmation_of_the_version_in_force_counts(site: Site) -> None:
    candidate = await registered(site)
    response = await site.upload(candidate, SIGNED, "p1")
    assert response.status_code == 201, response.text
    assert (await site.piece(candidate, "p1"))["state"] == "received"
    assert await flags(site, candidate) == []


@pytest.mark.parametrize(
    ("content", "expected", "words"),
    [
        (confirmation(0, "a", IN_FORCE), "confirmation-non-signee", "ni datée ni signée"),
        (page(date=True, signature=False), "confirmation-non-signee", "« Signature du candidat »"),
        (page(date=False, signature=True), "confirmation-non-datee", "« Lieu et date »"),
        (papers.sign(confirmation(0, "a", 1), "le 24"), "confirmation-perimee", "version 1"),
        (
            papers.sign(confirmation(0, "b", IN_FORCE), "le 24"),
            "confirmation-d-un-autre",
            "pas celui de votre",
        ),
    ],
    ids=["untouched", "unsigned", "undated", "older version", "another's"],
)
async def test_what_is_surely_not_it_is_refused_with_what_to_do(
    site: Site, content: bytes, expected: str, words: str
) -> None:
    candidate = await registered(site)
    response = await site.upload(candidate, content, "p1")
    assert problem(response) == (409, expected)
    assert words in response.json()["detail"]
    assert "envoyez" in response.json()["detail"]
    row = await site.world.row(candidate)
    assert (row.faults, row.missing_count) == ({}, 3)
    assert site.objects(candidate) == []


async def test_what_cannot_be_read_counts_and_only_officers_see_why(site: Site) -> None:
    candidate = await registered(site)
    response = await site.upload(candidate, papers.scan("Une page sans code", 1), "p1")
    assert response.status_code == 201
    assert "flags" not in response.json()
    assert (await site.piece(candidate, "p1"))["state"] == "received"
    assert await flags(site, candidate) == ["code"]


async def test_who_sent_a_page_without_the_code_is_asked_to_look_at_it_again(site: Site) -> None:
    """A photo of something else counts until an officer sees it: its sender can tell at once."""
    candidate = await registered(site)
    unrecognised = "Nous n’avons pas reconnu votre confirmation"
    await site.upload(candidate, papers.scan("Une page sans code", 1), "p1")
    page = words(await read(site, "/documents/p1", candidate))
    assert unrecognised in page
    assert (await site.piece(candidate, "p1"))["unrecognised"] is True
    assert "Déposez la bonne page ci-dessous, puis retirez l’autre fichier." in page
    assert unrecognised in words(await read(site, "/documents", candidate))
    await site.upload(candidate, SIGNED, "p1")
    assert (await site.piece(candidate, "p1"))["unrecognised"] is False
    assert unrecognised not in words(await read(site, "/documents/p1", candidate))
    listed = words(await read(site, "/documents", candidate))
    assert unrecognised not in listed
    assert "Vous avez déposé la confirmation signée de cette version." in listed
    assert "Imprimez-la et vérifiez-la." not in listed


async def test_a_confirmation_counts_when_registration_cannot_tell_how_to_read_it(site: Site) -> None:
    candidate = await registered(site)
    site.world.registry.away = True
    assert (await site.upload(candidate, confirmation(0, "a", IN_FORCE), "p1")).status_code == 201
    site.world.registry.away = False
    assert await flags(site, candidate) == ["not_read"]


async def test_a_confirmation_counts_when_its_reading_does_not_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = await registered(site)
    inspect = Inspectors.inspect

    async def then_hurry(self: Inspectors, *asked: object) -> str:
        found = await inspect(self, *asked)  # type: ignore[arg-type]
        self._seconds = 0.01
        return found

    monkeypatch.setattr(Inspectors, "inspect", then_hurry)
    assert (await site.upload(candidate, SIGNED, "p1")).status_code == 201
    assert await flags(site, candidate) == ["not_read"]


async def test_a_confirmation_whose_upload_crossed_a_save_does_not_count_for_the_new_version(
    site: Site,
) -> None:
    """The save's request arrived before the upload's, and was heard of after the upload was stored."""
    candidate = await registered(site)
    assert (await site.upload(candidate, SIGNED, "p1", arrived_at=IN_TIME)).status_code == 201
    before = (await site.world.row(candidate)).missing_count
    saved_at = IN_TIME - timedelta(seconds=1)
    await site.world.tell(candidate, RegistrationSaved, version=IN_FORCE + 1, saved_at=saved_at)
    assert (await site.world.row(candidate)).missing_count == before + 1
    assert (await site.piece(candidate, "p1"))["state"] == "expired"


async def test_other_pieces_are_not_read(site: Site) -> None:
    candidate = await registered(site)
    assert (await site.upload(candidate, confirmation(0, "a", 1), "p2")).status_code == 201
    assert "confirmation-marks" not in site.world.registry.asked
