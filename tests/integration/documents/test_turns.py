"""One account neither fills the disk with uploads under way nor makes others wait for its inspections."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from services.documents.inspecting import Inspectors
from tests.integration.documents.paging import send
from tests.integration.documents.world import Site, problem
from tests.unit.documents import papers

FORM = ("scan.pdf", papers.pdf(9), "application/pdf")


@dataclass
class Slow:
    """A body whose sender waits in the middle of it."""

    content: bytes
    goes_on: asyncio.Event
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun.set()
        yield self.content[:100]
        await self.goes_on.wait()
        yield self.content[100:]


class TestUploadsUnderWay:
    async def two(
        self, site: Site, candidate: UUID, goes_on: asyncio.Event
    ) -> list[asyncio.Task[httpx.Response]]:
        """Both are read when this returns."""
        bodies = [Slow(papers.pdf(pages), goes_on) for pages in (1, 2)]
        sent = [asyncio.create_task(site.upload(candidate, body)) for body in bodies]
        async with asyncio.timeout(10):
            await asyncio.gather(*(body.begun.wait() for body in bodies))
        return sent

    async def test_are_two_and_of_a_third_nothing_is_kept(self, site: Site) -> None:
        candidate, goes_on = await site.world.saved(), asyncio.Event()
        sent = await self.two(site, candidate, goes_on)
        async with asyncio.timeout(10):
            refused = await site.upload(candidate, papers.pdf(3))
        assert problem(refused) == (429, "envois-en-cours")
        assert refused.headers["retry-after"] == "10"
        goes_on.set()
        assert [response.status_code for response in await asyncio.gather(*sent)] == [201, 201]

    async def test_one_that_was_one_too_many_holds_until_it_is_sent_again(self, site: Site) -> None:
        """The limit is ours: who is stopped by it in the last minute is not cancelled for it."""
        candidate, goes_on = await site.world.saved(), asyncio.Event()
        sent = await self.two(site, candidate, goes_on)
        await site.upload(candidate, papers.pdf(3), piece="p3")
        goes_on.set()
        await asyncio.gather(*sent)
        [fault] = (await site.world.row(candidate)).faults.values()
        assert fault["piece"] == "p3"
        assert (await site.upload(candidate, papers.pdf(3), piece="p3")).status_code == 201
        assert (await site.world.row(candidate)).faults == {}

    async def test_of_one_candidate_hinder_no_other(self, site: Site) -> None:
        candidate, other = await site.world.saved(), await site.world.saved()
        goes_on = asyncio.Event()
        sent = await self.two(site, candidate, goes_on)
        assert (await site.upload(other, papers.pdf())).status_code == 201
        goes_on.set()
        await asyncio.gather(*sent)

    async def test_a_page_says_so_at_its_form(self, site: Site) -> None:
        candidate, goes_on = await site.world.saved(), asyncio.Event()
        sent = await self.two(site, candidate, goes_on)
        response = await send(site, candidate, FORM)
        assert response.status_code == 429
        assert "D’autres fichiers de votre compte sont en cours d’envoi" in response.text
        goes_on.set()
        await asyncio.gather(*sent)


class TestInspections:
    async def order(self, inspectors: Inspectors, folder: Path) -> list[str]:
        """Of one candidate six are asked for, then of another one: how their answers come."""
        file = folder / "body"
        file.write_bytes(papers.image())
        answered: list[str] = []

        async def asked(whose: str, candidate_id: UUID) -> None:
            await inspectors.of(candidate_id).inspect(file, "")
            answered.append(whose)

        greedy, patient = uuid4(), uuid4()
        async with asyncio.TaskGroup() as group:
            for _ in range(6):
                group.create_task(asked("greedy", greedy))
            group.create_task(asked("patient", patient))
        return answered

    async def test_of_one_candidate_make_another_wait_for_one_at_most(self, tmp_path: Path) -> None:
        async with Inspectors(at_once=1, seconds=20) as inspectors:
            assert await self.order(inspectors, tmp_path) == ["greedy", "patient", *["greedy"] * 5]

    async def test_of_one_candidate_come_one_after_the_other(self, tmp_path: Path) -> None:
        """So that another's begins at once: a second process is not even started for them."""
        file = tmp_path / "body"
        file.write_bytes(papers.image())
        async with Inspectors(at_once=2, seconds=20) as inspectors:
            own = inspectors.of(uuid4())
            await asyncio.gather(*(own.inspect(file, "") for _ in range(3)))
            assert len(inspectors._idle) == 1
