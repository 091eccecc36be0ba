"""Everybody lacks the last piece and sends it once, in vain, or not at all; nobody sends it again.

The service is away for seconds only, so no outage is noticed: who is held is so by the gateway's own word.
"""

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.calendar import DemoCalendar
from tests.e2e.house import House, until
from tests.e2e.people import Person, file_for
from tests.turned_away.conftest import Newcomer

AWAY = "urn:candidat-libre:probleme:momentanement-indisponible"


@dataclass(frozen=True)
class Played:
    """killed_before, killed_amid: `documents-http` died before the upload, or with half of it read.
    no_session: `accounts-sessions` was away too. by_page: as a browser's form, with the cookie. again: sent
    it once more, and it was taken. never: did not send the piece at all.
    """

    killed_before: Person
    killed_amid: Person
    no_session: Person
    by_page: Person
    again: Person
    never: Person


@pytest.fixture(scope="module")
async def played(house: House, session: DemoCalendar, newcomer: Newcomer) -> Played:
    names = ("Basile", "Colette", "Denis", "Elise", "Firmin", "Gilda")
    people = [newcomer(name) for name in names]
    lacks = await asyncio.gather(*(person.complete(but=1) for person in people))
    lacking = {person.forename: piece for person, (piece,) in zip(people, lacks, strict=True)}
    before, amid, no_session, by_page, again, never = people
    assert datetime.now(UTC) < session.closes_at, "the window closed before everybody was registered"

    def send(person: Person, **body: Any) -> Awaitable[Any]:
        piece = lacking[person.forename]
        path = f"/api/documents/me/pieces/{piece}/files"
        content = file_for(piece).content
        return person.browser.post(path, content=content, headers={"Content-Type": "application/pdf"} | body)

    # What failed longer ago than a minute before the deadline is no reason any more (`fault_window_seconds`).
    begins = session.deadline_at - timedelta(seconds=55)
    await asyncio.sleep((begins - datetime.now(UTC)).total_seconds())
    await _killed_amid(house, amid, lacking[amid.forename])
    form = {"file": ("scan.pdf", b"%PDF-1.4", "application/pdf")}
    answers = [
        await send(before),
        await send(again),
        await by_page.browser.post(f"/documents/envoi/{lacking[by_page.forename]}", files=form),
    ]
    await house.stack.kill("accounts-sessions")
    answers.append(await send(no_session))
    await asyncio.gather(*map(house.stack.restart, ("documents-http", "accounts-sessions")))
    assert {answer.status_code for answer in answers} == {503}
    assert answers[0].json()["type"] == AWAY

    taken = await send(again)
    assert datetime.now(UTC) < session.deadline_at, "the deadline passed before all was played"
    assert taken.status_code == 201
    await asyncio.sleep((session.deadline_at - datetime.now(UTC) + timedelta(seconds=1)).total_seconds())
    return Played(before, amid, no_session, by_page, again, never)


async def _killed_amid(house: House, person: Person, piece: str) -> None:
    """The service dies with half of the body read; the rest comes, and then the gateway's answer."""
    begun = asyncio.Event()
    content = file_for(piece).content

    async def body() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]
        begun.set()
        await asyncio.sleep(1.5)
        yield content[len(content) // 2 :]

    path = f"/api/documents/me/pieces/{piece}/files"
    headers = {"Content-Type": "application/pdf"}
    sending = asyncio.create_task(person.browser.post(path, content=body(), headers=headers))
    await begun.wait()
    await asyncio.sleep(0.5)
    await house.stack.kill("documents-http")
    answer = await sending
    assert (answer.status_code, answer.json()["type"]) == (503, AWAY)


Outcome = Callable[[Person], Awaitable[str]]


@pytest.fixture(scope="module")
def outcome(played: Played) -> Outcome:
    async def decided(person: Person) -> str:
        async def stage() -> str | None:
            found = await person.stage()
            return None if found in ("registered", "awaiting_documents") else found

        return await until(stage, f"{person.forename} has an outcome", 40)

    return decided


@pytest.mark.parametrize("who", ["killed_before", "killed_amid", "no_session", "by_page"])
async def test_one_turned_away_is_held_and_the_officer_reads_why(
    house: House, played: Played, outcome: Outcome, who: str
) -> None:
    person: Person = getattr(played, who)
    assert await outcome(person) == "held"
    row = await house.row("documents", "SELECT * FROM candidate WHERE candidate_id = $1", person.id)
    assert (row["verdict"], row["service_fault_at"], row["unreachable"]) == ("held", None, False)
    dossier = (await house.officer("show", str(person.id))).json()
    (doubt,) = dossier["documents"]["doubts"]
    # Also who was cut off amid the upload: the service's own word is on the row, and the gateway's beside it.
    assert doubt["doubt"] == "turned_away"
    assert datetime.fromisoformat(doubt["last_at"]) == row["fault_at"]
    assert f"{row['fault_at'].astimezone().minute:02d})" in doubt["label"]


async def test_one_who_was_not_turned_away_is_cancelled(played: Played, outcome: Outcome) -> None:
    assert await outcome(played.never) == "cancelled"


async def test_one_who_was_turned_away_and_sent_it_again_is_confirmed(
    played: Played, outcome: Outcome
) -> None:
    assert await outcome(played.again) == "confirmed"


async def test_the_gateways_log_tells_nothing_of_the_person(house: House, played: Played) -> None:
    log = house.addresses.turned_away
    assert log is not None
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert len(text.splitlines()) >= 5
    for person in (played.killed_before, played.by_page, played.no_session):
        told = (str(person.id), person.email, person.browser.cookies["session"], "/documents", "127.0.0.1")
        assert not [one for one in told if one in text]
