"""Who waited for us in the last minutes is not cancelled for what they then sent too late (ours 7)."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.contracts.stages import Verdict
from services.documents.commands.clockwork import settle
from services.documents.domain.doubts import Doubt, doubts
from tests.integration.documents.registry import PIECES
from tests.integration.documents.stores import SlowObjects
from tests.integration.documents.world import AFTER_DEADLINE, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import DEADLINE

PDF = papers.pdf()
LAST_MINUTE = DEADLINE - timedelta(minutes=1)
LONGEST_SECONDS = 1.0
"""What stands here for the 45 s of an outage in the last minutes."""


@pytest.fixture
def slow(site: Site) -> Site:
    """Every upload waits for longer than that."""
    opened = site.app.state.context
    settings = opened.settings.model_copy(update={"outage_near_deadline_seconds": LONGEST_SECONDS})
    site.app.state.context = replace(opened, settings=settings)
    site.app.state.objects = SlowObjects(site.folder.as_uri(), LONGEST_SECONDS + 0.5)
    return site


async def send(site: Site, candidate: UUID, at: datetime, piece: str = "p2") -> int:
    """The answer's status to a request that arrives at `at`, and is answered then by the test's clock."""
    site.world.clock.instant = at
    return (await site.upload(candidate, PDF, piece=piece, arrived_at=at)).status_code


async def verdict(site: Site, candidate: UUID) -> Verdict:
    site.world.clock.instant = AFTER_DEADLINE
    await settle(site.world.ctx, candidate)
    [found] = await site.world.verdicts(candidate)
    return found


async def test_who_waited_in_the_last_minutes_is_held_though_the_file_was_taken(slow: Site) -> None:
    candidate = await slow.world.saved()
    assert await send(slow, candidate, LAST_MINUTE) == 201
    assert doubts(await slow.world.row(candidate)) == [Doubt.SERVICE_AWAY]
    assert await verdict(slow, candidate) == Verdict.HELD


async def test_so_is_who_waited_for_a_refusal(slow: Site) -> None:
    candidate = await slow.world.saved()
    await send(slow, candidate, LAST_MINUTE - timedelta(days=8))
    await slow.review(candidate, "refusal", reason="Page coupée.")
    slow.world.clock.instant = LAST_MINUTE
    assert problem(await slow.upload(candidate, PDF, arrived_at=LAST_MINUTE))[0] == 409
    assert await verdict(slow, candidate) == Verdict.HELD


async def test_who_was_answered_soon_is_judged_by_the_pieces(site: Site) -> None:
    candidate = await site.world.saved()
    assert await send(site, candidate, LAST_MINUTE) == 201
    assert await verdict(site, candidate) == Verdict.INCOMPLETE


async def test_so_is_who_had_time_enough_afterwards(slow: Site) -> None:
    candidate = await slow.world.saved()
    assert await send(slow, candidate, DEADLINE - timedelta(hours=1)) == 201
    assert await verdict(slow, candidate) == Verdict.INCOMPLETE


async def test_who_is_complete_all_the_same_is_complete(slow: Site) -> None:
    candidate = await slow.world.saved()
    for piece in PIECES:
        assert await send(slow, candidate, LAST_MINUTE, piece) == 201
    assert await verdict(slow, candidate) == Verdict.COMPLETE
