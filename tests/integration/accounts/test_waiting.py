"""Who waited for an account's row decides by what was committed meanwhile, in other tables too.

A statement that waits for a row's lock sees the row as it became, and all other tables as they were before.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.change_password import change_password
from services.accounts.commands.create import create_account
from services.accounts.commands.erase import erase
from services.accounts.commands.expire import expire
from services.accounts.domain.errors import WrongPassword
from services.accounts.domain.pending import Pending
from services.accounts.statements import SQL
from services.accounts.tokens import digest
from services.chassis.database import Connection
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World
from tests.unit.accounts.calendars import MILLISECOND

EMAIL = "camille@exemple.fr"
NEW_PASSWORD = "boussole verte et bois"
EXPIRES_AT = NOW + timedelta(hours=48)
DUE_AT = EXPIRES_AT + timedelta(minutes=10)


@pytest.fixture
async def account(world: World) -> UUID:
    """Its activation mail has left; nobody has clicked."""
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    await world.mail_left(account, NOW)
    return account


async def asked_again(conn: Connection, world: World) -> None:
    """A request for a new account, come when the 48 h were over, up to its commit."""
    again = Pending(b"", await world.accounts.passwords.hash(NEW_PASSWORD), EXPIRES_AT)
    await SQL.lock_address(conn, email_key=EMAIL, session_id="2021")
    await SQL.create(
        conn,
        email=EMAIL,
        email_key=EMAIL,
        session_id="2021",
        mail=True,
        arrived_at=EXPIRES_AT,
        **Pending.columns([again]),
    )


async def test_a_request_for_a_new_account_that_the_deletion_waited_for_is_answered(
    world: World, account: UUID
) -> None:
    world.clock.instant = DUE_AT
    async with world.accounts.database.transaction() as conn:
        await asked_again(conn, world)
        expiring = asyncio.create_task(expire(world.accounts, account))
        await world.somebody_waits()
    assert await expiring
    again = await world.only_account()
    assert again != account
    await activate(world.accounts, world.token(again), NEW_PASSWORD, DUE_AT)


async def test_who_asked_again_while_an_activation_waited_is_told(world: World, account: UUID) -> None:
    async with world.accounts.database.transaction() as conn:
        await asked_again(conn, world)
        click = activate(world.accounts, world.token(account), PASSWORD, EXPIRES_AT - MILLISECOND)
        activating = asyncio.create_task(click)
        await world.somebody_waits()
    await activating
    assert (await world.names_of_facts())[2:] == ["AccountActivated", "AccountCreationRepeated"]


async def opened(conn: Connection, account: UUID, token: str) -> None:
    """A login with the password in force, up to its commit."""
    await SQL.open_candidate_session(
        conn,
        token_sha256=digest(token),
        cookie_sha256=digest(f"{token} cookie"),
        id=account,
        password_hash=await SQL.password_of(conn, id=account),
        now=NOW,
        expires_at=DUE_AT,
        longer=False,
    )


async def test_a_login_with_the_old_password_that_its_change_waited_for_ends(
    world: World, account: UUID
) -> None:
    await activate(world.accounts, world.token(account), PASSWORD, NOW)
    async with world.accounts.database.transaction() as conn:
        await opened(conn, account, "kept")
    async with world.accounts.database.transaction() as conn:
        await opened(conn, account, "another")
        change = change_password(world.accounts, account, PASSWORD, NEW_PASSWORD, NOW, kept="kept")
        changing = asyncio.create_task(change)
        await world.somebody_waits()
    await changing
    assert await world.value(
        "SELECT array_agg(token_sha256) FROM login_session WHERE revoked_at IS NULL"
    ) == [digest("kept")]


async def test_a_link_for_a_new_password_that_a_change_waited_for_is_used_up(
    world: World, account: UUID
) -> None:
    await activate(world.accounts, world.token(account), PASSWORD, NOW)
    async with world.accounts.database.transaction() as conn:
        await SQL.request_reset(conn, id=account, expires_at=DUE_AT)
        change = change_password(world.accounts, account, PASSWORD, NEW_PASSWORD, NOW)
        changing = asyncio.create_task(change)
        await world.somebody_waits()
    await changing
    assert await world.value("SELECT used_at FROM password_reset") is not None


async def test_of_two_erasures_at_once_the_second_finds_the_account_gone(world: World, account: UUID) -> None:
    """Whoever got no answer to the first sends it again: the password was right."""
    await activate(world.accounts, world.token(account), PASSWORD, NOW)
    async with world.accounts.database.transaction() as conn:
        await SQL.lock_account(conn, id=account)
        erasing = [asyncio.create_task(erase(world.accounts, account, PASSWORD, NOW)) for _ in range(2)]
        await world.somebody_waits(2)
    ends = await asyncio.gather(*erasing, return_exceptions=True)
    assert sorted(type(one).__name__ for one in ends) == ["AccountGone", "NoneType"]
    assert (await world.names_of_facts()).count("AccountDeleted") == 1


async def test_a_password_changed_meanwhile_erases_nothing(world: World, account: UUID) -> None:
    await activate(world.accounts, world.token(account), PASSWORD, NOW)
    async with world.accounts.database.transaction() as conn:
        await SQL.lock_account(conn, id=account)
        erasing = asyncio.create_task(erase(world.accounts, account, PASSWORD, NOW))
        await world.somebody_waits()
        changed = await world.accounts.passwords.hash(NEW_PASSWORD)
        await SQL.set_password(conn, id=account, password_hash=changed)
    with pytest.raises(WrongPassword):
        await erasing
    assert await world.only_account() == account
