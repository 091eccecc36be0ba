import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account
from services.accounts.commands.expire import expire
from services.accounts.domain.errors import LinkExpired
from services.accounts.queries import next_step_of, undelivered
from services.accounts.upkeep import purge
from services.contracts.events import AccountDeleted, MailBounced
from services.contracts.life import NextStep
from services.contracts.stages import AccountState
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World, mail_sent
from tests.unit.accounts.calendars import MILLISECOND

EMAIL = "camille@exemple.fr"
EXPIRES_AT = NOW + timedelta(hours=48)
DUE_AT = EXPIRES_AT + timedelta(minutes=10)
RACES = 300


@pytest.fixture
async def account(world: World) -> UUID:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    return await world.only_account()


async def ask(world: World, candidate_id: UUID) -> NextStep:
    async with world.accounts.database.connection() as conn:
        return await next_step_of(conn, candidate_id, world.clock.instant)


async def test_an_account_is_deleted_at_48_hours_and_the_grace_not_before(
    world: World, account: UUID
) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT - MILLISECOND
    assert not await expire(world.accounts, account)
    world.clock.instant = DUE_AT
    assert await expire(world.accounts, account)
    assert await world.value("SELECT count(*) FROM account") == 0
    assert (await world.facts())[-1] == AccountDeleted(
        candidate_id=account, revision=3, state=AccountState.DELETED, reason="not_activated"
    )
    assert not await expire(world.accounts, account)


async def test_an_activated_account_is_not_deleted(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    await activate(world.accounts, world.token(account), NOW)
    world.clock.instant = DUE_AT + timedelta(days=30)
    assert not await expire(world.accounts, account)


async def test_the_deleted_address_can_start_again_as_another_candidate(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT
    await expire(world.accounts, account)
    await create_account(world.accounts, EMAIL, PASSWORD, DUE_AT)
    assert await world.only_account() != account


async def test_a_life_is_told_when_to_ask_again_and_when_it_is_over(world: World, account: UUID) -> None:
    assert (await ask(world, account)).action is None
    await world.mail_left(account, NOW)
    answer = await ask(world, account)
    assert (answer.action, answer.due_at, answer.session_id) == ("expire", DUE_AT, "2021")
    world.clock.instant = DUE_AT
    await expire(world.accounts, account)
    assert (await ask(world, account)).gone
    unknown = await ask(world, uuid4())
    assert (unknown.ended, unknown.wait_seconds) == (False, 30)


async def test_an_account_that_no_mail_reached_is_listed_and_never_deleted(
    world: World, account: UUID
) -> None:
    week = NOW + timedelta(days=7)
    async with world.accounts.database.connection() as conn:
        assert await undelivered(conn, week - MILLISECOND) == []
        (found,) = await undelivered(conn, week)
    assert (found.candidate_id, found.email) == (account, EMAIL)
    world.clock.instant = NOW + timedelta(days=300)
    assert not await expire(world.accounts, account)
    await world.mail_left(account, week)
    async with world.accounts.database.connection() as conn:
        assert await undelivered(conn, week) == []


@pytest.mark.parametrize("outcome", ["sent", "bounced", "kept too long"])
async def test_the_address_is_kept_only_until_the_farewell_has_left(
    world: World, account: UUID, outcome: str
) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT
    await expire(world.accounts, account)
    await world.hear_of_mail(mail_sent(account, DUE_AT, kind="checklist_complete"))
    await purge(world.accounts)
    assert await world.value("SELECT email FROM farewell") == EMAIL
    if outcome == "sent":
        await world.hear_of_mail(mail_sent(account, DUE_AT, kind="account_deleted"))
    elif outcome == "bounced":
        cause = f"account_deleted:{account}:1"
        bounce = MailBounced(
            candidate_id=account,
            revision=2,
            mail_id=uuid4(),
            kind="account_deleted",
            cause=cause,
            state="failed",
            status=550,
        )
        await world.hear_of_mail(bounce)
    else:
        world.clock.instant = DUE_AT + timedelta(days=7)
        await purge(world.accounts)
    assert await world.value("SELECT count(*) FROM farewell") == 0
    assert await world.value("SELECT candidate_id FROM tombstone") == account


async def test_a_late_event_of_a_mail_changes_nothing_for_the_deleted(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT
    await expire(world.accounts, account)
    said = await world.facts()
    await world.mail_left(account, DUE_AT, revision=9)
    assert await world.facts() == said


@pytest.mark.timeout(240)
async def test_activation_against_expiry_has_one_winner(world: World) -> None:
    """Hundreds of clicks in time that commit while the deletion is decided: one fact each, never two."""
    hashed = await world.accounts.passwords.hash(PASSWORD)
    async with world.accounts.database.transaction() as conn:
        rows = await conn.fetch(
            """
            WITH made AS (
                INSERT INTO account (email, email_key, session_id, state, created_at,
                                     activation_mail_accepted_at, activation_expires_at, expiry_due_at)
                SELECT n || '@exemple.fr', n || '@exemple.fr', '2021', 'awaiting_activation', $1, $1, $2, $3
                FROM generate_series(1, $5::int) AS n RETURNING id
            ), kept AS (
                INSERT INTO activation_issue SELECT id, 1, $4 FROM made
            )
            SELECT id FROM made
            """,
            NOW,
            EXPIRES_AT,
            DUE_AT,
            hashed,
            RACES,
        )
    world.clock.instant = DUE_AT
    in_time = EXPIRES_AT - MILLISECOND

    async def click(candidate_id: UUID, wait: float) -> bool:
        await asyncio.sleep(wait)
        try:
            await activate(world.accounts, world.token(candidate_id), in_time)
        except LinkExpired:
            return False
        return True

    async def race(number: int, candidate_id: UUID) -> tuple[bool, bool]:
        clicked, expired = await asyncio.gather(
            click(candidate_id, (number % 7) * 0.0003), expire(world.accounts, candidate_id)
        )
        return clicked, expired

    winners: list[tuple[bool, bool]] = []
    ids = [row["id"] for row in rows]
    for start in range(0, RACES, 4):
        batch = ids[start : start + 4]
        winners += await asyncio.gather(*(race(start + n, one) for n, one in enumerate(batch)))
    assert all(clicked != expired for clicked, expired in winners)
    assert {True, False} == {clicked for clicked, _ in winners}, (
        "both must win sometimes, or this races nothing"
    )
    activated = {f.key for f in await world.facts() if type(f).__name__ == "AccountActivated"}
    deleted = {f.key for f in await world.facts() if type(f).__name__ == "AccountDeleted"}
    assert activated.isdisjoint(deleted)
    assert activated | deleted == set(ids)
    assert await world.value("SELECT count(*) FROM account") == len(activated)
