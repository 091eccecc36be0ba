"""A fault of ours uses up nobody's tries: who comes back is let in. A guess is counted all the same."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.change_password import change_password
from services.accounts.commands.create import create_account
from services.accounts.commands.erase import erase
from services.accounts.commands.login import log_in
from services.accounts.commands.reset import request_reset
from services.accounts.domain.errors import (
    NotThePassword,
    Overloaded,
    TooManyTries,
    WrongCredentials,
    WrongPassword,
)
from services.accounts.hashing import Passwords
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World

EMAIL = "camille@exemple.fr"
OTHER = "boussole verte et bois"
TRIES = 10
Act = Callable[[Accounts, UUID, str], Awaitable[Any]]


class Full(Passwords):
    """Everybody else is logging in as well: there is no place."""

    def __init__(self) -> None:
        super().__init__(threads=1, waiting=0)
        self._room.acquire()


def in_a_rush(world: World) -> Accounts:
    return replace(world.accounts, passwords=Full())


async def logs_in(accounts: Accounts, candidate: UUID, password: str) -> None:
    await log_in(accounts, EMAIL, password, NOW)


async def changes_password(accounts: Accounts, candidate: UUID, password: str) -> None:
    await change_password(accounts, candidate, password, OTHER, NOW)


async def erases(accounts: Accounts, candidate: UUID, password: str) -> None:
    await erase(accounts, candidate, password, NOW)


@pytest.fixture
async def waits(world: World) -> UUID:
    """An account that waits for its activation."""
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    return await world.only_account()


@pytest.fixture
async def account(world: World, waits: UUID) -> UUID:
    """The same, activated."""
    await activate(world.accounts, world.token(waits), PASSWORD, NOW)
    return waits


async def tries_counted(world: World) -> int:
    found: int = await world.value("SELECT coalesce(sum(tries), 0) FROM throttle")
    return found


@pytest.mark.parametrize("act", [logs_in, changes_password, erases])
async def test_ten_times_told_to_come_back_and_then_let_in(world: World, account: UUID, act: Act) -> None:
    before = await tries_counted(world)
    rush = in_a_rush(world)
    for _ in range(TRIES):
        with pytest.raises(Overloaded):
            await act(rush, account, PASSWORD)
    assert await tries_counted(world) == before
    await act(world.accounts, account, PASSWORD)


async def test_ten_times_told_to_come_back_and_then_activated(world: World, waits: UUID) -> None:
    rush = in_a_rush(world)
    for _ in range(TRIES):
        with pytest.raises(Overloaded):
            await activate(rush, world.token(waits), PASSWORD, NOW)
    await activate(world.accounts, world.token(waits), PASSWORD, NOW)


async def test_nobody_of_a_network_is_kept_out_by_accounts_that_we_could_not_open(world: World) -> None:
    rush = in_a_rush(world)
    for _ in range(world.accounts.settings.network_creations_per_hour):
        with pytest.raises(Overloaded):
            await create_account(rush, EMAIL, PASSWORD, NOW)
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    assert await world.only_account()


@pytest.mark.parametrize(("act", "refusal"), [(logs_in, WrongCredentials), (erases, WrongPassword)])
async def test_guesses_between_which_we_are_overloaded_are_counted_all_the_same(
    world: World, account: UUID, act: Act, refusal: type[Exception]
) -> None:
    rush = in_a_rush(world)
    for _ in range(TRIES):
        with pytest.raises(refusal):
            await act(world.accounts, account, OTHER)
        with pytest.raises((Overloaded, TooManyTries)):
            await act(rush, account, OTHER)
    with pytest.raises(TooManyTries):
        await act(world.accounts, account, PASSWORD)


@pytest.mark.parametrize("statement", ["accounts_of_address", "open_candidate_session", "forget_tries"])
async def test_a_database_that_fails_amid_logins_locks_nobody_out(
    world: World, account: UUID, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    before = await tries_counted(world)
    with monkeypatch.context() as broken:
        broken.setattr(SQL, statement, dies)
        for _ in range(TRIES):
            with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                await log_in(world.accounts, EMAIL, PASSWORD, NOW)
    assert await tries_counted(world) == before
    await log_in(world.accounts, EMAIL, PASSWORD, NOW)


async def test_a_database_that_fails_amid_activations_locks_nobody_out(
    world: World, waits: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(SQL, "activate", dies)
        for _ in range(TRIES):
            with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                await activate(world.accounts, world.token(waits), PASSWORD, NOW)
    await activate(world.accounts, world.token(waits), PASSWORD, NOW)


async def test_a_link_that_we_could_not_send_is_none_of_the_five_of_an_hour(
    world: World, account: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(SQL, "request_reset", dies)
        for _ in range(world.accounts.settings.mails_per_hour):
            with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                await request_reset(world.accounts, EMAIL, NOW)
    await request_reset(world.accounts, EMAIL, NOW)
    assert (await world.names_of_facts())[-1] == "PasswordResetRequested"


async def test_a_wrong_password_stays_counted_though_the_database_fails_afterwards(
    world: World, waits: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who has the link could guess for as long as the database is unwell."""

    class Fails(Passwords):
        async def first_match(self, *asked: Any) -> str | None:
            found = await super().first_match(*asked)
            monkeypatch.setattr(SQL, "standing", dies)
            return found

    failing = replace(world.accounts, passwords=Fails(threads=1))
    for _ in range(TRIES):
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await activate(failing, world.token(waits), OTHER, NOW)
        monkeypatch.undo()
    with pytest.raises(TooManyTries):
        await activate(world.accounts, world.token(waits), PASSWORD, NOW)


@pytest.mark.parametrize("act", [logs_in, erases])
async def test_who_leaves_once_the_guess_was_checked_has_used_a_try(
    world: World, account: UUID, act: Act
) -> None:
    checked = asyncio.Event()

    class Slow(Passwords):
        async def verify(self, password_hash: str | None, password: str) -> bool:
            await super().verify(password_hash, password)
            checked.set()
            await asyncio.sleep(60)
            raise AssertionError("nobody waits so long")

    slow = replace(world.accounts, passwords=Slow(threads=1))
    for _ in range(TRIES):
        checked.clear()
        guess = asyncio.ensure_future(act(slow, account, OTHER))
        await checked.wait()
        guess.cancel()
        with pytest.raises(asyncio.CancelledError):
            await guess
    with pytest.raises(TooManyTries):
        await act(world.accounts, account, PASSWORD)


async def test_a_wrong_password_for_an_activation_is_still_counted(world: World, waits: UUID) -> None:
    for _ in range(TRIES):
        with pytest.raises(NotThePassword):
            await activate(world.accounts, world.token(waits), OTHER, NOW)
    with pytest.raises(TooManyTries):
        await activate(world.accounts, world.token(waits), PASSWORD, NOW)


def dies(*_: object, **__: object) -> Any:
    raise asyncpg.ConnectionDoesNotExistError
