"""The whole stack for the folder, started once, with three kinds of people in it.

    house       everything runs, behind the gateway; a session without near limits is open
    newcomer    `await newcomer("Prénom")`: somebody who has done nothing yet, in that session
    lives       candidates of a short session, played up to the close of its window (`lives.calendar`)

The demo runs first and alone: it brings a stack of its own, and the lives here would grow old meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demo.calendar import DemoCalendar
from deploy.demo.visitor import Visitor
from tests.e2e.house import House, running_house, until
from tests.e2e.people import Person

Newcomer = Callable[[str], Awaitable[Person]]
_ORDER = ("test_demo", "test_bad_input", "test_identity", "test_arrows", "test_officers", "test_verdicts")
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demo first; then the open session, then the short one, whose limits pass while its tests run."""
    places = [place for place, item in enumerate(items) if item.path.parent == _HERE]
    mine = sorted((items[place] for place in places), key=_rank)
    for place, item in zip(places, mine, strict=True):
        items[place] = item
        item.add_marker(pytest.mark.stack)


def _rank(item: pytest.Item) -> int:
    name = item.path.stem
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    async with running_house() as found:
        yield found


@pytest.fixture(scope="package")
async def browsers() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as exits:
        yield exits


async def _person(house: House, browsers: AsyncExitStack, forename: str) -> Person:
    browser = await browsers.enter_async_context(house.browser())
    email = f"{forename.lower()}@courriel.example"
    return Person(Visitor(browser, house.addresses.mailbox, email), browser, forename)


@pytest.fixture(scope="package")
def newcomer(house: House, browsers: AsyncExitStack) -> Newcomer:
    async def make(forename: str) -> Person:
        # Of two open sessions an account belongs to the one that closes first.
        for session in house.sessions[1:]:
            await asyncio.sleep(max(0.0, (session.closes_at - datetime.now(UTC)).total_seconds()))
        return await _person(house, browsers, forename)

    return make


@pytest.fixture(scope="package")
async def anonymous(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is never logged in."""
    async with house.browser() as client:
        yield client


@dataclass(frozen=True)
class Lives:
    """Who is in the short session. All but one are registered before its window closes.

    traveller   complete; its 48 h had begun to run when it was activated
    held        complete, and held by an officer
    refused     complete; a piece of it will be refused
    undone      one piece missing; an officer has cancelled it, and will reinstate it
    late        one piece missing, and nobody does anything about it
    silent      nothing is saved
    """

    calendar: DemoCalendar
    traveller: Person
    held: Person
    refused: Person
    undone: Person
    undone_lacks: list[str]
    undone_told: dict[str, Any]
    """What the command said that cancelled it."""
    late: Person
    late_lacks: list[str]
    silent: Person

    async def closed(self) -> None:
        """Wait until the end of the window is due to be decided."""
        await self._pass(self.calendar.closes_at)

    async def deadline(self) -> None:
        """Wait until the session's first deadline is due to be decided."""
        await self._pass(self.calendar.deadline_at)

    async def _pass(self, limit: datetime) -> None:
        due = limit + timedelta(seconds=self.calendar.grace)
        await asyncio.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))


async def _travel(house: House, person: Person) -> None:
    link = await person.open_account()

    async def running() -> bool:
        query = "SELECT 1 FROM account WHERE id = $1 AND activation_expires_at IS NOT NULL"
        return bool(await house.rows("accounts", query, person.id))

    await until(running, "the mail server's answer starts the 48 h")
    await person.enter(link)
    await person.complete()


async def _hold(house: House, person: Person) -> None:
    await person.complete()
    held = await house.officer("hold", str(person.id), "--reason", "signature à vérifier")
    assert held.json()["stage"] == "held"


async def _cancel(house: House, person: Person) -> tuple[list[str], dict[str, Any]]:
    """Before its deadline, which on a slow machine comes before the tests do."""
    lacks = await person.complete(but=1)
    told = await house.officer("cancel", str(person.id), "--reason", "double inscription")
    return lacks, told.json()


@pytest.fixture(scope="package")
async def lives(house: House, browsers: AsyncExitStack) -> Lives:
    calendar = await house.open_session("courte", window=60, documents=15)
    names = ("Thelma", "Hugo", "Rosa", "Ulysse", "Lucie", "Simon")
    traveller, held, refused, undone, late, silent = [await _person(house, browsers, name) for name in names]
    *_, (undone_lacks, undone_told), late_lacks = await asyncio.gather(
        silent.enter(),
        _travel(house, traveller),
        _hold(house, held),
        refused.complete(),
        _cancel(house, undone),
        late.complete(but=1),
    )
    assert datetime.now(UTC) < calendar.closes_at, "the window closed before everybody was registered"
    return Lives(
        calendar, traveller, held, refused, undone, undone_lacks, undone_told, late, late_lacks, silent
    )
