"""Neither the answer nor the work tells whether an address has an account."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account, request_activation_mail
from services.accounts.commands.login import log_in
from services.accounts.commands.reset import request_reset
from services.accounts.domain.errors import WrongCredentials
from services.accounts.hashing import Passwords
from services.accounts.service import Accounts
from services.chassis.database import Connection, Database
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, FixedClock, Served, World

ACTIVATED, AWAITING, UNKNOWN = "activee@exemple.fr", "attend@exemple.fr", "inconnue@exemple.fr"
LAPSED, DUE = "echue@exemple.fr", "a-supprimer@exemple.fr"
EVERYBODY = (ACTIVATED, AWAITING, LAPSED, DUE, UNKNOWN)


async def people(accounts: Accounts, world: World) -> None:
    await create_account(accounts, ACTIVATED, PASSWORD, NOW)
    await activate(accounts, world.token(await world.only_account()), PASSWORD, NOW)
    for email in (AWAITING, LAPSED, DUE):
        await create_account(accounts, email, PASSWORD, NOW)
    async with accounts.database.transaction() as conn:
        await conn.execute(
            "UPDATE account SET activation_expires_at = $1, expiry_due_at = $2 WHERE email_key = ANY($3)",
            NOW - timedelta(minutes=10),
            NOW + timedelta(minutes=1),
            [LAPSED, DUE],
        )
        await conn.execute("UPDATE account SET expiry_due_at = $1 WHERE email_key = $2", NOW, DUE)


class CountedPasswords(Passwords):
    def __init__(self) -> None:
        super().__init__(threads=1)
        self.computed = 0

    async def hash(self, password: str) -> str:
        self.computed += 1
        return await super().hash(password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        self.computed += 1
        return await super().verify(password_hash, password)


class OneConnection(Database):
    """A database whose every statement goes over one connection, and is counted."""

    def __init__(self, conn: Any) -> None:
        self.statements = 0
        self._conn = conn
        conn.add_query_logger(self._count)

    def _count(self, _: Any) -> None:
        self.statements += 1

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._conn.transaction():
            yield self._conn

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        yield self._conn


async def cost_of(world: World, act: "Act", email: str) -> tuple[int, int]:
    """Statements that reached the database, and passwords computed."""
    passwords = CountedPasswords()
    async with world.accounts.database.connection() as conn:
        database = OneConnection(conn)
        await act(replace(world.accounts, database=database, passwords=passwords), email)
    passwords.close()
    assert database.statements > 0
    return database.statements, passwords.computed


async def log_in_wrongly(accounts: Accounts, email: str) -> None:
    with pytest.raises(WrongCredentials):
        await log_in(accounts, email, "boussole verte et bois", NOW)


Act = Callable[[Accounts, str], Awaitable[None]]
ACTS: dict[str, Act] = {
    "create": lambda accounts, email: create_account(accounts, email, PASSWORD, NOW),
    "resend": lambda accounts, email: request_activation_mail(accounts, email, NOW),
    "reset": lambda accounts, email: request_reset(accounts, email, NOW),
    "log in": log_in_wrongly,
}


@pytest.mark.parametrize("act", ACTS)
async def test_known_and_unknown_addresses_cost_the_same_work(world: World, act: str) -> None:
    await people(world.accounts, world)
    cost = {email: await cost_of(world, ACTS[act], email) for email in EVERYBODY}
    assert len(set(cost.values())) == 1, cost
    assert cost[UNKNOWN][1] == (1 if act in ("create", "log in") else 0)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/api/accounts", {"password": PASSWORD}),
        ("/api/accounts/activation-mails", {}),
        ("/api/accounts/password-resets", {}),
        ("/api/accounts/sessions", {"password": "boussole verte et bois"}),
    ],
)
async def test_known_and_unknown_addresses_get_the_same_answer(
    site: Served, path: str, more: dict[str, str]
) -> None:
    world = World(site.accounts, FixedClock(NOW))
    for email in (ACTIVATED, AWAITING):
        await site.client.post("/api/accounts", json={"email": email, "password": PASSWORD})
    account = await world.value("SELECT id FROM account WHERE email_key = $1", ACTIVATED)
    proof = {"token": world.token(account), "password": PASSWORD}
    assert (await site.client.post("/api/accounts/activations", json=proof)).status_code == 200
    answers = [
        await site.client.post(path, json={"email": email} | more) for email in (ACTIVATED, AWAITING, UNKNOWN)
    ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert answers[0].status_code in (202, 401)
