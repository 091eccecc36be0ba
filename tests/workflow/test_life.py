"""The clock itself, on the real calendar of session 2021: it decides nothing, it is only on time."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from tests.workflow.calendar_2021 import ACTIVATION, CLOSES, DEADLINE, GRACE, OPENS
from tests.workflow.conftest import BeginLife
from tests.workflow.owners import Person, activated, invited, registered
from tests.workflow.timekeeping import REAL, eventually
from workflows.search_attributes import NEXT_DEADLINE_AT, PORTFOLIO, SESSION, STAGE

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
skips_time = pytest.mark.skipif(REAL, reason="a real server cannot skip time; make test runs it")


async def test_account_is_deleted_when_48_hours_and_the_grace_have_passed(begin_life: BeginLife) -> None:
    opened = OPENS + 9 * HOUR
    life = await begin_life(invited(opened), at=opened)
    await life.start()
    result = await life.ended()
    (deleted_at,) = life.owners.applied("expire")
    assert opened + ACTIVATION + GRACE <= deleted_at < opened + ACTIVATION + GRACE + life.time.slack
    assert result.stage == "deleted"


async def test_account_that_is_activated_in_its_48_hours_lives_on(begin_life: BeginLife) -> None:
    life = await begin_life(invited(OPENS), at=OPENS)
    await life.start()
    await life.sleep_until(OPENS + 40 * HOUR)
    life.person.account = life.person.stage = "activated"
    await life.poke()
    await life.sleep_until(OPENS + ACTIVATION + GRACE + DAY)
    assert life.person.account == "activated"
    assert await life.runs()


async def test_account_without_a_save_is_not_registered_when_the_window_closes(begin_life: BeginLife) -> None:
    life = await begin_life(activated(), at=OPENS)
    await life.start()
    result = await life.ended()
    (closed_at,) = life.owners.applied("close_window")
    assert CLOSES + GRACE <= closed_at < CLOSES + GRACE + life.time.slack
    assert result.stage == "not_registered"


async def test_complete_file_is_confirmed_when_the_window_closes(begin_life: BeginLife) -> None:
    life = await begin_life(registered(complete=True), at=CLOSES - DAY)
    await life.start()
    result = await life.ended()
    (settled_at,) = life.owners.applied("settle")
    assert CLOSES + GRACE <= settled_at < CLOSES + GRACE + life.time.slack
    assert result.stage == "confirmed"
    assert life.person.reminders == []


async def test_incomplete_file_is_reminded_then_cancelled_at_the_deadline(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=CLOSES - DAY)
    await life.start()
    result = await life.ended()
    (settled_at,) = life.owners.applied("settle")
    (reminded_at,) = life.owners.applied("remind")
    assert DEADLINE + GRACE <= settled_at < DEADLINE + GRACE + life.time.slack
    assert DEADLINE - 7 * DAY <= reminded_at < DEADLINE - 7 * DAY + life.time.slack
    assert result.stage == "cancelled"


async def test_file_completed_after_the_window_is_confirmed_at_the_poke(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=CLOSES - DAY)
    await life.start()
    await life.sleep_until(DEADLINE - HOUR)
    life.person.complete = True
    await life.poke()
    result = await life.ended()
    assert life.owners.applied("settle")[0] < DEADLINE - HOUR + life.time.slack
    assert result.stage == "confirmed"


async def test_held_candidature_waits_for_an_officer_and_is_settled_when_released(
    begin_life: BeginLife,
) -> None:
    life = await begin_life(registered(faulty=True), at=DEADLINE - DAY)
    await life.start()
    await life.sleep_until(DEADLINE + 30 * DAY)
    assert life.person.stage == "held"
    assert await life.runs()
    life.person.faulty = False
    life.person.stage = "awaiting_documents"
    await life.poke()
    result = await life.ended()
    assert result.stage == "cancelled"


async def test_withdrawn_candidature_ends_when_the_window_closes(begin_life: BeginLife) -> None:
    life = await begin_life(activated(stage="withdrawn"), at=CLOSES - DAY)
    await life.start()
    await life.sleep_until(CLOSES - HOUR)
    assert await life.runs()
    assert (await life.ended()).stage == "withdrawn"


async def test_deadline_moved_later_while_asleep_is_the_one_that_counts(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=CLOSES)
    await life.start()
    await life.sleep_until(DEADLINE - HOUR)
    life.person.deadline_at = DEADLINE + 10 * DAY
    await life.poke()
    await life.sleep_until(DEADLINE + 9 * DAY)
    assert life.owners.applied("settle") == []
    assert life.person.stage == "awaiting_documents"
    await life.ended()
    (settled_at,) = life.owners.applied("settle")
    late = DEADLINE + 10 * DAY + GRACE
    assert late <= settled_at < late + life.time.slack


async def test_deadline_moved_later_without_a_poke_cancels_nobody(begin_life: BeginLife) -> None:
    """The owner judges at the wake-up: a workflow that was told nothing does no harm."""
    life = await begin_life(registered(), at=DEADLINE - DAY)
    await life.start()
    await life.sleep_until(DEADLINE - HOUR)
    life.person.deadline_at = DEADLINE + 10 * DAY
    await life.sleep_until(DEADLINE + DAY)
    assert life.person.stage == "awaiting_documents"
    assert (await life.ended()).stage == "cancelled"
    assert life.owners.applied("settle")[0] >= DEADLINE + 10 * DAY + GRACE


async def test_duplicate_and_late_pokes_change_nothing(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=CLOSES)
    await life.start()
    for _ in range(3):
        await life.start()
    await life.poke()
    await life.sleep_until(DEADLINE - HOUR)
    for _ in range(5):
        await life.poke()
    result = await life.ended()
    assert len(life.owners.applied("settle")) == 1
    assert len(life.owners.applied("remind")) == 1
    assert result.stage == "cancelled"


@skips_time
async def test_burst_of_pokes_is_taken_together(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=CLOSES + DAY)
    await life.start()
    await life.sleep_until(CLOSES + 3 * DAY)
    before = life.owners.asked["documents"]
    for _ in range(40):
        await life.poke()
    await life.sleep_until(CLOSES + 3 * DAY + timedelta(seconds=4))
    assert 1 <= life.owners.asked["documents"] - before <= 5


@skips_time
async def test_poke_that_overtakes_an_owner_is_made_good_by_asking_again(begin_life: BeginLife) -> None:
    """The bridge and each owner's consumer read the same event at their own pace."""
    life = await begin_life(registered(), at=CLOSES + DAY)
    await life.start()
    life.owners.fall_behind("documents")
    await life.sleep_until(CLOSES + 2 * DAY)
    life.person.complete = True
    await life.poke()
    await life.sleep_until(CLOSES + 2 * DAY + timedelta(seconds=20))
    assert life.person.stage == "awaiting_documents"
    life.owners.catch_up("documents")
    await life.sleep_until(CLOSES + 2 * DAY + timedelta(minutes=2))
    await eventually(lambda: life.person.stage == "confirmed")


@skips_time
async def test_owner_that_has_not_heard_of_the_candidate_is_asked_less_and_less(
    begin_life: BeginLife,
) -> None:
    life = await begin_life(Person(), at=OPENS)
    await life.start()
    await life.sleep_until(OPENS + 7 * DAY)
    assert 10 <= life.owners.asked["documents"] <= 25
    assert await life.runs()


async def test_poke_during_the_last_question_is_not_lost(begin_life: BeginLife) -> None:
    """All owners say it is over, but something happened while they said so: they are asked again."""
    life = await begin_life(activated(stage="cancelled"), at=DEADLINE + DAY)
    questions = 0

    async def reinstate_meanwhile(owner: str) -> None:
        nonlocal questions
        if owner != "registration":
            return
        questions += 1
        if questions == 1:
            life.person.stage = "awaiting_documents"
            life.person.complete = True
            await life.poke()

    life.owners.before_answer = reinstate_meanwhile
    await life.start()
    assert (await life.ended()).stage == "confirmed"
    assert questions >= 2


async def test_late_fact_about_a_closed_life_starts_nothing(begin_life: BeginLife) -> None:
    life = await begin_life(activated(stage="cancelled"), at=DEADLINE + DAY)
    await life.start()
    await life.ended()
    run_id = await life.run_id()
    with pytest.raises(RPCError) as refused:
        await life.poke()
    assert refused.value.status is RPCStatusCode.NOT_FOUND
    assert await life.run_id() == run_id


async def test_late_fact_that_may_start_a_life_starts_one_that_ends_at_once(begin_life: BeginLife) -> None:
    life = await begin_life(activated(stage="cancelled"), at=DEADLINE + DAY)
    await life.start()
    await life.ended()
    first = await life.run_id()
    await life.start()
    await life.ended()
    description = await life.handle.describe()
    assert description.run_id != first
    assert description.status is WorkflowExecutionStatus.COMPLETED
    assert life.owners.acts == []


async def test_closed_life_of_a_reinstated_candidate_begins_again(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=DEADLINE - DAY)
    await life.start()
    assert (await life.ended()).stage == "cancelled"
    life.person.stage = "awaiting_documents"
    life.person.deadline_at = DEADLINE + 14 * DAY
    await life.start()
    assert (await life.ended()).stage == "cancelled"
    first, second = life.owners.applied("settle")
    assert first < DEADLINE + 14 * DAY
    assert second >= DEADLINE + 14 * DAY + GRACE


async def test_erased_candidate_ends_the_life_whatever_the_others_say(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=CLOSES)
    await life.start()
    await life.sleep_until(CLOSES + DAY)
    life.person.account = "deleted"
    await life.poke()
    assert (await life.ended()).stage == "deleted"
    assert life.owners.applied("settle") == []


async def test_owner_that_was_away_at_the_deadline_decides_when_it_is_back(begin_life: BeginLife) -> None:
    life = await begin_life(registered(), at=DEADLINE - DAY)
    await life.start()
    await life.sleep_until(DEADLINE - HOUR)
    life.owners.away.add("documents")
    await life.sleep_until(DEADLINE + 2 * HOUR)
    assert life.owners.applied("settle") == []
    life.owners.away.clear()
    assert (await life.ended()).stage == "cancelled"
    assert len(life.owners.applied("settle")) == 1


@skips_time
async def test_owner_that_refuses_an_act_for_good_is_asked_less_and_less_and_the_life_goes_on(
    begin_life: BeginLife,
) -> None:
    life = await begin_life(registered(), at=DEADLINE + GRACE)
    life.owners.refusing.add("documents")
    life.person.reminders.append(DEADLINE)
    await life.start()
    await life.sleep_until(DEADLINE + GRACE + HOUR)
    assert 3 <= life.owners.asked["documents"] <= 40
    life.owners.refusing.clear()
    assert (await life.ended()).stage == "cancelled"


async def test_operators_see_where_a_life_stands_and_what_it_waits_for(begin_life: BeginLife) -> None:
    life = await begin_life(registered(complete=True), at=CLOSES - DAY)
    await life.start()
    await eventually(lambda: life.owners.asked["documents"] >= 1)
    for _ in range(100):
        waiting = await life.waiting()
        if waiting.wakes_at is not None:
            break
        await asyncio.sleep(0.05)
    assert waiting.stage == "registered"
    seen = (await life.handle.describe()).typed_search_attributes
    assert (seen[SESSION], seen[STAGE], seen[PORTFOLIO]) == ("2021", "registered", "5")
    assert seen[NEXT_DEADLINE_AT] == CLOSES
    await life.ended()
    if not REAL:
        return  # the time-skipping server answers null for an attribute that was taken off
    seen = (await life.handle.describe()).typed_search_attributes
    assert seen[STAGE] == "confirmed"
    assert seen.get(NEXT_DEADLINE_AT) is None
