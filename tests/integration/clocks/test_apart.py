"""The clocks of our processes are five minutes off, some ahead, some behind: nobody notices.

True are those that decide: the gateway's, which stamps arrivals, and the databases', which the owners go by;
and Temporal's. That the clocks are wrong indeed is asserted first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from deploy.demo.calendar import DemoCalendar
from deploy.demo.visitor import Visitor
from deploy.local.processes import DEPLOYABLES
from tests.clocks import wrong_clock
from tests.e2e.house import House, running_house, until
from tests.e2e.people import Person

pytestmark = pytest.mark.stack

OFF = timedelta(minutes=5)
# Who asks and who is asked are on different sides: ten minutes apart.
AHEAD = frozenset(
    {
        "accounts-sessions",
        "accounts-worker",
        "documents-http",
        "notifications-worker",
        "registration-worker",
        "workflows-worker",
    }
)


@pytest.fixture(scope="module", params=[OFF, -OFF], ids=["some-ahead", "the-others-ahead"])
async def apart(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    offsets = {each.name: request.param * (1 if each.name in AHEAD else -1) for each in DEPLOYABLES}
    clocks = {name: wrong_clock(offset) for name, offset in offsets.items()}
    async with running_house(clocks) as house:
        for name, offset in offsets.items():
            assert await _seconds_off(house, name) == pytest.approx(offset.total_seconds(), abs=20), name
        yield house


async def _seconds_off(house: House, name: str) -> float:
    """How far ahead the process's clock is, by the `Date` of its answers."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(house.addresses.health[name].replace("/ready", "/live"))
    return (parsedate_to_datetime(answer.headers["date"]) - datetime.now(UTC)).total_seconds()


async def test_whole_lives_are_judged_by_the_gateway_and_the_database_alone(apart: House) -> None:
    async with AsyncExitStack() as browsers:
        calendar = await apart.open_session("courte", window=75, documents=12)
        complete, held, late = [await _person(apart, browsers, name) for name in ("Céleste", "Hervé", "Lou")]
        await asyncio.gather(complete.complete(), held.complete(), late.complete(but=1))
        assert datetime.now(UTC) < calendar.closes_at, "the window closed before everybody was registered"
        await _officer_acts(apart, complete, held)
        await _sleep_until(calendar.closes_at)
        await _decided(complete, "confirmed", calendar)
        await _decided(late, "cancelled", calendar)
        facts = await apart.outbox("registration", late.id)
        (cancelled,) = [fact for fact in facts if "Cancelled" in fact["type"]]
        assert calendar.deadline_at < cancelled["created_at"] < calendar.deadline_at + timedelta(seconds=60)
        told_at = datetime.fromisoformat(cancelled["headers"]["ce_time"])
        assert abs(told_at - cancelled["created_at"]) < timedelta(seconds=5)
        assert await held.stage() == "held"


async def _person(house: House, browsers: AsyncExitStack, forename: str) -> Person:
    browser = await browsers.enter_async_context(house.browser())
    email = f"{forename.lower()}@courriel.example".replace("é", "e")
    return Person(Visitor(browser, house.addresses.mailbox, email), browser, forename)


async def _officer_acts(house: House, complete: Person, held: Person) -> None:
    """Through OpenID Connect, the session check and two services."""
    piece = (await complete.pieces())[1]
    accepted = await house.officer("accept", str(complete.id), piece, "--reason", "conforme")
    assert accepted.code == 0, accepted.err
    done = await house.officer("hold", str(held.id), "--reason", "signature à vérifier")
    assert done.json()["stage"] == "held"


async def _sleep_until(instant: datetime) -> None:
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


async def _decided(person: Person, stage: str, calendar: DemoCalendar) -> None:
    async def reached() -> bool:
        return await person.stage() == stage

    left = (calendar.deadline_at - datetime.now(UTC)).total_seconds()
    await until(reached, f"{person.forename} is {stage}", max(left, 0) + 30)
