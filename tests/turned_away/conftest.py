"""A house of this folder's own, whose gateway waits for a second only: processes of it are killed.

session     its window is open, its deadline near; `await newcomer("Prénom")` makes somebody in it
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from deploy.demo.calendar import DemoCalendar
from deploy.demo.visitor import Visitor
from deploy.local import StackSettings
from tests.e2e.house import House, running_house
from tests.e2e.people import Person

Newcomer = Callable[[str], Person]
_HERE = Path(__file__).parent
PATIENCE_SECONDS = 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _HERE:
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    settings = StackSettings(gateway_patience_seconds=PATIENCE_SECONDS, database_fsync=False)
    async with running_house(settings=settings) as found:
        yield found


@pytest.fixture(scope="package")
async def session(house: House) -> DemoCalendar:
    return await house.open_session("renvoyes", window=60, documents=60)


@pytest.fixture(scope="package")
async def newcomer(house: House) -> AsyncIterator[Newcomer]:
    async with AsyncExitStack() as exits:
        browsers: list[httpx.AsyncClient] = []
        for _ in range(8):
            client = house.browser()
            browsers.append(await exits.enter_async_context(client))

        def make(forename: str) -> Person:
            browser = browsers.pop()
            email = f"{forename.lower()}@courriel.example"
            return Person(Visitor(browser, house.addresses.mailbox, email), browser, forename)

        yield make
