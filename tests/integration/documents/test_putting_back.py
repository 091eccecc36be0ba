"""A file that was taken back may be put back until the deadline by arrival, and counts as it did."""

from datetime import datetime
from uuid import UUID

import httpx
import pytest

from services.contracts.events import DeadlineMoved, RegistrationSaved
from tests.integration.documents.world import IN_TIME, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import DAY, DEADLINE, TICK

PDF = papers.pdf()


async def removed(site: Site, candidate: UUID, content: bytes = PDF, piece: str = "p2") -> str:
    file_id: str = (await site.upload(candidate, content, piece)).json()["file_id"]
    response = await site.ask("DELETE", f"/api/documents/me/files/{file_id}", candidate=candidate)
    assert response.status_code == 204
    return file_id


async def put_back(
    site: Site, candidate: UUID, file_id: str, arrived_at: datetime = IN_TIME
) -> httpx.Response:
    path = f"/api/documents/me/files/{file_id}/restoration"
    return await site.ask("POST", path, candidate=candidate, arrived_at=arrived_at)


async def test_it_is_offered_and_counts_again(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate)
    before = await site.piece(candidate)
    assert [file["file_id"] for file in before["removed"]] == [file_id]
    response = await put_back(site, candidate, file_id, DEADLINE - TICK)
    assert (response.status_code, response.json()["state"]) == (200, "received")
    after = await site.piece(candidate)
    assert (after["state"], after["removed"]) == ("received", [])
    assert (await site.world.row(candidate)).missing_count == 2
    assert (await site.world.names(candidate))[-3:] == [
        "DocumentUploaded",
        "DocumentRemoved",
        "DocumentUploaded",
    ]


async def test_twice_is_once(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate)
    first = await put_back(site, candidate, file_id)
    assert (await put_back(site, candidate, file_id)).json() == first.json()
    assert len(await site.world.names(candidate)) == 3


async def test_where_the_same_content_was_sent_meanwhile_nothing_happens(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate)
    again = (await site.upload(candidate, PDF)).json()
    assert (await site.piece(candidate))["removed"] == []
    assert (await put_back(site, candidate, file_id)).json() == again


@pytest.mark.parametrize("away", [False, True])
async def test_not_after_the_deadline(site: Site, away: bool) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate)
    site.world.registry.away = away
    late = await put_back(site, candidate, file_id, DEADLINE)
    assert problem(late) == ((503, "pieces-indisponibles") if away else (409, "echeance-passee"))
    assert await site.world.file_states(candidate, "p2") == ["removed"]


async def test_the_deadline_is_the_owners(site: Site) -> None:
    """It was moved there, and its fact has not arrived."""
    candidate = await site.world.saved()
    file_id = await removed(site, candidate)
    site.world.registry.change(candidate, deadline_at=DEADLINE + 7 * DAY)
    assert (await put_back(site, candidate, file_id, DEADLINE)).status_code == 200


async def test_what_came_too_late_comes_back_too_late(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + 7 * DAY)
    response = await site.upload(candidate, PDF, arrived_at=DEADLINE + DAY)
    file_id = response.json()["file_id"]
    path = f"/api/documents/me/files/{file_id}"
    await site.ask("DELETE", path, candidate=candidate, arrived_at=DEADLINE + DAY)
    await site.world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE)
    assert (await put_back(site, candidate, file_id)).json()["state"] == "late"


async def test_one_that_an_officer_refused_is_neither_offered_nor_put_back(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = (await site.upload(candidate, PDF)).json()["file_id"]
    await site.review(candidate, "refusal", reason="Page coupée.")
    await site.ask("DELETE", f"/api/documents/me/files/{file_id}", candidate=candidate)
    assert (await site.piece(candidate))["removed"] == []
    assert problem(await put_back(site, candidate, file_id)) == (409, "fichier-deja-refuse")


async def test_a_confirmation_of_an_older_version_is_not_offered(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate, piece="p1")
    await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=IN_TIME + DAY)
    assert (await site.piece(candidate, "p1"))["removed"] == []
    again = await put_back(site, candidate, file_id, IN_TIME + 2 * DAY)
    assert again.json()["expired"] is True
    assert (await site.piece(candidate, "p1"))["state"] == "expired"


async def test_not_over_the_room_of_a_piece(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate)
    for pages in range(2, 12):
        await site.upload(candidate, papers.pdf(pages))
    assert problem(await put_back(site, candidate, file_id)) == (409, "trop-de-fichiers")


async def test_nobody_elses_and_not_of_the_erased(site: Site) -> None:
    candidate, other = await site.world.saved(), await site.world.saved()
    file_id = await removed(site, candidate)
    assert problem(await put_back(site, other, file_id)) == (404, "fichier-inconnu")
    await site.world.erase(candidate)
    assert (await put_back(site, candidate, file_id)).status_code in (404, 410)


async def test_not_for_a_piece_no_longer_asked(site: Site) -> None:
    candidate = await site.world.saved()
    file_id = await removed(site, candidate, piece="p3")
    await site.world.tell(
        candidate, RegistrationSaved, version=2, saved_at=IN_TIME + DAY, pieces=("p1", "p2")
    )
    assert problem(await put_back(site, candidate, file_id)) == (404, "piece-non-demandee")
