"""A whole house of this folder's own: its tests take things away from it that others count on.

house       everything runs; a session without near limits is open
newcomer    `await newcomer("Prénom")`: somebody who has done nothing yet
reconciled  `await reconciled()`: the report of the command, and how it ended
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.demo.visitor import Visitor
from tests.e2e.house import House, running_house
from tests.e2e.people import Person

Newcomer = Callable[[str], Awaitable[Person]]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _HERE:
            item.add_marker(pytest.mark.stack)


@dataclass(frozen=True)
class Outcome:
    """Of one reconciliation: what was found about whom."""

    code: int
    report: dict[str, Any]

    def of(self, key: UUID, what: str = "repaired") -> set[str]:
        return {one["kind"] for one in self.report[what] if one["key"] == str(key)}

    @property
    def nothing(self) -> bool:
        return (self.code, self.report["repaired"], self.report["left"]) == (0, [], [])


Reconciled = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    async with running_house() as found:
        yield found


@pytest.fixture(scope="package")
async def newcomer(house: House) -> AsyncIterator[Newcomer]:
    numbers = count()
    async with AsyncExitStack() as exits:

        async def make(forename: str) -> Person:
            browser = await exits.enter_async_context(house.browser())
            email = f"{forename.lower()}-{next(numbers)}@courriel.example"
            return Person(Visitor(browser, house.addresses.mailbox, email), browser, forename)

        yield make


@pytest.fixture(scope="package")
def reconciled(house: House) -> Reconciled:
    async def run(*words: str) -> Outcome:
        addresses = str(house.addresses.root / "addresses.json")
        command = await house.command(
            "reconcile", "--addresses", addresses, "--patience", "3", "--json", *words
        )
        assert command.code in (0, 1), command.err
        return Outcome(command.code, json.loads(command.out))

    return run
