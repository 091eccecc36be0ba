"""The sender of mails is killed before a reminder is due and away until the verdicts: that warned nobody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from deploy.demo.visitor import Visitor
from tests.e2e.house import House, running_house, until
from tests.e2e.people import Person

pytestmark = pytest.mark.stack
_SENDER = "notifications-worker"


@dataclass(frozen=True)
class Played:
    """Two are incomplete at the deadline, and a reminder of it was decided for both.

    reminded: the mail server took it before the sender died. unwarned: it was decided afterwards.
    complete: has nothing to be reminded of.
    """

    reminded: Person
    unwarned: Person
    complete: Person


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    async with running_house() as found:
        yield found


@pytest.fixture(scope="module")
async def played(house: House) -> AsyncIterator[Played]:
    """The first reminder comes before the window closes, so that who is complete then may still take back."""
    session = await house.open_session("prevenus", window=75, documents=30, reminders=(45, 8))
    async with AsyncExitStack() as exits:
        people = []
        for forename in ("Aline", "Bastien", "Chloe"):
            browser = await exits.enter_async_context(house.browser())
            email = f"{forename.lower()}@courriel.example"
            people.append(Person(Visitor(browser, house.addresses.mailbox, email), browser, forename))
        reminded, unwarned, complete = people
        await asyncio.gather(reminded.complete(but=1), unwarned.complete(), complete.complete())

        async def warned() -> bool:
            query = "SELECT deadline_at = ANY(warned_for) AS yes FROM candidate WHERE candidate_id = $1"
            return bool((await house.row("documents", query, reminded.id))["yes"])

        await until(warned, "documents knows that the reminder was taken", 60)
        await house.stack.kill(_SENDER)
        await _take_one_back(unwarned)
        assert datetime.now(UTC) < session.closes_at, "the window closed before all was played"
        await asyncio.sleep((session.decided_at - datetime.now(UTC)).total_seconds())
        yield Played(*people)


async def _take_one_back(person: Person) -> None:
    pieces = (await person.browser.get("/api/documents/me")).json()["pieces"]
    file_id = pieces[-1]["files"][0]["file_id"]
    answer = await person.browser.delete(f"/api/documents/me/files/{file_id}")
    assert answer.status_code == 204, answer.text


Outcome = Callable[[Person], Awaitable[str]]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    async def decided(person: Person) -> str:
        async def stage() -> str | None:
            found = await person.stage()
            return None if found in ("registered", "awaiting_documents") else found

        return await until(stage, f"{person.forename} has an outcome", 60)

    return decided


async def test_the_incomplete_whom_nobody_warned_is_held_and_the_officer_reads_why(
    house: House, played: Played, outcome: Outcome
) -> None:
    assert await outcome(played.unwarned) == "held"
    query = "SELECT * FROM candidate WHERE candidate_id = $1"
    row = await house.row("documents", query, played.unwarned.id)
    assert (row["reminded_for"], row["warned_for"]) == ([row["deadline_at"]], [])
    assert (row["unreachable"], row["service_fault_at"], row["fault_at"]) == (False, None, None)
    (doubt,) = (await house.officer("show", str(played.unwarned.id))).json()["documents"]["doubts"]
    assert (doubt["doubt"], doubt["label"]) == ("unreachable", "aucun rappel n’a pu être remis au candidat")


async def test_the_incomplete_who_was_warned_is_cancelled(played: Played, outcome: Outcome) -> None:
    assert await outcome(played.reminded) == "cancelled"


async def test_the_complete_is_confirmed(played: Played, outcome: Outcome) -> None:
    assert await outcome(played.complete) == "confirmed"


async def test_a_sender_that_comes_back_cancels_nobody(
    house: House, played: Played, outcome: Outcome
) -> None:
    assert await outcome(played.unwarned) == "held"
    await house.stack.restart(_SENDER)

    async def over() -> bool:
        query = "SELECT state FROM mail WHERE candidate_id = $1 AND kind = 'reminder'"
        found = {row["state"] for row in await house.rows("notifications", query, played.unwarned.id)}
        return bool(found) and found <= {"moot", "failed"}

    await until(over, "the reminder that came too late is given up", 60)

    async def told() -> bool:
        mails = await played.unwarned.visitor.messages()
        return any(mail["kind"] == "held" and mail["state"] == "sent" for mail in mails)

    await until(told, "the candidate is told of the hold", 60)
    assert await played.unwarned.stage() == "held"
