"""An upload that could not begin, or a put-back that failed, is kept as a fault that may be ours."""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pytest

from services.contracts.events import CandidatureWithdrawn, RegistrationSaved
from services.contracts.stages import Stage, Verdict
from services.documents.commands.clockwork import settle
from services.documents.commands.faults import Fault, write_fault
from tests.integration.documents.paging import press
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import DAY, DEADLINE, TICK

PDF = papers.pdf()
LAST = DEADLINE - TICK
_END_WHO_WAITS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


async def written(site: Site, candidate: UUID, count: int = 1) -> None:
    async with asyncio.timeout(10):
        while len((await site.world.row(candidate)).faults) != count:  # noqa: ASYNC110 - told by no event
            await asyncio.sleep(0.02)


async def verdicts(site: Site, candidate: UUID) -> list[Verdict]:
    site.world.clock.instant = AFTER_DEADLINE
    await settle(site.world.ctx, candidate)
    return await site.world.verdicts(candidate)


async def hindered(site: Site, candidate: UUID, request: Awaitable[httpx.Response] | None = None) -> None:
    """The service's connection breaks while the request (an upload) waits for the row, locked for a while."""
    async with site.world.ctx.database.transaction() as conn:
        await conn.execute("SELECT FROM candidate WHERE candidate_id = $1 FOR UPDATE", candidate)
        sending = asyncio.ensure_future(request or site.upload(candidate, PDF, arrived_at=LAST))
        async with asyncio.timeout(10), site.world.ctx.database.connection() as other:
            while not await other.fetch(_END_WHO_WAITS):  # noqa: ASYNC110 - told by no event
                await asyncio.sleep(0.02)
        assert (await sending).status_code == 503
        await asyncio.sleep(0.3)


async def test_one_whose_beginning_could_not_be_committed_holds(site: Site) -> None:
    candidate = await site.world.saved()
    await hindered(site, candidate)
    await written(site, candidate)
    assert await verdicts(site, candidate) == [Verdict.HELD]


async def test_one_that_could_not_begin_because_the_owner_is_away_holds(site: Site) -> None:
    """A piece not known here yet, of a version that is not known here yet."""
    candidate = await site.world.saved()
    site.world.registry.away = True
    response = await site.upload(candidate, PDF, piece="p4", arrived_at=LAST)
    assert problem(response) == (503, "pieces-indisponibles")
    await written(site, candidate)
    assert await verdicts(site, candidate) == [Verdict.HELD]


@pytest.mark.parametrize("refusing", [False, True], ids=["away", "of another version"])
async def test_one_that_only_an_outdated_word_would_refuse_holds_where_its_owner_cannot_be_asked(
    site: Site, refusing: bool
) -> None:
    """Withdrawn as far as is known here; saved again since, which is not heard of yet."""
    world = site.world
    candidate = await world.saved()
    await world.tell(candidate, CandidatureWithdrawn, stage=Stage.WITHDRAWN)
    back = world.registry.change(candidate, stage=Stage.REGISTERED).told(RegistrationSaved)
    world.registry.away, world.registry.refusing = not refusing, refusing
    response = await site.upload(candidate, PDF, arrived_at=LAST)
    assert problem(response) == (503, "pieces-indisponibles")
    await written(site, candidate)
    world.registry.away = world.registry.refusing = False
    await world.hear(back)
    assert await verdicts(site, candidate) == [Verdict.HELD]


async def test_one_of_a_candidature_that_is_withdrawn_by_its_owners_word_is_nobodys_fault(
    site: Site,
) -> None:
    candidate = await site.world.saved()
    await site.world.tell(candidate, CandidatureWithdrawn, stage=Stage.WITHDRAWN)
    assert problem(await site.upload(candidate, PDF, arrived_at=LAST))[0] == 409
    assert (await site.world.row(candidate)).faults == {}


async def test_one_that_is_written_after_the_verdict_asks_for_another(site: Site) -> None:
    candidate = await site.world.saved()
    assert await verdicts(site, candidate) == [Verdict.INCOMPLETE]
    await hindered(site, candidate)
    await written(site, candidate)
    assert await site.world.verdicts(candidate) == [Verdict.INCOMPLETE, Verdict.HELD]


async def test_a_later_success_makes_up_for_one_not_written_yet(site: Site) -> None:
    candidate = await site.world.saved()
    await site.upload(candidate, PDF, arrived_at=DEADLINE - TICK / 2)
    await hindered(site, candidate)
    await asyncio.sleep(0.5)
    await written(site, candidate, 0)
    assert await verdicts(site, candidate) == [Verdict.INCOMPLETE]


class TestAPutBack:
    async def removed(self, site: Site, candidate: UUID, content: bytes = PDF, piece: str = "p2") -> str:
        file_id: str = (await site.upload(candidate, content, piece)).json()["file_id"]
        await site.ask("DELETE", f"/api/documents/me/files/{file_id}", candidate=candidate)
        return file_id

    def restore(
        self, site: Site, candidate: UUID, file_id: str, arrived_at: datetime = LAST
    ) -> Awaitable[httpx.Response]:
        path = f"/api/documents/me/files/{file_id}/restoration"
        return site.ask("POST", path, candidate=candidate, arrived_at=arrived_at)

    async def test_that_fails_through_us_holds(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = await self.removed(site, candidate)
        await hindered(site, candidate, self.restore(site, candidate, file_id))
        await written(site, candidate)
        [fault] = (await site.world.row(candidate)).faults.values()
        assert fault["piece"] == "p2"
        assert await verdicts(site, candidate) == [Verdict.HELD]

    async def test_that_only_an_outdated_word_would_refuse_holds_too(self, site: Site) -> None:
        world = site.world
        candidate = await world.saved()
        file_id = await self.removed(site, candidate)
        await world.tell(candidate, CandidatureWithdrawn, stage=Stage.WITHDRAWN)
        back = world.registry.change(candidate, stage=Stage.REGISTERED).told(RegistrationSaved)
        world.registry.away = True
        assert (await self.restore(site, candidate, file_id)).status_code == 503
        await written(site, candidate)
        world.registry.away = False
        await world.hear(back)
        assert await verdicts(site, candidate) == [Verdict.HELD]

    async def test_that_succeeds_makes_up_for_what_failed_before_on_its_piece(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = await self.removed(site, candidate)
        await hindered(site, candidate, self.restore(site, candidate, file_id, LAST - TICK))
        await written(site, candidate)
        assert (await self.restore(site, candidate, file_id)).status_code == 200
        assert (await site.world.row(candidate)).faults == {}
        assert await verdicts(site, candidate) == [Verdict.INCOMPLETE]

    async def test_that_finds_the_same_content_there_makes_up_too(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = await self.removed(site, candidate)
        await site.upload(candidate, PDF)
        await hindered(site, candidate)
        await written(site, candidate)
        assert (await self.restore(site, candidate, file_id)).status_code == 200
        assert (await site.world.row(candidate)).faults == {}

    async def test_whose_file_is_back_before_its_fault_is_written_leaves_none(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = await self.removed(site, candidate)
        fault = Fault(uuid4(), candidate, LAST, file_id=UUID(file_id))
        assert (await self.restore(site, candidate, file_id)).status_code == 200
        await write_fault(site.world.ctx, fault)
        assert (await site.world.row(candidate)).faults == {}

    async def test_of_a_file_that_does_not_count_makes_up_for_nothing(self, site: Site) -> None:
        """A new confirmation could not be sent through us; the one of the version before is put back."""
        candidate = await site.world.saved()
        file_id = await self.removed(site, candidate, piece="p1")
        await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=IN_TIME + DAY)
        sending = site.upload(candidate, papers.pdf(2), piece="p1", arrived_at=LAST - TICK)
        await hindered(site, candidate, sending)
        await written(site, candidate)
        assert (await self.restore(site, candidate, file_id)).status_code == 200
        assert await verdicts(site, candidate) == [Verdict.HELD]

    async def test_from_the_page_holds_too(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = await self.removed(site, candidate)
        path = f"/documents/p2/{file_id}/remise"
        await hindered(site, candidate, press(site, candidate, path, arrived_at=LAST))
        await written(site, candidate)
        assert await verdicts(site, candidate) == [Verdict.HELD]
