"""What the consumers make of events, in every order and twice."""

import asyncio
import itertools
from datetime import timedelta
from uuid import uuid4

import pytest

from services.chassis.dlq import DeadLetter, Record
from services.chassis.quarantine import open_dead_letter
from services.contracts.envelope import InvalidEvent
from services.contracts.events import DeadlineMoved
from services.contracts.stages import Stage, Verdict
from services.registration.commands.rows import count_dead_letters
from services.registration.commands.sessions import install, session_key
from services.registration.commands.window import close_window_of
from services.registration.domain.errors import Unknown
from tests.integration.registration.world import (
    AFTER_CLOSE,
    AFTER_DEADLINE,
    CALENDAR,
    World,
    activated,
    created,
    deleted,
    rejected,
    reopened,
    settled,
)
from tests.unit.registration.rows import CLOSES, DEADLINE, GRACE, MS


async def test_an_account_is_known_then_activated_in_any_order_and_twice(world: World) -> None:
    for order in itertools.permutations([0, 1, 0, 1]):
        candidate = uuid4()
        events = [created(candidate), activated(candidate)]
        for which in order:
            await world.hear_account(events[which])
        assert await world.stage(candidate) is Stage.ACTIVATED
        assert await world.facts(candidate) == []


async def test_an_activation_heard_after_a_save_changes_nothing(world: World) -> None:
    candidate = await world.saved()
    await world.hear_account(created(candidate))
    await world.hear_account(activated(candidate))
    row = await world.row(candidate)
    assert (row.stage, row.version, row.accounts_revision) == (Stage.REGISTERED, 1, 2)


async def test_an_account_opened_on_the_last_evening_and_activated_late_is_not_registered(
    world: World,
) -> None:
    candidate = uuid4()
    await world.hear_account(created(candidate))
    world.clock.instant = CLOSES + timedelta(hours=47)
    assert not await close_window_of(world.ctx, candidate)
    await world.hear_account(activated(candidate))
    assert await world.stage(candidate) is Stage.NOT_REGISTERED
    assert await world.names(candidate) == ["CandidatureNotRegistered"]


async def test_a_deleted_account_leaves_an_id_and_nothing_comes_back(world: World) -> None:
    candidate = await world.saved()
    await world.hear_account(deleted(candidate))
    for event in (deleted(candidate), created(candidate), activated(candidate)):
        await world.hear_account(event)
    await world.hear_documents(settled(candidate, Verdict.COMPLETE))
    await world.hear_documents(rejected(candidate, DEADLINE + timedelta(days=5)))
    await world.hear_documents(reopened(candidate, 3))
    for table in ("candidature", "registration_version", "journal"):
        assert await world.value(f"SELECT count(*) FROM {table}") == 0
    assert await world.value("SELECT count(*) FROM tombstone") == 1


async def test_a_complete_file_is_confirmed_once(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_CLOSE
    assert await close_window_of(world.ctx, candidate)
    for _ in range(2):
        await world.hear_documents(settled(candidate, Verdict.COMPLETE))
    assert await world.stage(candidate) is Stage.CONFIRMED
    assert await world.names(candidate) == [
        "RegistrationSaved",
        "ConfirmationIssued",
        "CandidatureWindowClosed",
        "CandidatureConfirmed",
    ]
    assert [event.revision for event in await world.facts(candidate)] == [1, 2, 3, 4]
    assert await world.acts(candidate) == ["saved", "window_closed", "confirmed"]


async def test_a_verdict_that_came_before_the_windows_end_was_decided_is_applied_with_it(
    world: World,
) -> None:
    candidate = await world.saved()
    world.clock.instant = CLOSES + GRACE - MS
    await world.hear_documents(settled(candidate, Verdict.COMPLETE))
    assert await world.stage(candidate) is Stage.REGISTERED
    world.clock.instant = CLOSES + GRACE
    assert await close_window_of(world.ctx, candidate)
    assert await world.stage(candidate) is Stage.CONFIRMED


async def test_the_highest_evidence_decides_whatever_the_order(world: World) -> None:
    world.clock.instant = AFTER_DEADLINE
    for order in itertools.permutations([1, 2, 3]):
        world.clock.instant = CLOSES - MS
        candidate = await world.saved()
        world.clock.instant = AFTER_DEADLINE
        await close_window_of(world.ctx, candidate)
        verdicts = {1: Verdict.INCOMPLETE, 2: Verdict.HELD, 3: Verdict.COMPLETE}
        for evidence_rev in order:
            await world.hear_documents(settled(candidate, verdicts[evidence_rev], evidence_rev))
        assert await world.stage(candidate) is Stage.CONFIRMED, order


async def test_evidence_in_time_that_commits_later_reinstates_by_itself(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    await close_window_of(world.ctx, candidate)
    await world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 1))
    assert await world.stage(candidate) is Stage.CANCELLED
    await world.hear_documents(settled(candidate, Verdict.COMPLETE, 2))
    assert await world.stage(candidate) is Stage.CONFIRMED


async def test_an_open_dead_letter_turns_a_cancellation_into_a_hold(world: World) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    await close_window_of(world.ctx, candidate)
    async with world.ctx.database.transaction() as conn:
        await count_dead_letters(conn, candidate, 1)
    await world.hear_documents(settled(candidate, Verdict.INCOMPLETE))
    row = await world.row(candidate)
    assert (row.stage, row.hold_cause) == (Stage.HELD, "ours")


async def test_a_row_made_after_the_dead_letter_knows_of_it(world: World) -> None:
    candidate = uuid4()
    await world.value(
        "INSERT INTO quarantine (consumer, dead_letter_id, candidate_id, topic, partition, record_offset, "
        "error) VALUES ('registration.accounts', $1, $2, 'accounts.events', 0, 1, 'ValueError')",
        uuid4(),
        candidate,
    )
    await world.save(candidate)
    assert (await world.row(candidate)).open_dead_letters == 1


async def test_a_dead_letter_opened_while_the_row_is_made_is_counted_on_it(world: World) -> None:
    candidate = uuid4()
    record = Record("accounts.events", 0, 1, str(candidate).encode(), b"poison", ())
    letter = DeadLetter.of("registration.accounts", record, InvalidEvent("no value"))
    async with world.ctx.database.transaction() as conn:
        await open_dead_letter(conn, letter, count_dead_letters)
        saving = asyncio.create_task(world.save(candidate))
        await asyncio.sleep(0.3)
        assert not saving.done()
    await saving
    assert (await world.row(candidate)).open_dead_letters == 1


async def test_a_refusals_deadline_is_in_force_and_told_once(world: World) -> None:
    candidate = await world.saved()
    longer = DEADLINE + timedelta(days=5)
    for deadline_at in (longer, longer, DEADLINE + timedelta(days=2), None):
        await world.hear_documents(rejected(candidate, deadline_at))
    assert (await world.row(candidate)).deadline_at == longer
    moved = [event for event in await world.facts(candidate) if isinstance(event, DeadlineMoved)]
    assert [(event.deadline_at, event.scope) for event in moved] == [(longer, "candidate")]


async def test_a_verdict_under_the_old_deadline_is_ignored_after_a_refusal_gave_another(
    world: World,
) -> None:
    candidate = await world.saved()
    world.clock.instant = AFTER_DEADLINE
    await close_window_of(world.ctx, candidate)
    longer = DEADLINE + timedelta(days=5)
    await world.hear_documents(rejected(candidate, longer))
    await world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 3))
    assert await world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 4, deadline_at=longer))
    assert await world.stage(candidate) is Stage.CANCELLED


async def test_a_piece_that_is_missing_since_takes_the_complete_verdict_back(world: World) -> None:
    """One that was kept before the window's end is not applied then; the next one is."""
    candidate = await world.saved()
    await world.hear_documents(settled(candidate, Verdict.COMPLETE, 2))
    await world.hear_documents(reopened(candidate, 2))
    assert (await world.row(candidate)).verdict is Verdict.COMPLETE
    await world.hear_documents(reopened(candidate, 3))
    assert (await world.row(candidate)).verdict is None
    world.clock.instant = AFTER_CLOSE
    await close_window_of(world.ctx, candidate)
    assert await world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await world.hear_documents(settled(candidate, Verdict.COMPLETE, 4))
    await world.hear_documents(reopened(candidate, 5))
    assert await world.stage(candidate) is Stage.CONFIRMED


async def test_a_verdict_about_nobody_is_refused(world: World) -> None:
    with pytest.raises(Unknown):
        await world.hear_documents(settled(uuid4(), Verdict.COMPLETE))


async def test_the_session_is_installed_once_and_told(world: World) -> None:
    changed = CALENDAR.model_copy(update={"deadline_at": DEADLINE + timedelta(days=1)})
    assert not await install(world.ctx, changed)
    assert await world.names(session_key("2021")) == ["SessionScheduled"]
    assert await world.value("SELECT deadline_at FROM exam_session") == DEADLINE
