"""A refused scan or an outdated confirmation stays one beside other pages: each file sent is known."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from services.contracts.events import DeadlineMoved, RegistrationSaved
from services.documents.commands.clockwork import judge
from tests.integration.documents.world import IN_TIME, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import DAY, DEADLINE

FIRST, SECOND, THIRD = papers.pdf(1), papers.pdf(2), papers.pdf(3)
NAMES = {FIRST: "un.pdf", SECOND: "deux.pdf", THIRD: "trois.pdf"}
SAVED_AGAIN = IN_TIME + DAY


async def send(
    site: Site, candidate: UUID, *contents: bytes, piece: str = "p2", **request: Any
) -> httpx.Response:
    """These files, in one form."""
    return await site.ask(
        "POST",
        f"/api/documents/me/pieces/{piece}/files",
        candidate=candidate,
        files=[("file", (NAMES[content], content)) for content in contents],
        **request,
    )


class TestOfARefusedFile:
    async def refused(self, site: Site, *contents: bytes) -> UUID:
        candidate = await site.world.saved()
        assert (await send(site, candidate, *contents)).status_code == 201
        await site.review(candidate, "refusal", reason="Page coupée.")
        return candidate

    @pytest.mark.parametrize("again", [(FIRST, SECOND), (SECOND, FIRST)])
    async def test_other_pages_beside_it_do_not_make_it_count(
        self, site: Site, again: tuple[bytes, ...]
    ) -> None:
        candidate = await self.refused(site, FIRST)
        response = await send(site, candidate, *again)
        assert problem(response) == (409, "fichier-deja-refuse")
        assert response.json()["detail"].startswith("« un.pdf » : Ce même fichier a déjà été refusé")
        row = await site.world.row(candidate)
        assert (row.missing_count, row.faults) == (3, {})
        assert len(site.objects(candidate)) == 1

    async def test_another_order_does_not_make_it_count(self, site: Site) -> None:
        candidate = await self.refused(site, FIRST, SECOND)
        response = await send(site, candidate, SECOND, FIRST)
        assert problem(response) == (409, "fichier-deja-refuse")
        assert response.json()["detail"].startswith("Ce même fichier")

    async def test_one_of_its_pages_may_be_made_anew(self, site: Site) -> None:
        """Which page was the bad one is not known: the others may have been good."""
        candidate = await self.refused(site, FIRST, SECOND)
        assert (await send(site, candidate, FIRST, THIRD)).status_code == 201
        assert (await site.piece(candidate))["state"] == "received"

    async def test_one_taken_back_with_it_is_neither_offered_nor_put_back(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await send(site, candidate, FIRST, SECOND)).json()["file_id"]
        path = f"/api/documents/me/files/{file_id}"
        await site.ask("DELETE", path, candidate=candidate)
        await send(site, candidate, FIRST)
        assert [one["file_id"] for one in (await site.piece(candidate))["removed"]] == [file_id]
        await site.review(candidate, "refusal")
        assert (await site.piece(candidate))["removed"] == []
        response = await site.ask("POST", f"{path}/restoration", candidate=candidate)
        assert problem(response) == (409, "fichier-deja-refuse")

    async def test_one_that_came_too_late_with_it_does_not_count_by_a_later_deadline(
        self, site: Site
    ) -> None:
        candidate = await site.world.saved()
        site.world.registry.away = True
        await send(site, candidate, FIRST, SECOND, arrived_at=DEADLINE + 2 * DAY)
        site.world.registry.away = False
        await judge(site.world.ctx, candidate)
        await site.world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        await send(site, candidate, FIRST, arrived_at=DEADLINE)
        site.world.clock.instant = DEADLINE + 3 * DAY
        await site.review(candidate, "refusal")
        assert await site.world.file_states(candidate, "p2") == ["refused", "late"]


class TestOfAnOlderConfirmation:
    async def signed(self, site: Site, *contents: bytes, piece: str = "p1") -> UUID:
        candidate = await site.world.saved()
        assert (await send(site, candidate, *contents, piece=piece)).status_code == 201
        await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=SAVED_AGAIN)
        return candidate

    @pytest.mark.parametrize("before", [(FIRST,), (FIRST, THIRD)], ids=["alone", "joined"])
    async def test_other_pages_beside_it_sign_no_newer_version(
        self, site: Site, before: tuple[bytes, ...]
    ) -> None:
        candidate = await self.signed(site, *before)
        response = await send(site, candidate, SECOND, FIRST, piece="p1", arrived_at=SAVED_AGAIN + DAY)
        assert problem(response) == (409, "confirmation-perimee")
        assert response.json()["detail"].startswith("« un.pdf » : Cette confirmation signée est celle de")
        assert (await site.piece(candidate, "p1"))["state"] == "expired"
        assert (await site.world.row(candidate)).missing_count == 3

    async def test_a_page_of_it_alone_signs_none_either(self, site: Site) -> None:
        candidate = await self.signed(site, FIRST, SECOND)
        response = await send(site, candidate, FIRST, piece="p1", arrived_at=SAVED_AGAIN + DAY)
        assert problem(response) == (409, "confirmation-perimee")

    async def test_pages_made_anew_count(self, site: Site) -> None:
        candidate = await self.signed(site, FIRST)
        response = await send(site, candidate, SECOND, THIRD, piece="p1", arrived_at=SAVED_AGAIN + DAY)
        assert response.status_code == 201
        assert (await site.piece(candidate, "p1"))["state"] == "received"
