"""The last upload's commit, and what is heard, against the verdict: over a thousand races on two pools.

The clock stands after deadline and grace, so that whoever gets the row first decides. Whoever's evidence
arrived in time must end with `complete` as the verdict of the highest `evidence_rev`, whatever came first.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.contracts.events import ChecklistSettled, DeadlineMoved, RegistrationSaved
from services.contracts.stages import Verdict
from services.documents.commands.clockwork import settle, settle_batch
from services.documents.commands.upload import begin, refuse, store
from tests.integration.documents.world import (
    AFTER_DEADLINE,
    IN_TIME,
    FixedClock,
    World,
    open_world,
    received,
)
from tests.unit.documents.rows import DAY, DEADLINE, TICK

RACES, HEARINGS, AT_ONCE = 1000, 1000, 6
IN_THE_LAST_MILLISECOND = DEADLINE - TICK


@dataclass
class Sides:
    """Two processes of the service, each with a pool of its own; `before`: the first, in the window."""

    before: World
    one: World
    other: World


@pytest.fixture
async def sides(database_url: str, tmp_path: Path) -> AsyncIterator[Sides]:
    async with open_world(database_url, tmp_path) as one, open_world(database_url, tmp_path) as other:
        one.clock.instant = other.clock.instant = AFTER_DEADLINE
        clock = FixedClock(IN_TIME)
        yield Sides(World(replace(one.ctx, clock=clock), clock, one.registry), one, other)


async def in_turn(work: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """A few at a time, so that the races meet and the pools do not queue."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(act: Callable[[], Awaitable[None]]) -> None:
        async with places:
            await act()

    async with asyncio.TaskGroup() as group:
        for act in work:
            group.create_task(one(act))


async def soon(act: Awaitable[object], within_seconds: float = 0.004) -> None:
    await asyncio.sleep(random.random() * within_seconds)
    await act


async def meet(left: Awaitable[object], right: Awaitable[object]) -> None:
    await asyncio.gather(soon(left), soon(right))


async def verdicts(world: World, candidate: UUID) -> list[ChecklistSettled]:
    """In the order they were told; the candidate's facts are checked to be in order on the way."""
    facts = await world.facts(candidate)
    revisions = [fact.revision for fact in facts]
    assert revisions == list(range(1, len(revisions) + 1))
    found = [fact for fact in facts if isinstance(fact, ChecklistSettled)]
    evidence = [verdict.evidence_rev for verdict in found]
    assert evidence == sorted(set(evidence))
    return found


async def test_the_last_uploads_commit_against_the_verdict(sides: Sides) -> None:
    before, one, other = sides.before, sides.one, sides.other
    seen: Counter[tuple[Verdict, ...]] = Counter()

    async def race() -> None:
        candidate = await before.saved(pieces=("p2",))
        attempt = await begin(before.ctx, candidate, "p2", IN_THE_LAST_MILLISECOND)
        await meet(store(one.ctx, attempt, received(candidate)), settle(other.ctx, candidate))
        found = await verdicts(one, candidate)
        assert found[-1].verdict is Verdict.COMPLETE
        assert found[-1].evidence_rev == (await one.row(candidate)).evidence_rev
        seen[tuple(one.verdict for one in found)] += 1

    await in_turn([race] * RACES)
    assert set(seen) == {(Verdict.COMPLETE,), (Verdict.HELD, Verdict.COMPLETE)}, seen
    assert min(seen.values()) > RACES // 50, seen


async def test_the_last_uploads_refusal_against_the_verdict(sides: Sides) -> None:
    before, one, other = sides.before, sides.one, sides.other
    seen: Counter[tuple[Verdict, ...]] = Counter()

    async def race() -> None:
        candidate = await before.saved(pieces=("p2",))
        attempt = await begin(before.ctx, candidate, "p2", IN_THE_LAST_MILLISECOND)
        await meet(refuse(one.ctx, attempt), settle(other.ctx, candidate))
        seen[tuple(one.verdict for one in await verdicts(one, candidate))] += 1

    await in_turn([race] * HEARINGS)
    assert set(seen) == {(Verdict.INCOMPLETE,), (Verdict.HELD, Verdict.INCOMPLETE)}, seen


async def test_uploads_commits_against_the_sessions_batches(sides: Sides) -> None:
    before, one, other = sides.before, sides.one, sides.other
    session = await before.session()
    waiting: list[tuple[UUID, Awaitable[object]]] = []

    async def prepare() -> None:
        candidate = await before.saved(session_id=session, pieces=("p2",))
        attempt = await begin(before.ctx, candidate, "p2", IN_THE_LAST_MILLISECOND)
        waiting.append((candidate, store(one.ctx, attempt, received(candidate))))

    async def batches() -> None:
        while (await settle_batch(other.ctx, session, 7)).remaining:
            continue

    await in_turn([prepare] * HEARINGS)
    await asyncio.gather(batches(), *(soon(commit, 0.15) for _, commit in waiting))
    for candidate, _ in waiting:
        assert (await verdicts(one, candidate))[-1].verdict is Verdict.COMPLETE


async def test_a_later_deadline_against_the_verdict(sides: Sides) -> None:
    """A verdict of the earlier deadline matches nothing any more; at the later one there is another."""
    before, one, other = sides.before, sides.one, sides.other
    seen: Counter[int] = Counter()

    async def race() -> None:
        candidate = await before.saved(pieces=("p2",))
        moved = one.registry.change(candidate, deadline_at=AFTER_DEADLINE + DAY).told(DeadlineMoved)
        await meet(one.hear(moved), settle(other.ctx, candidate))
        found = await verdicts(one, candidate)
        row = await one.row(candidate)
        assert row.deadline_at == AFTER_DEADLINE + DAY
        assert row.settled_rev != row.evidence_rev
        assert all(verdict.deadline_at == DEADLINE for verdict in found)
        assert all(verdict.evidence_rev < row.evidence_rev for verdict in found)
        seen[len(found)] += 1

    await in_turn([race] * HEARINGS)
    assert set(seen) == {0, 1}, seen


async def test_a_new_version_against_the_verdict(sides: Sides) -> None:
    """Version 2 does not ask for what was missing."""
    before, one, other = sides.before, sides.one, sides.other
    seen: Counter[int] = Counter()

    async def race() -> None:
        candidate = await before.saved(pieces=("p2", "p3"))
        await before.put(candidate, "p2")
        saved = one.registry.change(candidate, version=2, pieces=("p2",)).told(RegistrationSaved)
        await meet(one.hear(saved), settle(other.ctx, candidate))
        found = await verdicts(one, candidate)
        assert (found[-1].verdict, found[-1].registration_version) == (Verdict.COMPLETE, 2)
        seen[len(found)] += 1

    await in_turn([race] * HEARINGS)
    assert set(seen) == {1, 2}, seen


async def test_the_same_file_at_once_is_stored_once(sides: Sides) -> None:
    before, one, other = sides.before, sides.one, sides.other

    async def race() -> None:
        candidate = await before.saved(pieces=("p2",))
        attempts = [await begin(before.ctx, candidate, "p2", DEADLINE - DAY) for _ in range(2)]
        same = [received(candidate, "the same") for _ in attempts]
        await meet(store(one.ctx, attempts[0], same[0]), store(other.ctx, attempts[1], same[1]))
        assert await one.file_states(candidate, "p2") == ["received"]

    await in_turn([race] * 100)


async def test_an_erasure_against_an_upload_leaves_nothing(sides: Sides) -> None:
    before, one, other = sides.before, sides.one, sides.other

    async def race() -> None:
        candidate = await before.saved(pieces=("p2",))
        attempt = await begin(before.ctx, candidate, "p2", DEADLINE - DAY)
        await asyncio.gather(
            soon(store(one.ctx, attempt, received(candidate))),
            soon(other.erase(candidate)),
            return_exceptions=True,
        )
        assert await one.file_states(candidate, "p2") == []

    await in_turn([race] * 100)


async def test_an_erasure_against_the_first_fact_heard_leaves_nobody(sides: Sides) -> None:
    """There is no row to lock yet."""
    one, other = sides.one, sides.other

    async def race() -> None:
        candidate = uuid4()
        saved = one.registry.change(candidate).told(RegistrationSaved)
        await meet(one.hear(saved), other.erase(candidate))
        async with one.ctx.database.connection() as conn:
            assert not await conn.fetchval(
                "SELECT count(*) FROM candidate WHERE candidate_id = $1", candidate
            )

    await in_turn([race] * HEARINGS)
