"""An upload that arrived and could not begin is kept as a fault that may be ours, whatever hindered it."""

import asyncio
from uuid import UUID

from services.contracts.stages import Verdict
from services.documents.commands.clockwork import settle
from tests.integration.documents.world import AFTER_DEADLINE, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import DEADLINE, TICK

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


async def hindered(site: Site, candidate: UUID) -> None:
    """The service's connection breaks while the upload waits to begin; the row stays locked for a while."""
    async with site.world.ctx.database.transaction() as conn:
        await conn.execute("SELECT FROM candidate WHERE candidate_id = $1 FOR UPDATE", candidate)
        sending = asyncio.create_task(site.upload(candidate, PDF, arrived_at=LAST))
        async with asyncio.timeout(10), site.world.ctx.database.connection() as other:
            while not await other.fetch(_END_WHO_WAITS):  # noqa: ASYNC110 - told by no event
                await asyncio.sleep(0.02)
        assert problem(await sending) == (503, "momentanement-indisponible")
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
    assert problem(response) == (503, "momentanement-indisponible")
    await written(site, candidate)
    assert await verdicts(site, candidate) == [Verdict.HELD]


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
