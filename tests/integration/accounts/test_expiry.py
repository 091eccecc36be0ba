import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account
from services.accounts.commands.expire import expire
from services.accounts.domain.errors import LinkExpired, NotThePassword
from services.accounts.hashing import Passwords
from services.accounts.queries import next_step_of, undelivered
from services.accounts.upkeep import purge
from services.contracts.events import AccountCreated, AccountDeleted, MailBounced
from services.contracts.life import NextStep
from services.contracts.stages import AccountState
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World, mail_sent
from tests.unit.accounts.calendars import MILLISECOND

EMAIL = "camille@exemple.fr"
NEW_PASSWORD = "boussole verte et bois"
EXPIRES_AT = NOW + timedelta(hours=48)
DUE_AT = EXPIRES_AT + timedelta(minutes=10)
RACES = 300
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""So that a click takes about as long as a deletion."""


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
    await activate(world.accounts, world.token(account), PASSWORD, NOW)
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


async def test_whoever_starts_again_before_the_deletion_swept_gets_a_new_account(
    world: World, account: UUID
) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT + timedelta(seconds=1)
    await create_account(world.accounts, EMAIL, PASSWORD, world.clock.instant)
    again = await world.only_account()
    assert again != account
    assert (await world.facts())[2:] == [
        AccountDeleted(candidate_id=account, revision=3, state=AccountState.DELETED, reason="not_activated"),
        AccountCreated(
            candidate_id=again,
            revision=1,
            state=AccountState.AWAITING_ACTIVATION,
            session_id="2021",
            issue=1,
        ),
    ]
    assert await world.value("SELECT candidate_id FROM tombstone") == account
    assert await world.value("SELECT email FROM farewell") == EMAIL
    assert not await expire(world.accounts, account)
    assert not await expire(world.accounts, again)
    await activate(world.accounts, world.token(again), PASSWORD, world.clock.instant)


async def test_whoever_starts_again_within_the_grace_gets_a_new_account_when_it_is_over(
    world: World, account: UUID
) -> None:
    """Not before: an activation that arrived in time may still be written."""
    await world.mail_left(account, NOW)
    world.clock.instant = EXPIRES_AT + timedelta(minutes=1)
    await create_account(world.accounts, EMAIL, NEW_PASSWORD, EXPIRES_AT)
    assert await world.only_account() == account
    assert await world.names_of_facts() == ["AccountCreated", "ActivationPeriodStarted"]
    world.clock.instant = DUE_AT
    assert await expire(world.accounts, account)
    again = await world.only_account()
    assert again != account
    assert (await world.names_of_facts())[2:] == ["AccountDeleted", "AccountCreated"]
    with pytest.raises(NotThePassword):
        await activate(world.accounts, world.token(again), PASSWORD, DUE_AT)
    await activate(world.accounts, world.token(again), NEW_PASSWORD, DUE_AT)


async def test_every_password_asked_with_outlives_the_account_that_was_over(
    world: World, account: UUID
) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = EXPIRES_AT
    await create_account(world.accounts, EMAIL, PASSWORD, EXPIRES_AT)
    world.clock.instant = DUE_AT
    await create_account(world.accounts, EMAIL, NEW_PASSWORD, DUE_AT)
    again = await world.only_account()
    assert await world.value("SELECT count(*) FROM activation_password") == 2
    await activate(world.accounts, world.token(again), PASSWORD, DUE_AT)


async def test_an_activation_in_time_wins_over_a_new_start_and_its_owner_is_told(
    world: World, account: UUID
) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = EXPIRES_AT + timedelta(minutes=1)
    await create_account(world.accounts, EMAIL, NEW_PASSWORD, EXPIRES_AT)
    await activate(world.accounts, world.token(account), PASSWORD, EXPIRES_AT - MILLISECOND)
    facts = (await world.facts())[2:]
    assert [type(fact).__name__ for fact in facts] == ["AccountActivated", "AccountCreationRepeated"]
    assert [fact.revision for fact in facts] == [4, 5]
    assert await world.only_account() == account


async def test_starting_again_against_the_deletion_loses_no_request(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT
    await asyncio.gather(
        *(create_account(world.accounts, EMAIL, f"{NEW_PASSWORD} {n}", DUE_AT) for n in range(3)),
        *(expire(world.accounts, account) for _ in range(3)),
    )
    assert await world.only_account() != account
    names = await world.names_of_facts()
    assert (names.count("AccountDeleted"), names.count("AccountCreated")) == (1, 2)
    hashes = await world.value("SELECT array_agg(password_hash) FROM activation_password")
    for n in range(3):
        assert await world.accounts.passwords.first_match(hashes, f"{NEW_PASSWORD} {n}")


async def test_a_click_while_the_account_goes_is_too_late_not_a_wrong_password(
    world: World, account: UUID
) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = DUE_AT

    class Slow(Passwords):
        async def first_match(self, password_hashes: Sequence[str], password: str) -> str | None:
            await expire(world.accounts, account)
            return await super().first_match([], password)

    passwords = Slow(threads=1)
    with pytest.raises(LinkExpired):
        await activate(
            replace(world.accounts, passwords=passwords),
            world.token(account),
            PASSWORD,
            EXPIRES_AT - MILLISECOND,
        )
    passwords.close()


@pytest.mark.timeout(240)
async def test_activation_against_expiry_has_one_winner(world: World) -> None:
    """Hundreds of clicks in time that commit while the deletion is decided: one fact each, never two."""
    hashed = CHEAP.hash(PASSWORD)
    async with world.accounts.database.transaction() as conn:
        rows = await conn.fetch(
            """
            WITH made AS (
                INSERT INTO account (email, email_key, session_id, state, created_at,
                                     activation_mail_accepted_at, activation_expires_at, expiry_due_at)
                SELECT n || '@exemple.fr', n || '@exemple.fr', '2021', 'awaiting_activation', $1, $1, $2, $3
                FROM generate_series(1, $5::int) AS n RETURNING id
            ), kept AS (
                INSERT INTO activation_password (account_id, network, password_hash, asked_at)
                SELECT id, '', $4, $1 FROM made
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
            await activate(world.accounts, world.token(candidate_id), PASSWORD, in_time)
        except LinkExpired:
            return False
        return True

    async def sweep(candidate_id: UUID, wait: float) -> bool:
        await asyncio.sleep(wait)
        return await expire(world.accounts, candidate_id)

    async def race(number: int, candidate_id: UUID) -> tuple[bool, bool]:
        clicked, expired = await asyncio.gather(
            click(candidate_id, (number % 7) * 0.0003), sweep(candidate_id, (number % 11) * 0.0015)
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
