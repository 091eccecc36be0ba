"""A stack of this folder's own, since what is sent here fills it with rubbish; and who sends it.

house       everything runs, behind the gateway; a session without near limits is open
tokens      bearers: "candidate" (with a saved form and a file) and "officer" (head of office)
places      values for path parameters that lead somewhere
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.cli.officer_login import local_token
from deploy.demo.visitor import Visitor
from tests.e2e.house import NO_DEADLINE_COMES, House, running_house
from tests.e2e.house import OPEN_SESSION as SESSION
from tests.e2e.people import PASSWORD, Person

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _HERE and isinstance(item, pytest.Function) and "house" in item.fixturenames:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.timeout(60, func_only=True))


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    async with running_house(NO_DEADLINE_COMES) as found:
        yield found


@dataclass(frozen=True)
class People:
    candidate: Person
    tokens: dict[str, str]
    places: dict[str, str]


async def log_in(house: House, email: str) -> str:
    """The bearer of a new session."""
    async with house.browser() as client:
        answer = await client.post("/api/accounts/sessions", json={"email": email, "password": PASSWORD})
        token: str = answer.json()["token"]
        return token


@pytest.fixture(scope="package")
async def people(house: House) -> AsyncIterator[People]:
    async with house.browser() as client:
        person = Person(Visitor(client, house.addresses.mailbox, "olga@courriel.example"), client, "Olga")
        await person.register()
        piece, *_ = await person.pieces()
        await person.upload([piece])
        (file_id,) = [
            row["file_id"]
            for row in await house.rows(
                "documents", "SELECT file_id FROM file WHERE candidate_id = $1", person.id
            )
        ]
        officer = await asyncio.to_thread(local_token, house.addresses)
        yield People(
            candidate=person,
            tokens={"candidate": await log_in(house, person.email), "officer": officer},
            places={
                "candidate_id": str(person.id),
                "session_id": SESSION,
                "piece": piece,
                "file_id": str(file_id),
                "message_id": (await person.visitor.messages())[0]["id"],
                "number": "1",
            },
        )
