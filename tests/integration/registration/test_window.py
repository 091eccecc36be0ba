"""The end of the window, for one and for many, and its races on the real database."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.contracts.life import CandidateAct, CandidateQuestion, SessionBatch, SessionQuestion
from services.contracts.stages import Stage, Verdict
from services.registration.activities import Activities
from services.registration.commands.acts import By, hold
from services.registration.commands.window import close_window, close_window_of
from services.registration.commands.withdraw import withdraw
from services.registration.domain.errors import Refused
from tests.integration.registration.world import World, deleted, settled
from tests.unit.registration.rows import CLOSES, GRACE, MS


async def test_the_window_ends_at_close_and_grace_to_the_millisecond(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = CLOSES + GRACE - MS
    assert not await close_window_of(world.ctx, candidate)
    world.clock.instant = CLOSES + GRACE
    assert await close_window_of(world.ctx, candidate)
    assert not await close_window_of(world.ctx, candidate)
    assert await world.stage(candidate) is Stage.AWAITING_DOCUMENTS


async def test_who_saved_nothing_is_not_registered(world: World) -> None:
    candidate = await world.activated()
    world.clock.instant = CLOSES + GRACE
    assert await close_window_of(world.ctx, candidate)
    row = await world.row(candidate)
    assert (row.stage, row.decided_at) == (Stage.NOT_REGISTERED, CLOSES + GRACE)
    assert await world.names(candidate) == ["CandidatureNotRegistered"]
    assert await world.acts(candidate) == ["account_activated", "not_registered"]


async def test_the_withdrawn_and_the_held_are_left_as_they_are(world: World) -> None:
    withdrawn, held = await world.saved(), await world.saved()
    await withdraw(world.ctx, withdrawn)
    await hold(world.ctx, held, By("chef", "à voir", (await world.row(held)).seen))
    world.clock.instant = CLOSES + GRACE
    assert (await close_window(world.ctx, "2021", 10)).decided == 0
    assert await world.stage(withdrawn) is Stage.WITHDRAWN
    assert await world.stage(held) is Stage.HELD


async def test_batches_decide_all_and_tell_each(world: World) -> None:
    saved = [await world.saved() for _ in range(7)]
    silent = [await world.activated() for _ in range(4)]
    world.clock.instant = CLOSES + GRACE
    results = [await close_window(world.ctx, "2021", 5) for _ in range(4)]
    assert [(one.decided, one.remaining) for one in results] == [(5, 6), (5, 1), (1, 0), (0, 0)]
    for candidate in saved:
        assert (await world.names(candidate))[-1] == "CandidatureWindowClosed"
        assert (await world.facts(candidate))[-1].revision == (await world.row(candidate)).revision
    for candidate in silent:
        assert await world.names(candidate) == ["CandidatureNotRegistered"]


async def test_a_batch_leaves_rows_that_somebody_holds_and_counts_them(world: World) -> None:
    busy, free = await world.saved(), await world.saved()
    world.clock.instant = CLOSES + GRACE
    async with world.ctx.database.transaction() as conn:
        await conn.execute("SELECT FROM candidature WHERE candidate_id = $1 FOR UPDATE", busy)
        result = await close_window(world.ctx, "2021", 10)
        assert (result.decided, result.remaining) == (1, 1)
    assert await world.stage(free) is Stage.AWAITING_DOCUMENTS
    assert (await close_window(world.ctx, "2021", 10)).remaining == 0


async def test_a_batch_before_the_end_decides_nobody(world: World) -> None:
    await world.saved()
    world.clock.instant = CLOSES + GRACE - MS
    result = await close_window(world.ctx, "2021", 10)
    assert (result.decided, result.remaining) == (0, 0)


async def test_a_batch_applies_verdicts_that_came_before_it(world: World) -> None:
    early, other = await world.saved(), await world.saved()
    world.clock.instant = CLOSES + GRACE - MS
    await world.hear_documents(settled(early, Verdict.COMPLETE))
    world.clock.instant = CLOSES + GRACE
    await close_window(world.ctx, "2021", 10)
    assert await world.stage(early) is Stage.CONFIRMED
    assert await world.stage(other) is Stage.AWAITING_DOCUMENTS
    assert [event.revision for event in await world.facts(early)] == [1, 2, 3, 4]


async def test_a_save_against_the_end_of_the_window_is_in_or_refused_never_lost(world: World) -> None:
    """A save that was answered is the version in force, and who is not registered has none."""
    loop = asyncio.get_running_loop()
    spent = 0.004  # seconds of the last save: the other side comes within them, on a slow machine too

    async def save(candidate: UUID) -> None:
        nonlocal spent
        began = loop.time()
        await world.save(candidate, arrived_at=CLOSES - MS)
        spent = loop.time() - began

    async def race() -> bool:
        world.clock.instant = CLOSES + GRACE - MS
        candidate = await world.activated()

        async def end() -> None:
            await asyncio.sleep(random.uniform(0, spent))
            world.clock.instant = CLOSES + GRACE
            await close_window_of(world.ctx, candidate)

        saving, _ = await asyncio.gather(save(candidate), end(), return_exceptions=True)
        refused = isinstance(saving, Refused)
        assert refused or not isinstance(saving, BaseException)
        await close_window_of(world.ctx, candidate)
        row = await world.row(candidate)
        assert (row.stage, row.version) == (
            (Stage.NOT_REGISTERED, 0) if refused else (Stage.AWAITING_DOCUMENTS, 1)
        )
        return refused

    refusals = [await race() for _ in range(200)]
    assert 5 < sum(refusals) < 195, "the races were not close enough to show anything"


async def test_a_verdict_against_the_end_of_the_window_ends_confirmed(world: World) -> None:
    """1,000 candidates whose complete verdict is heard while their window is being decided."""

    async def race() -> None:
        world.clock.instant = CLOSES + GRACE - MS
        candidate = await world.saved()

        async def end() -> None:
            await asyncio.sleep(random.uniform(0, 0.002))
            world.clock.instant = CLOSES + GRACE
            await close_window_of(world.ctx, candidate)

        await asyncio.gather(world.hear_documents(settled(candidate, Verdict.COMPLETE)), end())
        assert await world.stage(candidate) is Stage.CONFIRMED
        revisions = [event.revision for event in await world.facts(candidate)]
        assert revisions == list(range(1, len(revisions) + 1))

    for _ in range(1000):
        await race()
    for actor in ("documents", "system"):  # the verdict came after the window's end, and before it
        by = "SELECT count(*) FROM journal WHERE act = 'confirmed' AND actor = $1"
        assert await world.value(by, actor) > 5, "the races were not close enough to show anything"


async def test_activities_answer_of_the_unknown_the_erased_and_the_known(world: World) -> None:
    activities = Activities(world.ctx)
    unknown = await activities.next_step(CandidateQuestion(candidate_id=uuid4()))
    assert (unknown.ended, unknown.gone, unknown.action, unknown.wait_seconds) == (False, False, None, 30)

    candidate = await world.saved()
    world.clock.instant = CLOSES - timedelta(days=1)
    known = await activities.next_step(CandidateQuestion(candidate_id=candidate))
    assert (known.ended, known.action, known.stage, known.portfolio) == (
        False,
        "close_window",
        "registered",
        "12",
    )
    assert known.due_at == CLOSES
    early = await activities.act(CandidateAct(candidate_id=candidate, action="close_window"))
    assert not early.applied
    other = await activities.act(CandidateAct(candidate_id=candidate, action="something_else"))
    assert not other.applied

    await world.hear_account(deleted(candidate))
    gone = await activities.next_step(CandidateQuestion(candidate_id=candidate))
    assert (gone.ended, gone.gone) == (True, True)


async def test_the_sessions_activities_pace_the_end_of_the_window(world: World) -> None:
    activities = Activities(world.ctx)
    await world.saved()
    ahead = await activities.session_next_step(SessionQuestion(session_id="2021"))
    assert (ahead.action, ahead.due_at) == ("close_window", CLOSES + GRACE)
    world.clock.instant = CLOSES + GRACE
    assert (await activities.session_next_step(SessionQuestion(session_id="2021"))).wait_seconds == 0
    batch = SessionBatch(session_id="2021", action="close_window", limit=100)
    assert (await activities.session_batch(batch)).decided == 1
    assert (await activities.session_next_step(SessionQuestion(session_id="2021"))).action is None
    assert (await activities.session_next_step(SessionQuestion(session_id="2050"))).action is None


async def test_the_database_itself_refuses_an_impossible_row(world: World) -> None:
    candidate = await world.saved()
    with pytest.raises(asyncpg.CheckViolationError):
        await world.value("UPDATE candidature SET stage = 'held' WHERE candidate_id = $1", candidate)
