"""The verdict, by one statement on the candidate's own row; and the reminders before it."""

from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pytest

from services.contracts.events import (
    CandidatureConfirmed,
    CandidatureReinstated,
    CandidatureWithdrawn,
    DeadlineMoved,
    RegistrationSaved,
    ReminderDue,
)
from services.contracts.life import CandidateAct, CandidateQuestion, SessionBatch, SessionQuestion
from services.contracts.stages import Stage, Verdict
from services.documents.commands import rows
from services.documents.commands.clockwork import judge, remind, settle, settle_batch
from services.documents.commands.faults import Fault, write_fault
from services.documents.commands.pausing import pause_settling
from services.documents.commands.put_back import put_back
from services.documents.commands.remove import remove
from services.documents.commands.upload import Stored, begin, refuse, store
from services.documents.domain.errors import Filed, NotAsked, TooLate, TooMany
from services.documents.statements import sql
from tests.integration.documents.registry import PIECES
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, World, received
from tests.unit.documents.rows import CLOSES, DAY, DEADLINE, GRACE, TICK


@pytest.mark.parametrize(
    ("now", "applied"), [(DEADLINE + GRACE - TICK, False), (DEADLINE + GRACE, True), (AFTER_DEADLINE, True)]
)
async def test_the_incomplete_are_settled_at_the_deadline_and_its_grace(
    world: World, now: datetime, applied: bool
) -> None:
    candidate = await world.saved()
    world.clock.instant = now
    assert await settle(world.ctx, candidate) is applied


@pytest.mark.parametrize(("now", "applied"), [(CLOSES + GRACE - TICK, False), (CLOSES + GRACE, True)])
async def test_the_complete_are_settled_at_the_windows_close_and_its_grace(
    world: World, now: datetime, applied: bool
) -> None:
    candidate = await world.saved()
    await world.complete(candidate)
    world.clock.instant = now
    assert await settle(world.ctx, candidate) is applied


async def test_whose_form_was_opened_again_is_not_settled_while_it_can_be_changed(world: World) -> None:
    later = CLOSES + 3 * DAY
    candidate = await world.saved(closes_at=later)
    await world.complete(candidate)
    world.clock.instant = later + GRACE - TICK
    assert not await settle(world.ctx, candidate)
    world.clock.instant = later + GRACE
    assert await settle(world.ctx, candidate)


async def test_one_verdict_for_each_state_of_the_evidence(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    assert await settle(world.ctx, candidate)
    assert not await settle(world.ctx, candidate)
    assert await world.verdicts(candidate) == [Verdict.INCOMPLETE]


async def test_the_verdict_says_what_it_is_about(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    await settle(world.ctx, candidate)
    row = await world.row(candidate)
    [event] = [fact for fact in await world.facts(candidate) if type(fact).__name__ == "ChecklistSettled"]
    assert event.model_dump() == {
        "revision": row.revision,
        "candidate_id": candidate,
        "state": "incomplete",
        "registration_version": 1,
        "evidence_rev": row.evidence_rev,
        "session_id": "2021",
        "deadline_at": DEADLINE,
        "verdict": Verdict.INCOMPLETE,
    }


async def test_completion_after_the_close_is_settled_in_the_uploads_own_transaction(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = CLOSES + GRACE
    await world.complete(candidate, CLOSES + DAY)
    assert await world.verdicts(candidate) == [Verdict.COMPLETE]
    assert (await world.names(candidate))[-3:] == [
        "DocumentUploaded",
        "ChecklistCompleted",
        "ChecklistSettled",
    ]


async def test_evidence_in_time_that_commits_after_the_verdict_makes_a_new_one(world: World) -> None:
    candidate = await world.saved()
    await world.put(candidate, "p1")
    await world.put(candidate, "p2")
    attempt = await begin(world.ctx, candidate, "p3", DEADLINE - TICK)
    world.clock.instant = AFTER_DEADLINE
    await settle(world.ctx, candidate)
    await store(world.ctx, attempt, received(candidate))
    assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.COMPLETE]


class TestWhatMayBeOurFaultHolds:
    async def verdict(self, world: World, candidate: UUID) -> Verdict:
        world.clock.instant = AFTER_DEADLINE
        await settle(world.ctx, candidate)
        return (await world.verdicts(candidate))[-1]

    @pytest.mark.parametrize(
        ("arrived_at", "expected"),
        [
            (DEADLINE - DAY - TICK, Verdict.INCOMPLETE),
            (DEADLINE - DAY, Verdict.HELD),
            (DEADLINE - TICK, Verdict.HELD),
        ],
    )
    async def test_an_upload_that_did_not_end_in_the_last_24_hours(
        self, world: World, arrived_at: datetime, expected: Verdict
    ) -> None:
        candidate = await world.saved()
        await begin(world.ctx, candidate, "p2", arrived_at)
        assert await self.verdict(world, candidate) is expected

    async def test_not_one_that_was_refused_with_a_reason(self, world: World) -> None:
        candidate = await world.saved()
        attempt = await begin(world.ctx, candidate, "p2", DEADLINE - TICK)
        await refuse(world.ctx, attempt)
        assert await self.verdict(world, candidate) is Verdict.INCOMPLETE

    async def test_not_one_with_a_later_success(self, world: World) -> None:
        candidate = await world.saved()
        await begin(world.ctx, candidate, "p2", DEADLINE - 2 * TICK)
        await world.put(candidate, "p2", DEADLINE - TICK)
        assert await self.verdict(world, candidate) is Verdict.INCOMPLETE

    async def test_one_refused_after_the_verdict_is_settled_again(self, world: World) -> None:
        candidate = await world.saved()
        attempt = await begin(world.ctx, candidate, "p2", DEADLINE - TICK)
        assert await self.verdict(world, candidate) is Verdict.HELD
        await refuse(world.ctx, attempt)
        assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.INCOMPLETE]

    async def test_not_one_of_a_piece_the_owner_does_not_ask_for(self, world: World) -> None:
        candidate = await world.saved()
        with pytest.raises(NotAsked):
            await world.put(candidate, "p4", DEADLINE - TICK)
        assert await self.verdict(world, candidate) is Verdict.INCOMPLETE

    async def test_never_the_complete(self, world: World) -> None:
        candidate = await world.saved()
        await world.complete(candidate)
        await begin(world.ctx, candidate, "p2", DEADLINE - TICK)
        assert await self.verdict(world, candidate) is Verdict.COMPLETE


class TestLate:
    """At the deadline known here or after it, the owner is asked."""

    async def test_the_owner_confirms_that_it_is_too_late(self, world: World) -> None:
        candidate = await world.saved()
        with pytest.raises(TooLate):
            await world.put(candidate, "p2", DEADLINE)
        assert "standing" in world.registry.asked
        assert await world.file_states(candidate, "p2") == []

    async def test_it_counts_if_the_deadline_was_moved_and_the_fact_is_on_its_way(self, world: World) -> None:
        candidate = await world.saved()
        moved = world.registry.change(candidate, deadline_at=DEADLINE + DAY).told(DeadlineMoved)
        await world.put(candidate, "p2", DEADLINE)
        before = await world.row(candidate)
        assert (before.deadline_at, before.missing_count) == (DEADLINE + DAY, 2)
        await world.hear(moved)
        assert await world.row(candidate) == before

    async def test_where_the_owner_is_away_it_is_kept_to_judge_and_does_not_count(self, world: World) -> None:
        candidate = await world.saved()
        world.registry.away = True
        await world.put(candidate, "p2", DEADLINE)
        row = await world.row(candidate)
        assert (row.to_judge_count, row.missing_count) == (1, 3)
        with pytest.raises(httpx.HTTPStatusError):
            await judge(world.ctx, candidate)
        world.clock.instant = AFTER_DEADLINE
        await settle(world.ctx, candidate)
        assert await world.verdicts(candidate) == [Verdict.HELD]

    async def kept(self, world: World) -> UUID:
        candidate = await world.saved()
        world.registry.away = True
        await world.put(candidate, "p2", DEADLINE)
        world.registry.away = False
        return candidate

    async def test_it_is_judged_in_time_when_the_owner_says_so(self, world: World) -> None:
        candidate = await self.kept(world)
        world.registry.change(candidate, deadline_at=DEADLINE + TICK)
        assert await judge(world.ctx, candidate)
        assert await world.file_states(candidate, "p2") == ["received"]
        assert (await world.row(candidate)).missing_count == 2

    async def test_it_is_judged_late_when_the_owner_says_so(self, world: World) -> None:
        candidate = await self.kept(world)
        assert await judge(world.ctx, candidate)
        assert await world.file_states(candidate, "p2") == ["late"]
        assert (await world.row(candidate)).missing_count == 3

    async def test_the_owners_next_fact_judges_it_too(self, world: World) -> None:
        candidate = await self.kept(world)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        assert await world.file_states(candidate, "p2") == ["received"]

    async def test_what_was_late_counts_once_the_deadline_is_moved_past_it(self, world: World) -> None:
        candidate = await self.kept(world)
        await judge(world.ctx, candidate)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        assert await world.file_states(candidate, "p2") == ["received"]
        assert (await world.row(candidate)).missing_count == 2

    async def test_the_same_file_late_twice_counts_once_the_deadline_is_moved_past_the_first(
        self, world: World
    ) -> None:
        candidate = await world.saved()
        world.registry.away = True
        for arrived_at in (DEADLINE, DEADLINE + 2 * DAY):
            attempt = await begin(world.ctx, candidate, "p2", arrived_at)
            await store(world.ctx, attempt, received(candidate, "the same"))
            world.registry.away = False
            await judge(world.ctx, candidate)
            world.registry.away = True
        world.registry.away = False
        assert await world.file_states(candidate, "p2") == ["late", "late"]
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        assert await world.file_states(candidate, "p2") == ["received", "late"]

    async def test_nothing_is_asked_for_one_in_time(self, world: World) -> None:
        candidate = await world.saved()
        world.registry.away = True
        await world.put(candidate, "p2", DEADLINE - TICK)
        assert await world.file_states(candidate, "p2") == ["received"]


class TestWhatIsToBeJudgedMakesUpForNothingYet:
    """An upload in time is cut; the file is sent after the deadline while its owner is away (ours 7)."""

    async def cut(self, world: World, piece: str = "p2") -> UUID:
        candidate = await world.saved()
        await begin(world.ctx, candidate, piece, DEADLINE - TICK)
        world.registry.away = True
        return candidate

    async def sent_again(self, world: World, piece: str = "p2") -> UUID:
        candidate = await self.cut(world, piece)
        await world.put(candidate, piece, DEADLINE + TICK)
        world.registry.away = False
        return candidate

    async def settled(self, world: World, candidate: UUID) -> list[Verdict]:
        world.clock.instant = AFTER_DEADLINE
        await settle(world.ctx, candidate)
        return await world.verdicts(candidate)

    async def test_judged_late_it_leaves_the_candidate_held(self, world: World) -> None:
        candidate = await self.sent_again(world)
        assert await judge(world.ctx, candidate)
        assert await world.file_states(candidate, "p2") == ["late"]
        assert await self.settled(world, candidate) == [Verdict.HELD]

    async def test_judged_late_after_the_verdict_it_leaves_the_candidate_held(self, world: World) -> None:
        candidate = await self.sent_again(world)
        assert await self.settled(world, candidate) == [Verdict.HELD]
        await judge(world.ctx, candidate)
        assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.HELD]

    async def test_the_fault_written_after_the_late_file_holds_too(self, world: World) -> None:
        candidate = await world.saved()
        world.registry.away = True
        await world.put(candidate, "p2", DEADLINE + TICK)
        world.registry.away = False
        await write_fault(world.ctx, Fault(uuid4(), candidate, DEADLINE - TICK, piece="p2"))
        await judge(world.ctx, candidate)
        assert await self.settled(world, candidate) == [Verdict.HELD]

    async def test_a_file_judged_late_and_the_fault_written_then_holds_too(self, world: World) -> None:
        candidate = await world.saved()
        world.registry.away = True
        await world.put(candidate, "p2", DEADLINE + TICK)
        world.registry.away = False
        await judge(world.ctx, candidate)
        await write_fault(world.ctx, Fault(uuid4(), candidate, DEADLINE - TICK, piece="p2"))
        assert await self.settled(world, candidate) == [Verdict.HELD]

    async def test_its_own_attempt_has_ended(self, world: World) -> None:
        candidate = await self.sent_again(world)
        [fault] = (await world.row(candidate)).faults.values()
        assert fault["arrived_at"] == (DEADLINE - TICK).isoformat()

    @pytest.mark.parametrize("piece", ["p1", "p2"])
    async def test_judged_in_time_it_makes_up_for_what_failed_before_on_its_piece(
        self, world: World, piece: str
    ) -> None:
        candidate = await self.sent_again(world, piece)
        await begin(world.ctx, candidate, "p3", DEADLINE - TICK)
        world.registry.change(candidate, deadline_at=DEADLINE + 2 * TICK)
        await judge(world.ctx, candidate)
        left = (await world.row(candidate)).faults.values()
        assert [fault["piece"] for fault in left] == ["p3"]

    async def test_judged_in_time_it_makes_up_for_nothing_that_failed_after_it(self, world: World) -> None:
        candidate = await self.sent_again(world)
        world.registry.away = True
        await begin(world.ctx, candidate, "p2", DEADLINE + 2 * TICK)
        world.registry.change(candidate, deadline_at=DEADLINE + DAY)
        world.registry.away = False
        await judge(world.ctx, candidate)
        assert (await world.row(candidate)).fault_at == DEADLINE + 2 * TICK

    async def test_judged_in_time_it_lets_the_incomplete_be_cancelled(self, world: World) -> None:
        candidate = await self.sent_again(world)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + 2 * TICK)
        await world.warn(candidate, DEADLINE + 2 * TICK)
        assert await self.settled(world, candidate) == [Verdict.INCOMPLETE]

    async def test_a_fault_written_after_it_was_judged_in_time_is_made_up_for(self, world: World) -> None:
        candidate = await self.sent_again(world)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        await write_fault(world.ctx, Fault(uuid4(), candidate, DEADLINE - TICK, piece="p2"))
        assert (await world.row(candidate)).faults == {}

    async def test_what_was_late_makes_up_once_the_deadline_is_moved_past_it(self, world: World) -> None:
        candidate = await self.sent_again(world)
        await judge(world.ctx, candidate)
        assert (await world.row(candidate)).fault_at == DEADLINE - TICK
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        assert (await world.row(candidate)).faults == {}

    @pytest.mark.parametrize(("arrived_at", "made_up_for"), [(DEADLINE - TICK, True), (DEADLINE, False)])
    async def test_one_taken_back_came_through_only_if_it_was_in_time(
        self, world: World, arrived_at: datetime, made_up_for: bool
    ) -> None:
        candidate = await world.saved()
        world.registry.away = True
        stored = await world.put(candidate, "p2", arrived_at)
        world.registry.away = False
        await remove(world.ctx, candidate, stored.file["file_id"], DEADLINE - TICK)
        await write_fault(world.ctx, Fault(uuid4(), candidate, DEADLINE - 2 * TICK, piece="p2"))
        assert ((await world.row(candidate)).faults == {}) is made_up_for

    async def test_nor_does_a_confirmation_of_an_older_version(self, world: World) -> None:
        """A fault of the confirmation is written when another version was saved since its file arrived."""
        candidate = await world.saved()
        await world.put(candidate, "p1", IN_TIME)
        await world.tell(candidate, RegistrationSaved, version=2, saved_at=IN_TIME + TICK)
        await write_fault(world.ctx, Fault(uuid4(), candidate, IN_TIME, piece="p1"))
        assert len((await world.row(candidate)).faults) == 1

    async def test_nor_one_judged_in_time_by_the_fact_that_tells_of_another_version(
        self, world: World
    ) -> None:
        candidate = await self.sent_again(world, "p1")
        moved = {"version": 2, "saved_at": DEADLINE + 2 * TICK, "deadline_at": DEADLINE + DAY}
        await world.tell(candidate, RegistrationSaved, **moved)
        assert await world.file_states(candidate, "p1") == ["received"]
        assert len((await world.row(candidate)).faults) == 1

    async def test_a_put_back_that_failed_is_not_made_up_for_by_the_same_file_to_judge(
        self, world: World
    ) -> None:
        candidate = await world.saved()
        first = await store(
            world.ctx, await begin(world.ctx, candidate, "p2", IN_TIME), received(candidate, "same")
        )
        await remove(world.ctx, candidate, first.file["file_id"], IN_TIME)
        world.registry.away = True
        late = await begin(world.ctx, candidate, "p2", DEADLINE + TICK)
        await store(world.ctx, late, received(candidate, "same"))
        world.registry.away = False
        fault = Fault(uuid4(), candidate, DEADLINE - TICK, file_id=first.file["file_id"])
        await write_fault(world.ctx, fault)
        await judge(world.ctx, candidate)
        assert await self.settled(world, candidate) == [Verdict.HELD]


class TestTheSameContentInTimeAndToBeJudged:
    """One arrives in time, slowly; another after the deadline, while its owner is away, is stored first."""

    async def both(self, world: World, first: datetime, second: datetime) -> tuple[UUID, Stored]:
        candidate = await world.saved()
        world.registry.away = True
        slow = await begin(world.ctx, candidate, "p2", first)
        quick = await begin(world.ctx, candidate, "p2", second)
        await store(world.ctx, quick, received(candidate, "same"))
        answered = await store(world.ctx, slow, received(candidate, "same"))
        world.registry.away = False
        return candidate, answered

    async def test_is_in_time(self, world: World) -> None:
        candidate, answered = await self.both(world, DEADLINE - TICK, DEADLINE + TICK)
        assert (answered.created, answered.file["state"]) == (False, "received")
        assert answered.file["arrived_at"] == DEADLINE - TICK
        await judge(world.ctx, candidate)
        assert await world.file_states(candidate, "p2") == ["received"]
        row = await world.row(candidate)
        assert (row.missing_count, row.to_judge_count, row.faults) == (2, 0, {})

    async def test_is_in_time_after_the_verdict_too(self, world: World) -> None:
        candidate = await world.saved(pieces=("p2",))
        slow = await begin(world.ctx, candidate, "p2", DEADLINE - TICK)
        world.registry.away = True
        quick = await begin(world.ctx, candidate, "p2", DEADLINE + TICK)
        await store(world.ctx, quick, received(candidate, "same"))
        world.clock.instant = AFTER_DEADLINE
        await settle(world.ctx, candidate)
        await store(world.ctx, slow, received(candidate, "same"))
        assert await world.verdicts(candidate) == [Verdict.HELD, Verdict.COMPLETE]
        assert (await world.names(candidate))[-2:] == ["ChecklistCompleted", "ChecklistSettled"]

    async def test_makes_up_for_what_failed_before_the_one_in_time_alone(self, world: World) -> None:
        candidate = await world.saved()
        slow = await begin(world.ctx, candidate, "p2", DEADLINE - 2 * TICK)
        await begin(world.ctx, candidate, "p2", DEADLINE - TICK)
        world.registry.away = True
        quick = await begin(world.ctx, candidate, "p2", DEADLINE + TICK)
        await store(world.ctx, quick, received(candidate, "same"))
        await store(world.ctx, slow, received(candidate, "same"))
        assert (await world.row(candidate)).fault_at == DEADLINE - TICK

    async def test_is_judged_by_the_earlier_of_two_that_wait(self, world: World) -> None:
        candidate, answered = await self.both(world, DEADLINE + TICK, DEADLINE + DAY)
        assert (answered.file["state"], answered.file["arrived_at"]) == ("to_judge", DEADLINE + TICK)
        world.registry.change(candidate, deadline_at=DEADLINE + 2 * TICK)
        await judge(world.ctx, candidate)
        assert await world.file_states(candidate, "p2") == ["received"]

    async def test_is_not_judged_by_the_later_of_two_that_wait(self, world: World) -> None:
        candidate, answered = await self.both(world, DEADLINE + DAY, DEADLINE + TICK)
        assert answered.file["arrived_at"] == DEADLINE + TICK
        assert await world.file_states(candidate, "p2") == ["to_judge"]

    async def test_stays_in_time_when_the_late_one_comes_after_it(self, world: World) -> None:
        candidate, answered = await self.both(world, DEADLINE + TICK, DEADLINE - TICK)
        assert (answered.file["state"], answered.file["arrived_at"]) == ("received", DEADLINE - TICK)
        await judge(world.ctx, candidate)
        assert await world.file_states(candidate, "p2") == ["received"]

    async def removed_and_sent_again_late(self, world: World, arrived_at: datetime) -> tuple[UUID, UUID]:
        candidate = await world.saved()
        first = await begin(world.ctx, candidate, "p2", arrived_at)
        file_id = (await store(world.ctx, first, received(candidate, "same"))).file["file_id"]
        await remove(world.ctx, candidate, file_id, DEADLINE - 2 * TICK)
        world.registry.away = True
        again = await begin(world.ctx, candidate, "p2", DEADLINE + TICK)
        await store(world.ctx, again, received(candidate, "same"))
        world.registry.away = False
        return candidate, file_id

    async def test_put_back_is_in_time(self, world: World) -> None:
        candidate, file_id = await self.removed_and_sent_again_late(world, IN_TIME)
        await begin(world.ctx, candidate, "p2", DEADLINE - 2 * TICK)
        back = await put_back(world.ctx, candidate, file_id, DEADLINE - TICK)
        assert (back["state"], back["arrived_at"]) == ("received", IN_TIME)
        await judge(world.ctx, candidate)
        row = await world.row(candidate)
        assert (row.missing_count, row.to_judge_count, row.faults) == (2, 0, {})
        assert sorted(await world.file_states(candidate, "p2")) == ["received", "removed"]

    async def test_put_back_late_waits_and_makes_up_for_nothing(self, world: World) -> None:
        """What was removed had come after the deadline itself."""
        candidate = await world.saved()
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        first = await begin(world.ctx, candidate, "p2", DEADLINE + TICK)
        file_id = (await store(world.ctx, first, received(candidate, "same"))).file["file_id"]
        await remove(world.ctx, candidate, file_id, DEADLINE + TICK)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE)
        world.registry.away = True
        again = await begin(world.ctx, candidate, "p2", DEADLINE + 2 * TICK)
        await store(world.ctx, again, received(candidate, "same"))
        await begin(world.ctx, candidate, "p2", DEADLINE - 2 * TICK)
        back = await put_back(world.ctx, candidate, file_id, DEADLINE - TICK)
        assert (back["state"], back["arrived_at"]) == ("to_judge", DEADLINE + TICK)
        assert (await world.row(candidate)).fault_at == DEADLINE - 2 * TICK


async def test_an_upload_right_after_a_save_not_yet_heard_of_is_taken(world: World) -> None:
    candidate = uuid4()
    world.registry.change(candidate)
    await world.put(candidate, "p2")
    assert (await world.row(candidate)).missing_count == len(PIECES) - 1


async def test_a_withdrawal_undone_by_a_save_not_yet_heard_of_takes_uploads(world: World) -> None:
    candidate = await world.saved()
    await world.tell(candidate, CandidatureWithdrawn, stage=Stage.WITHDRAWN)
    world.registry.change(candidate, stage=Stage.REGISTERED, version=2)
    await world.put(candidate, "p2")
    assert (await world.row(candidate)).stage is Stage.REGISTERED


async def test_uploads_at_once_stay_within_the_files_a_piece_may_have(world: World) -> None:
    candidate = await world.saved()
    attempts = [await begin(world.ctx, candidate, "p2", IN_TIME) for _ in range(11)]
    for attempt in attempts[:10]:
        await store(world.ctx, attempt, received(candidate))
    with pytest.raises(TooMany):
        await store(world.ctx, attempts[10], received(candidate))


async def test_a_reinstated_candidature_is_settled_again(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    await settle(world.ctx, candidate)
    await world.tell(
        candidate, CandidatureReinstated, stage=Stage.AWAITING_DOCUMENTS, deadline_at=AFTER_DEADLINE + DAY
    )
    await world.complete(candidate, AFTER_DEADLINE)
    assert await world.verdicts(candidate) == [Verdict.INCOMPLETE, Verdict.COMPLETE]


async def test_a_removal_reopens_the_checklist_until_the_verdict_complete_is_out(world: World) -> None:
    candidate = await world.saved()
    await world.complete(candidate)
    stored = await world.put(candidate, "p2")
    await remove(world.ctx, candidate, stored.file["file_id"], IN_TIME)
    assert (await world.row(candidate)).state == "complete"
    only = (await world.put(candidate, "p3")).file["file_id"]
    world.clock.instant = CLOSES + GRACE
    await settle(world.ctx, candidate)
    with pytest.raises(Filed):
        await remove(world.ctx, candidate, only, CLOSES + DAY)


class TestOnceTheVerdictCompleteIsOut:
    """It is on its way and confirms by itself, whatever else comes meanwhile."""

    @pytest.fixture
    async def filed(self, world: World) -> UUID:
        """Complete, with two files of `p2`; settled, and no other verdict is given for a while."""
        session = await world.session()
        candidate = await world.saved(session_id=session)
        await world.complete(candidate)
        await world.put(candidate, "p2")
        world.clock.instant = CLOSES + GRACE
        assert await settle(world.ctx, candidate)
        await pause_settling(world.ctx, session, paused=True, reason="Panne", actor="o1")
        return candidate

    async def take_back(self, world: World, candidate: UUID) -> None:
        async with world.ctx.database.connection() as conn:
            found = [file async for file in sql.read_files(conn, candidate_id=candidate)]
        first = next(file for file in found if file["piece"] == "p2")
        await remove(world.ctx, candidate, first["file_id"], CLOSES + DAY)

    async def test_another_upload_lets_nothing_be_taken_back(self, world: World, filed: UUID) -> None:
        await world.put(filed, "p2", CLOSES + DAY)
        row = await world.row(filed)
        assert row.settled_rev != row.evidence_rev
        with pytest.raises(Filed):
            await self.take_back(world, filed)

    async def test_nor_does_a_dead_letter(self, world: World, filed: UUID) -> None:
        async with world.ctx.database.transaction() as conn:
            await rows.count_dead_letters(conn, filed, 1)
        with pytest.raises(Filed):
            await self.take_back(world, filed)

    async def test_another_version_does(self, world: World, filed: UUID) -> None:
        await world.tell(filed, RegistrationSaved, version=2, saved_at=CLOSES - TICK)
        await self.take_back(world, filed)

    async def test_another_deadline_does(self, world: World, filed: UUID) -> None:
        await world.tell(filed, DeadlineMoved, deadline_at=DEADLINE + DAY)
        await self.take_back(world, filed)

    async def test_one_of_a_batch_counts_too(self, world: World) -> None:
        session = await world.session()
        candidate = await world.saved(session_id=session)
        await world.complete(candidate)
        world.clock.instant = CLOSES + GRACE
        assert (await settle_batch(world.ctx, session, 10)).decided == 1
        await pause_settling(world.ctx, session, paused=True, reason="Panne", actor="o1")
        await world.put(candidate, "p2", CLOSES + DAY)
        with pytest.raises(Filed):
            await self.take_back(world, candidate)


class TestReminders:
    J7 = DEADLINE - 7 * DAY - DAY + DAY * 10 / 24  # 10 h in Paris, seven days before the 7th

    async def given(self, world: World, candidate: UUID) -> list[str]:
        return [fact.kind for fact in await world.facts(candidate) if isinstance(fact, ReminderDue)]

    async def test_the_latest_due_one_is_given_once(self, world: World) -> None:
        candidate = await world.saved()
        world.clock.instant = self.J7
        assert await remind(world.ctx, candidate)
        assert not await remind(world.ctx, candidate)
        assert await self.given(world, candidate) == ["J-7"]

    async def test_none_before_its_hour(self, world: World) -> None:
        candidate = await world.saved()
        world.clock.instant = self.J7 - 7 * DAY - TICK
        assert not await remind(world.ctx, candidate)

    async def test_none_for_the_complete(self, world: World) -> None:
        candidate = await world.saved()
        await world.complete(candidate)
        world.clock.instant = self.J7
        assert not await remind(world.ctx, candidate)

    @pytest.mark.parametrize(
        "stage", [Stage.HELD, Stage.WITHDRAWN, Stage.CANCELLED, Stage.CONFIRMED, Stage.ACTIVATED]
    )
    async def test_none_where_no_document_is_awaited(self, world: World, stage: Stage) -> None:
        candidate = await world.saved()
        await world.tell(candidate, CandidatureConfirmed, stage=stage)
        world.clock.instant = self.J7
        assert not await remind(world.ctx, candidate)

    async def test_none_for_nobody(self, world: World) -> None:
        assert not await remind(world.ctx, uuid4())


class TestASession:
    async def test_a_batch_settles_who_is_due_and_says_who_is_left(self, world: World) -> None:
        session = await world.session()
        candidates = [await world.saved(session_id=session) for _ in range(5)]
        world.clock.instant = AFTER_DEADLINE
        first = await settle_batch(world.ctx, session, 3)
        second = await settle_batch(world.ctx, session, 3)
        assert (first.decided, first.remaining, second.decided, second.remaining) == (3, 2, 2, 0)
        for candidate in candidates:
            assert await world.verdicts(candidate) == [Verdict.INCOMPLETE]

    async def test_rows_that_somebody_holds_are_left_and_counted(self, world: World) -> None:
        session = await world.session()
        candidates = [await world.saved(session_id=session) for _ in range(3)]
        world.clock.instant = AFTER_DEADLINE
        async with world.ctx.database.transaction() as conn:
            await conn.execute("SELECT FROM candidate WHERE candidate_id = $1 FOR UPDATE", candidates[1])
            result = await settle_batch(world.ctx, session, 10)
        assert (result.decided, result.remaining) == (2, 1)
        assert (await settle_batch(world.ctx, session, 10)).remaining == 0

    async def test_the_complete_alone_are_settled_at_the_close(self, world: World) -> None:
        session = await world.session()
        complete = await world.saved(session_id=session)
        await world.complete(complete)
        incomplete = await world.saved(session_id=session)
        world.clock.instant = CLOSES + GRACE
        assert (await settle_batch(world.ctx, session, 10)).decided == 1
        assert await world.verdicts(complete) == [Verdict.COMPLETE]
        assert await world.verdicts(incomplete) == []

    async def test_the_clock_is_told_to_settle_while_anybody_is_due(self, world: World) -> None:
        session = await world.session()
        await world.saved(session_id=session)
        world.clock.instant = AFTER_DEADLINE
        step = await world.activities.session_next_step(SessionQuestion(session_id=session))
        assert (step.action, step.wait_seconds) == ("settle", 0)
        await world.activities.session_batch(SessionBatch(session_id=session, action="settle", limit=10))
        step = await world.activities.session_next_step(SessionQuestion(session_id=session))
        assert step.action is None


class TestALife:
    async def test_nobody_is_known_yet(self, world: World) -> None:
        step = await world.activities.next_step(CandidateQuestion(candidate_id=uuid4()))
        assert (step.ended, step.gone, step.wait_seconds) == (False, False, 30)

    async def test_the_erased_are_gone(self, world: World) -> None:
        candidate = await world.saved()
        await world.erase(candidate)
        assert (await world.activities.next_step(CandidateQuestion(candidate_id=candidate))).gone

    async def test_an_act_that_no_longer_applies_is_an_ordinary_answer(self, world: World) -> None:
        candidate = await world.saved()
        for action in ("settle", "remind", "unknown"):
            result = await world.activities.act(CandidateAct(candidate_id=candidate, action=action))
            assert not result.applied

    async def test_the_act_decides(self, world: World) -> None:
        candidate = await world.saved()
        world.clock.instant = AFTER_DEADLINE
        assert (await world.activities.act(CandidateAct(candidate_id=candidate, action="settle"))).applied


async def test_no_fact_names_a_piece_or_says_more_than_ids_and_states(world: World) -> None:
    candidate = await world.saved()
    await world.complete(candidate)
    await world.tell(candidate, RegistrationSaved, version=2)
    for fact in await world.facts(candidate):
        assert "p1" not in fact.model_dump_json()
        assert "Titre" not in fact.model_dump_json()
