"""The stack and the browser for the folder, started once.

house       everything runs, behind the gateway; a session without near limits is open
visitor     `await visitor()`: a new window without cookies; `await visitor(javascript=False)`
newcomer    `await newcomer("Prénom")`: somebody with an address, for what is easier done by the API
signed_in   `await signed_in(visitor, person)`: the window gets the session of a person who entered
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from playwright.async_api import Browser, async_playwright

from deploy.demo.visitor import Visitor as Client
from tests.browser.sight import DESKTOP, Visitor
from tests.e2e.house import House, running_house
from tests.e2e.people import Person

_HERE = Path(__file__).parent
Newcomer = Callable[[str], Awaitable[Person]]
SignedIn = Callable[[Visitor, Person], Awaitable[None]]


class NewVisitor(Protocol):
    async def __call__(self, *, javascript: bool = True) -> Visitor: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _HERE:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.timeout(240, func_only=True))


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    async with running_house() as found:
        yield found


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's; the browser builds that Playwright would download are not used."""
    program = shutil.which("chromium")
    assert program is not None, "Chromium is missing: `apt-get install chromium`"
    # Chromium refuses its own sandbox to root; the pages are ours.
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
async def visitor(chromium: Browser, house: House) -> AsyncIterator[NewVisitor]:
    async with AsyncExitStack() as exits:

        async def make(*, javascript: bool = True) -> Visitor:
            context = await chromium.new_context(
                java_script_enabled=javascript,
                locale="fr-FR",
                viewport={"width": DESKTOP, "height": 800},
                reduced_motion="reduce",
            )
            exits.push_async_callback(context.close)
            return await Visitor.at(context, house.addresses.gateway, javascript=javascript)

        yield make


@pytest.fixture(scope="package")
async def _clients() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as exits:
        yield exits


@pytest.fixture(scope="package")
def newcomer(house: House, _clients: AsyncExitStack) -> Newcomer:
    numbers = count(1)

    async def make(forename: str) -> Person:
        client = await _clients.enter_async_context(house.browser())
        # Of the whole package: a forename may come twice, an address only once.
        email = f"{forename.lower()}.{next(numbers)}@courriel.example"
        return Person(Client(client, house.addresses.mailbox, email), client, forename)

    return make


@pytest.fixture
def signed_in() -> SignedIn:
    async def enter(window: Visitor, person: Person) -> None:
        if "session" not in person.browser.cookies:
            await person.enter()
        session = person.browser.cookies["session"]
        await window.context.add_cookies([{"name": "session", "value": session, "url": window.origin}])

    return enter
