"""What is heard of candidatures, calendars and accounts: twice, out of order, late, or never."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.dlq import DeadLetter, Record
from services.chassis.failures import PartUnavailable
from services.chassis.quarantine import count_open_of, open_dead_letter
from services.contracts.events import (
    AccountCreated,
    CandidatureCancelled,
    CandidatureHeld,
    CandidatureNotRegistered,
    CandidatureReinstated,
    CandidatureReleased,
    ConfirmationIssued,
    DeadlineMoved,
    ReachabilityChanged,
    RegistrationSaved,
)
from services.contracts.stages import AccountState, Stage, Verdict
from services.documents.commands import rows
from services.documents.commands.clockwork import judge, settle, settle_batch
from services.documents.commands.rows import count_dead_letters
from services.documents.commands.upload import begin, store
from services.documents.domain.errors import Erased
from tests.integration.documents.registry import PIECES
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, World, received
from tests.unit.documents.rows import CLOSES, DAY, DEADLINE, SAVED

NEW_DEADLINE = AFTER_DEADLINE + 10 * DAY


async def test_a_save_brings_the_checklist(world: World) -> None:
    candidate = await world.saved()
    row = await world.row(candidate)
    assert (row.registration_version, row.stage, row.state) == (1, Stage.REGISTERED, "incomplete")
    assert row.missing_count == len(PIECES)


async def test_the_same_fact_again_changes_nothing(world: World) -> None:
    candidate = await world.saved()
    event = world.registry.candidatures[candidate].told(ConfirmationIssued)
    before = await world.row(candidate)
    await world.hear(event)
    await world.hear(event)
    assert await world.row(candidate) == before
    assert world.registry.asked == ["checklist"]


async def test_an_older_fact_cannot_go_back_in_time(world: World) -> None:
    candidate = await world.saved()
    older = world.registry.candidatures[candidate].told(RegistrationSaved)
    await world.tell(candidate, CandidatureCancelled, stage=Stage.CANCELLED, deadline_at=DEADLINE + DAY)
    before = await world.row(candidate)
    await world.hear(older)
    assert await world.row(candidate) == before


async def test_a_gap_heals_with_the_next_fact(world: World) -> None:
    """Version 2 and the moved deadline were never heard of."""
    candidate = await world.saved()
    world.registry.change(candidate, version=2, pieces=("p1", "p2"), saved_at=SAVED + DAY)
    world.registry.change(candidate, deadline_at=DEADLINE + DAY)
    await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
    row = await world.row(candidate)
    assert (row.registration_version, row.deadline_at, row.stage) == (2, DEADLINE + DAY, Stage.HELD)
    assert row.missing_count == 2


@pytest.mark.parametrize("heard_before", [True, False])
async def test_a_form_that_is_opened_again_is_heard_of_and_asks_for_no_piece_yet(
    world: World, heard_before: bool
) -> None:
    candidate = uuid4()
    told = {"candidate_id": candidate, "session_id": "2021", "registration_version": 0}
    if heard_before:
        closed = CandidatureNotRegistered(
            revision=1, state=Stage.NOT_REGISTERED, deadline_at=DEADLINE, **told
        )
        await world.hear(closed)
    opened = CandidatureReinstated(revision=2, state=Stage.ACTIVATED, deadline_at=NEW_DEADLINE, **told)
    await world.hear(opened)
    row = await world.row(candidate)
    assert (row.stage, row.deadline_at, row.registration_version) == (Stage.ACTIVATED, NEW_DEADLINE, 0)


async def test_pieces_no_longer_asked_keep_their_files_and_do_not_count(world: World) -> None:
    candidate = await world.saved()
    await world.put(candidate, "p3")
    await world.tell(candidate, RegistrationSaved, version=2, pieces=("p1", "p2"))
    assert (await world.row(candidate)).missing_count == 2
    assert await world.file_states(candidate, "p3") == ["received"]
    await world.tell(candidate, RegistrationSaved, version=3, pieces=("p1", "p2", "p3"))
    assert (await world.row(candidate)).missing_count == 2


async def test_a_new_version_makes_the_signed_confirmation_stale(world: World) -> None:
    candidate = await world.saved()
    await world.complete(candidate, IN_TIME)
    saved_again = IN_TIME + DAY
    await world.tell(candidate, RegistrationSaved, version=2, saved_at=saved_again)
    assert (await world.row(candidate)).missing_count == 1
    assert (await world.names(candidate))[-1] == "ChecklistReopened"
    await world.put(candidate, "p1", saved_again)
    assert (await world.row(candidate)).state == "complete"


async def test_who_has_only_an_account_is_known_and_asked_nothing(world: World) -> None:
    candidate = uuid4()
    await world.hear(
        AccountCreated(
            revision=1, candidate_id=candidate, state=AccountState.AWAITING_ACTIVATION, session_id="2021"
        )
    )
    row = await world.row(candidate)
    assert (row.registration_version, row.state) == (0, "unknown")


async def test_a_fact_of_a_session_not_yet_heard_of_waits(world: World) -> None:
    """It travels on another partition: this is no poison."""
    with pytest.raises(PartUnavailable):
        await world.saved(session_id=f"s-{uuid4()}")


async def test_a_later_deadline_after_the_verdict_asks_for_another(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    assert await settle(world.ctx, candidate)
    await world.tell(candidate, DeadlineMoved, deadline_at=AFTER_DEADLINE + DAY)
    await world.warn(candidate, AFTER_DEADLINE + DAY)
    assert not await settle(world.ctx, candidate)
    world.clock.instant = AFTER_DEADLINE + 2 * DAY
    assert await settle(world.ctx, candidate)
    assert await world.verdicts(candidate) == [Verdict.INCOMPLETE, Verdict.INCOMPLETE]


async def test_a_release_settles_at_once_without_the_faults(world: World) -> None:
    candidate = await world.saved()
    await begin(world.ctx, candidate, "p2", DEADLINE - DAY / 2)
    world.clock.instant = AFTER_DEADLINE
    await settle(world.ctx, candidate)
    await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
    await world.tell(candidate, CandidatureReleased, stage=Stage.AWAITING_DOCUMENTS, releases=1)
    assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]


async def test_a_standing_fetched_before_the_hold_and_its_release_are_heard_swallows_neither(
    world: World,
) -> None:
    candidate = await world.saved()
    await begin(world.ctx, candidate, "p2", DEADLINE - DAY / 2)
    world.clock.instant = AFTER_DEADLINE
    await settle(world.ctx, candidate)
    held = world.registry.change(candidate, stage=Stage.HELD).told(CandidatureHeld)
    released = world.registry.change(candidate, stage=Stage.REGISTERED, releases=1).told(CandidatureReleased)
    await judge(world.ctx, candidate)
    assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]
    await world.hear(held)
    await world.hear(released)
    assert (await world.row(candidate)).stage is Stage.REGISTERED
    assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]


async def test_a_calendar_reaches_the_rows_and_an_older_one_does_not(world: World) -> None:
    session = await world.session()
    candidate = await world.saved(session_id=session)
    await world.schedule(3, session_id=session, closes_at=CLOSES + DAY)
    await world.schedule(2, session_id=session, closes_at=CLOSES + 2 * DAY)
    assert (await world.row(candidate)).closes_at == CLOSES + DAY


async def test_a_form_that_was_opened_again_keeps_its_later_end(world: World) -> None:
    session = await world.session()
    candidate = await world.saved(session_id=session, closes_at=CLOSES + 9 * DAY)
    assert (await world.row(candidate)).closes_at == CLOSES + 9 * DAY
    await world.schedule(2, session_id=session, deadline_at=DEADLINE + DAY, grace_seconds=90)
    row = await world.row(candidate)
    assert (row.closes_at, row.grace_seconds) == (CLOSES + 9 * DAY, 90)
    await world.tell(candidate, RegistrationSaved, revision=2, version=2, closes_at=CLOSES + 9 * DAY)
    assert (await world.row(candidate)).closes_at == CLOSES + 9 * DAY


async def test_a_row_made_while_the_calendar_changes_has_the_new_dates(world: World) -> None:
    session = await world.session()
    candidate = uuid4()
    async with world.ctx.database.transaction() as conn:
        await rows.lock_or_create(conn, candidate, session)
        change = asyncio.create_task(world.schedule(2, session_id=session, closes_at=CLOSES + DAY))
        await asyncio.sleep(0.1)
    await change
    assert (await world.row(candidate)).closes_at == CLOSES + DAY


class TestErasure:
    async def test_nothing_is_left_but_the_id(self, world: World) -> None:
        candidate = await world.saved()
        await world.put(candidate, "p2")
        await world.erase(candidate)
        with pytest.raises(Erased):
            await world.row(candidate)
        async with world.ctx.database.connection() as conn:
            for table in ("candidate", "piece", "file", "review"):
                assert not await conn.fetchval(
                    f"SELECT count(*) FROM {table} WHERE candidate_id = $1", candidate
                )
            doomed = await conn.fetchval(
                "SELECT count(*) FROM doomed_prefix WHERE candidate_id = $1", candidate
            )
        assert doomed == 1

    async def test_no_late_fact_makes_the_erased_again(self, world: World) -> None:
        candidate = await world.saved()
        await world.erase(candidate)
        await world.tell(candidate, RegistrationSaved)
        await world.erase(candidate)
        with pytest.raises(Erased):
            await world.row(candidate)

    async def test_one_erased_before_anything_was_heard_stays_erased(self, world: World) -> None:
        candidate = uuid4()
        await world.erase(candidate)
        await world.tell(candidate, RegistrationSaved)
        with pytest.raises(Erased):
            await world.row(candidate)

    async def test_an_upload_under_way_ends_with_it(self, world: World) -> None:
        candidate = await world.saved()
        attempt = await begin(world.ctx, candidate, "p2", IN_TIME)
        await world.erase(candidate)
        with pytest.raises(Erased):
            await store(world.ctx, attempt, received(candidate))
        with pytest.raises(Erased):
            await world.put(candidate, "p2")


class TestReachability:
    async def tell(self, world: World, candidate: UUID, state: str, revision: int = 1) -> None:
        event = {"revision": revision, "candidate_id": candidate, "state": state}
        await world.hear(ReachabilityChanged.model_validate(event))

    async def verdicts(self, world: World, candidate: UUID) -> list[Verdict]:
        world.clock.instant = AFTER_DEADLINE
        await settle(world.ctx, candidate)
        return await world.verdicts(candidate)

    async def test_who_could_not_be_warned_is_held(self, world: World) -> None:
        candidate = await world.saved()
        await self.tell(world, candidate, "unreachable")
        assert await self.verdicts(world, candidate) == [Verdict.HELD]

    async def test_in_a_batch_too(self, world: World) -> None:
        session = await world.session()
        candidate = await world.saved(session_id=session)
        await self.tell(world, candidate, "unreachable")
        world.clock.instant = AFTER_DEADLINE
        assert (await settle_batch(world.ctx, session, 10)).decided == 1
        assert await world.verdicts(candidate) == [Verdict.HELD]

    async def test_a_word_after_the_verdict_makes_another(self, world: World) -> None:
        candidate = await world.saved()
        assert await self.verdicts(world, candidate) == [Verdict.INCOMPLETE]
        await self.tell(world, candidate, "unreachable")
        assert await world.verdicts(candidate) == [Verdict.INCOMPLETE, Verdict.HELD]

    async def test_the_newest_word_counts(self, world: World) -> None:
        candidate = await world.saved()
        await self.tell(world, candidate, "reachable", 2)
        await self.tell(world, candidate, "unreachable", 1)
        assert await self.verdicts(world, candidate) == [Verdict.INCOMPLETE]

    async def test_a_word_before_the_candidate_is_known_is_kept(self, world: World) -> None:
        candidate = uuid4()
        await self.tell(world, candidate, "unreachable")
        await world.saved(candidate)
        assert await self.verdicts(world, candidate) == [Verdict.HELD]

    async def test_never_holds_the_complete(self, world: World) -> None:
        candidate = await world.saved()
        await world.complete(candidate)
        await self.tell(world, candidate, "unreachable")
        assert await self.verdicts(world, candidate) == [Verdict.COMPLETE]

    async def held(self, world: World) -> UUID:
        """Held, since nobody could warn the candidate."""
        candidate = await world.saved()
        await self.tell(world, candidate, "unreachable")
        assert await self.verdicts(world, candidate) == [Verdict.HELD]
        await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
        return candidate

    async def release(self, world: World, candidate: UUID, **changes: Any) -> None:
        stage = Stage.AWAITING_DOCUMENTS
        await world.tell(candidate, CandidatureReleased, stage=stage, releases=1, **changes)

    async def at_the_new_deadline(self, world: World, candidate: UUID) -> Verdict:
        world.clock.instant = NEW_DEADLINE + DAY
        await settle(world.ctx, candidate)
        return (await world.verdicts(candidate))[-1]

    async def test_an_officer_who_wants_it_settled_by_this_deadline_settles_all_the_same(
        self, world: World
    ) -> None:
        candidate = await self.held(world)
        await self.release(world, candidate, settle_now=True)
        assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]

    async def test_who_cannot_be_warned_of_the_new_deadline_either_is_held_again(self, world: World) -> None:
        """`notifications` says nothing: it said so already."""
        candidate = await self.held(world)
        await self.release(world, candidate, deadline_at=NEW_DEADLINE)
        assert await self.at_the_new_deadline(world, candidate) is Verdict.HELD

    async def test_a_reminder_taken_for_the_new_deadline_warned_of_it(self, world: World) -> None:
        candidate = await self.held(world)
        await self.release(world, candidate, deadline_at=NEW_DEADLINE)
        await self.tell(world, candidate, "reachable", 2)
        await world.warn(candidate, NEW_DEADLINE)
        assert await self.at_the_new_deadline(world, candidate) is Verdict.INCOMPLETE

    async def test_a_deadline_given_after_it_was_settled_at_once_needs_a_warning_again(
        self, world: World
    ) -> None:
        candidate = await self.held(world)
        await self.release(world, candidate, settle_now=True)
        await world.tell(candidate, CandidatureReinstated, deadline_at=NEW_DEADLINE)
        assert await self.at_the_new_deadline(world, candidate) is Verdict.HELD

    async def test_so_is_one_whose_release_and_reinstatement_are_learnt_together(self, world: World) -> None:
        candidate = await self.held(world)
        world.registry.change(
            candidate,
            stage=Stage.AWAITING_DOCUMENTS,
            releases=1,
            settle_now=True,
            deadline_at=NEW_DEADLINE,
        )
        await judge(world.ctx, candidate)
        assert await self.at_the_new_deadline(world, candidate) is Verdict.HELD

    async def test_of_the_erased_nothing_is_kept(self, world: World) -> None:
        candidate = await world.saved()
        await self.tell(world, candidate, "unreachable")
        await world.erase(candidate)
        await self.tell(world, candidate, "unreachable", 2)
        async with world.ctx.database.connection() as conn:
            assert not await conn.fetchval(
                "SELECT count(*) FROM reachability WHERE candidate_id = $1", candidate
            )


class TestDeadLetters:
    async def hook(self, world: World, candidate: object, count: int) -> None:
        async with world.ctx.database.transaction() as conn:
            await count_dead_letters(conn, candidate, count)  # type: ignore[arg-type]

    async def test_an_open_one_holds_and_a_closed_one_no_longer(self, world: World) -> None:
        candidate = await world.saved()
        await self.hook(world, candidate, 1)
        world.clock.instant = AFTER_DEADLINE
        await settle(world.ctx, candidate)
        await self.hook(world, candidate, 0)
        await settle(world.ctx, candidate)
        assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]

    async def test_one_opened_before_the_candidate_is_known_counts(self, world: World) -> None:
        candidate = uuid4()
        async with world.ctx.database.transaction() as conn:
            await conn.execute(
                "INSERT INTO quarantine (consumer, dead_letter_id, candidate_id, topic, partition, "
                "record_offset, error) VALUES ('documents.test', $1, $2, 't', 0, 0, 'E')",
                uuid4(),
                candidate,
            )
        await self.hook(world, candidate, 1)
        await world.saved(candidate)
        assert (await world.row(candidate)).open_dead_letters == 1

    async def test_one_opened_while_the_row_is_being_made_counts(self, world: World) -> None:
        candidate = uuid4()
        record = Record("registration.events", 0, 0, str(candidate).encode(), b"", ())
        letter = DeadLetter.of("documents.registration", record, ValueError())
        event = world.registry.change(candidate).told(RegistrationSaved)
        async with world.ctx.database.transaction() as making:
            await rows.lock_or_create(making, candidate, event.session_id)
            opening = asyncio.create_task(self.open(world, letter))
            await asyncio.sleep(0.2)
            assert not opening.done()
        await opening
        assert (await world.row(candidate)).open_dead_letters == 1

    async def test_one_that_is_taken_in_while_the_row_is_being_made_does_not_block_both(
        self, world: World
    ) -> None:
        """Its replay makes the row under the quarantine's lock; whoever else makes it waits there first."""
        candidate = uuid4()
        event = world.registry.change(candidate).told(RegistrationSaved)

        async def make() -> None:
            async with world.ctx.database.transaction() as conn:
                await rows.lock_or_create(conn, candidate, event.session_id)

        async with world.ctx.database.transaction() as replaying:
            await count_open_of(replaying, candidate)
            making = asyncio.create_task(make())
            await asyncio.sleep(0.2)
            await rows.lock_or_create(replaying, candidate, event.session_id)
        await making

    async def open(self, world: World, letter: DeadLetter) -> None:
        async with world.ctx.database.transaction() as conn:
            await open_dead_letter(conn, letter, count_dead_letters)
