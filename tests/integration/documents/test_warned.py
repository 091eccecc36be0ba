"""Nobody is cancelled whom nobody warned (ours 7): a warning is a reminder that was taken, never silence."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.events import (
    CandidatureHeld,
    CandidatureReinstated,
    CandidatureReleased,
    DeadlineMoved,
    ReachabilityChanged,
)
from services.contracts.recovery import Page, RepairItem
from services.contracts.stages import Stage, Verdict
from services.documents.commands.clockwork import judge, remind, settle, settle_batch
from services.documents.commands.mending import Repairs
from services.documents.recovery import tell
from tests.integration.documents.world import AFTER_DEADLINE, World, taken
from tests.unit.documents.rows import DAY, DEADLINE, TICK

NEW_DEADLINE = AFTER_DEADLINE + 10 * DAY


async def reminded(world: World, candidate: UUID, deadline: datetime = DEADLINE) -> UUID:
    """The reminder of the eve is decided; whether it leaves is another matter."""
    world.clock.instant = deadline - DAY / 2
    assert await remind(world.ctx, candidate)
    return candidate


async def verdict(world: World, candidate: UUID, at: datetime = AFTER_DEADLINE) -> Verdict:
    world.clock.instant = at
    await settle(world.ctx, candidate)
    return (await world.verdicts(candidate))[-1]


async def test_of_whom_no_reminder_is_known_to_be_taken_is_held(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    assert await verdict(world, candidate) is Verdict.HELD


async def test_in_a_batch_as_alone(world: World) -> None:
    session = await world.session()
    people = [await reminded(world, await world.saved(warned=False, session_id=session)) for _ in range(2)]
    await world.hear(taken(people[0], DEADLINE))
    world.clock.instant = AFTER_DEADLINE
    assert (await settle_batch(world.ctx, session, 10)).decided == 2
    assert [await world.verdicts(one) for one in people] == [[Verdict.INCOMPLETE], [Verdict.HELD]]


async def test_whose_reminder_was_taken_is_judged_by_the_pieces(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    before = await world.row(candidate)
    await world.hear(taken(candidate, DEADLINE))
    await world.hear(taken(candidate, DEADLINE))
    row = await world.row(candidate)
    assert (row.warned_for, row.evidence_rev) == ([DEADLINE], before.evidence_rev)
    assert await verdict(world, candidate) is Verdict.INCOMPLETE


async def test_another_mail_that_was_taken_is_no_warning(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    await world.hear(taken(candidate, None))
    assert await verdict(world, candidate) is Verdict.HELD


async def test_of_whom_nobody_decided_a_reminder_that_was_due_is_held_too(world: World) -> None:
    """The clocks were away for all of them."""
    candidate = await world.saved(warned=False)
    assert await verdict(world, candidate) is Verdict.HELD


async def test_a_save_that_is_heard_of_after_the_reminders_had_them_due_all_the_same(world: World) -> None:
    world.clock.instant = AFTER_DEADLINE - DAY / 2
    candidate = await world.saved(warned=False)
    assert await verdict(world, candidate) is Verdict.HELD


async def test_for_whom_no_reminder_is_planned_none_can_lack(world: World) -> None:
    session = f"s-{uuid4()}"
    await world.schedule(session_id=session, reminder_offsets_seconds=())
    candidate = await world.saved(warned=False, session_id=session)
    assert (await world.row(candidate)).reminder_due_at is None
    assert await verdict(world, candidate) is Verdict.INCOMPLETE


async def test_a_reminder_is_due_from_when_something_is_missing(world: World) -> None:
    candidate = await world.saved(warned=False)
    due_at = (await world.row(candidate)).reminder_due_at
    assert due_at is not None
    assert DEADLINE - 15 * DAY < due_at < DEADLINE - 13 * DAY
    await world.complete(candidate)
    assert (await world.row(candidate)).reminder_due_at is None


async def test_the_complete_need_no_warning(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    await world.complete(candidate, DEADLINE - TICK)
    assert await verdict(world, candidate) is Verdict.COMPLETE


async def test_a_reminder_that_came_back_warned_nobody(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    await world.hear(taken(candidate, DEADLINE))
    await world.hear(ReachabilityChanged(revision=2, candidate_id=candidate, state="unreachable"))
    assert await verdict(world, candidate) is Verdict.HELD


async def test_that_it_was_taken_may_be_heard_after_the_verdict_and_asks_for_another(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    assert await verdict(world, candidate) is Verdict.HELD
    await world.hear(taken(candidate, DEADLINE))
    assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]


@pytest.mark.parametrize("known", [True, False])
async def test_of_whom_there_is_no_row_nothing_is_kept(world: World, known: bool) -> None:
    candidate = await world.saved(warned=False) if known else uuid4()
    if known:
        await world.erase(candidate)
    await world.hear(taken(candidate, DEADLINE))
    async with world.ctx.database.connection() as conn:
        assert not await conn.fetchval("SELECT count(*) FROM candidate WHERE candidate_id = $1", candidate)


async def test_reconciliation_tells_what_was_not_heard_and_sees_that_it_is_known(world: World) -> None:
    candidate = await reminded(world, await world.saved(warned=False))
    assert await verdict(world, candidate) is Verdict.HELD
    item = RepairItem(key=candidate, deadlines=(DEADLINE,))
    await Repairs(world.ctx).hear_warnings(item)
    await Repairs(world.ctx).hear_warnings(item)
    assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]
    async with world.ctx.database.connection() as conn:
        (line,) = (await tell(conn, AFTER_DEADLINE, Page(candidate_ids=(candidate,)))).lines
    assert line.warned_for == (DEADLINE,)


class TestAnotherDeadline:
    async def moved(self, world: World, candidate: UUID) -> None:
        await world.tell(candidate, DeadlineMoved, deadline_at=NEW_DEADLINE)

    async def test_asks_for_a_warning_of_its_own_once_a_reminder_of_it_was_decided(
        self, world: World
    ) -> None:
        candidate = await reminded(world, await world.saved(warned=False))
        await world.hear(taken(candidate, DEADLINE))
        await self.moved(world, candidate)
        await reminded(world, candidate, NEW_DEADLINE)
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.HELD

    async def test_asks_for_it_too_where_nobody_decided_one(self, world: World) -> None:
        candidate = await reminded(world, await world.saved(warned=False))
        await world.hear(taken(candidate, DEADLINE))
        await self.moved(world, candidate)
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.HELD

    async def test_is_not_warned_of_by_a_late_word_of_the_older_one(self, world: World) -> None:
        candidate = await reminded(world, await world.saved(warned=False))
        await self.moved(world, candidate)
        await reminded(world, candidate, NEW_DEADLINE)
        await world.hear(taken(candidate, DEADLINE))
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.HELD

    async def test_stays_warned_of_whatever_is_heard_of_the_older_one_later(self, world: World) -> None:
        candidate = await reminded(world, await world.saved(warned=False))
        await self.moved(world, candidate)
        await reminded(world, candidate, NEW_DEADLINE)
        await world.hear(taken(candidate, NEW_DEADLINE, 2))
        await world.hear(taken(candidate, DEADLINE, 1))
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.INCOMPLETE

    async def test_that_comes_back_is_still_warned_of(self, world: World) -> None:
        candidate = await reminded(world, await world.saved(warned=False))
        await world.hear(taken(candidate, DEADLINE))
        await self.moved(world, candidate)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE)
        assert await verdict(world, candidate) is Verdict.INCOMPLETE


class TestARelease:
    async def held(self, world: World) -> UUID:
        candidate = await reminded(world, await world.saved(warned=False))
        assert await verdict(world, candidate) is Verdict.HELD
        await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
        return candidate

    async def release(self, world: World, candidate: UUID, **changes: Any) -> None:
        stage = Stage.AWAITING_DOCUMENTS
        await world.tell(candidate, CandidatureReleased, stage=stage, releases=1, **changes)

    async def test_that_settles_by_this_deadline_settles_warned_or_not(self, world: World) -> None:
        candidate = await self.held(world)
        await self.release(world, candidate, settle_now=True)
        assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]

    async def test_that_gives_a_new_deadline_asks_for_a_warning_of_it(self, world: World) -> None:
        candidate = await self.held(world)
        await self.release(world, candidate, deadline_at=NEW_DEADLINE)
        await reminded(world, candidate, NEW_DEADLINE)
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.HELD

    async def test_after_one_that_settles_a_later_deadline_asks_for_a_warning_again(
        self, world: World
    ) -> None:
        candidate = await self.held(world)
        await self.release(world, candidate, settle_now=True)
        await world.tell(candidate, CandidatureReinstated, deadline_at=NEW_DEADLINE)
        await reminded(world, candidate, NEW_DEADLINE)
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.HELD

    async def test_so_does_one_that_is_learnt_together_with_the_release(self, world: World) -> None:
        candidate = await self.held(world)
        world.registry.change(
            candidate,
            stage=Stage.AWAITING_DOCUMENTS,
            releases=1,
            settle_now=True,
            deadline_at=NEW_DEADLINE,
        )
        await judge(world.ctx, candidate)
        await reminded(world, candidate, NEW_DEADLINE)
        assert await verdict(world, candidate, NEW_DEADLINE + DAY) is Verdict.HELD
