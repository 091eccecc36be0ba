"""SIGTERM: a process ends what it has in hand and goes; nothing acknowledged is lost or doubled."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.demo.visitor import Unexpected, Visitor
from deploy.local.processes import DEPLOYABLES
from tests.e2e.house import House, until
from tests.e2e.people import PASSWORD, Person, file_for
from tests.integration.processes.conftest import NOTICE_SECONDS, hanging, reasons

T = TypeVar("T")
SHUTDOWN_SECONDS = 25


def tell_to_go(house: House, name: str) -> None:
    child = house.stack.child(name)
    child.asked_to_end = True
    os.kill(child.pid, signal.SIGTERM)


async def gone(house: House, name: str) -> tuple[int, float]:
    """Its exit code, and the seconds until then."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(SHUTDOWN_SECONDS + 5):
        code = await house.stack.child(name).wait()
    return code, asyncio.get_running_loop().time() - began


@pytest.fixture
async def newcomer(house: House) -> AsyncIterator[Person]:
    async with AsyncExitStack() as exits:
        yield await _person(house, exits, f"nouvelle{os.urandom(4).hex()}")


async def _person(house: House, exits: AsyncExitStack, name: str) -> Person:
    browser = await exits.enter_async_context(house.browser(60))
    return Person(Visitor(browser, house.addresses.mailbox, f"{name}@courriel.example"), browser, "Nadia")


async def test_it_says_not_ready_first_and_still_serves_until_that_is_known(house: House) -> None:
    name = "registration-http"
    tell_to_go(house, name)
    await asyncio.sleep(NOTICE_SECONDS / 3)
    assert await reasons(house, name) == {"process": "ending"}
    async with httpx.AsyncClient(base_url=house.addresses.services[name]) as client:
        assert (await client.get("/notice")).status_code == 200
    code, seconds = await gone(house, name)
    assert code == 0
    assert seconds < NOTICE_SECONDS + 5
    await house.stack.restart(name)


async def test_an_upload_under_way_is_finished_and_counts(house: House, newcomer: Person) -> None:
    await newcomer.register()
    piece = (await newcomer.pieces())[1]
    file = file_for(piece)
    begun = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        step = max(1, len(file.content) // 10)
        for place in range(0, len(file.content), step):
            yield file.content[place : place + step]
            begun.set()
            await asyncio.sleep(0.6)

    uploading = asyncio.create_task(
        newcomer.browser.post(
            f"/api/documents/me/pieces/{piece}/files",
            params={"name": file.name},
            content=slowly(),
            headers={"Content-Type": file.media_type},
        )
    )
    await begun.wait()
    await asyncio.sleep(1)
    tell_to_go(house, "documents-http")
    await asyncio.sleep(NOTICE_SECONDS + 1)
    assert not uploading.done()
    refused = await newcomer.browser.get("/api/documents/me")
    assert refused.status_code == 503, "the listener is closed, so the gateway says to try again"
    answer = await uploading
    code, _ = await gone(house, "documents-http")
    assert (answer.status_code, code) == (201, 0)
    await house.stack.restart("documents-http")
    dossier = await newcomer.visitor.documents()
    (stored,) = [one for each in dossier["pieces"] if each["piece"] == piece for one in each["files"]]
    content = await newcomer.browser.get(f"/api/documents/me/files/{stored['file_id']}/content")
    assert content.content == file.content
    row = await house.row("documents", "SELECT fault_at FROM candidate WHERE candidate_id = $1", newcomer.id)
    assert row["fault_at"] is None, "a finished upload leaves no fault"


async def test_nobody_keeps_a_process_that_is_to_go_by_sending_slowly(house: House) -> None:
    """Who is not logged in can do that, and a body may take longer than the time to end."""
    name = "accounts-http"
    place = urlsplit(house.addresses.services[name])
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = ("POST /api/accounts HTTP/1.1", "Host: x", "Content-Type: application/json", "Content-Length: 90")
    writer.write("\r\n".join([*head, "", "{"]).encode())
    await asyncio.sleep(0.5)
    tell_to_go(house, name)
    try:
        assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
        code, seconds = await gone(house, name)
        assert code == 0
        assert seconds < SHUTDOWN_SECONDS
    finally:
        writer.close()
        await house.stack.restart(name)


async def test_every_process_goes_in_order_under_traffic_and_nothing_is_lost_or_doubled(house: House) -> None:
    async with AsyncExitStack() as exits:
        people = [
            await _person(house, exits, f"passante{number}-{os.urandom(3).hex()}") for number in range(6)
        ]
        living = [asyncio.create_task(_live(person, number * 1.5)) for number, person in enumerate(people)]
        codes = {}
        for each in DEPLOYABLES:
            tell_to_go(house, each.name)
            codes[each.name] = await gone(house, each.name)
            await house.stack.restart(each.name)
        lived = await asyncio.gather(*living)
        assert {name: code for name, (code, _) in codes.items() if code != 0} == {}
        assert max(seconds for _, seconds in codes.values()) < SHUTDOWN_SECONDS
        await _settled(house)
        for person, (version, pieces) in zip(people, lived, strict=True):
            await _nothing_lost(house, person, version, pieces)


async def test_nobody_outstays_the_time_to_end_while_the_database_hangs(house: House) -> None:
    """What they have in hand cannot be written; it is left, as by a `kill -9`."""
    names = [each.name for each in DEPLOYABLES if each.service != "workflows"]
    with hanging(house, "postgres"):
        for name in names:
            tell_to_go(house, name)
        ended = await asyncio.gather(*(gone(house, name) for name in names))
    for name in names:
        await house.stack.restart(name)
    assert {code for code, _ in ended} <= {0, 1}
    assert max(seconds for _, seconds in ended) < SHUTDOWN_SECONDS + 2


async def _live(person: Person, after: float) -> tuple[int, list[str]]:
    """What was acknowledged at last: the version saved, and the pieces uploaded."""
    await asyncio.sleep(after)
    link = await _insisting(person.open_account)
    await _insisting(lambda: _enter(person, link))
    await _insisting(lambda: _save(person))
    await _insisting(lambda: person.visitor.wait_for_pieces(1))
    pieces = await _insisting(person.pieces)
    for piece in pieces:
        await _insisting(partial(person.upload, [piece]))
    return person.visitor.version, pieces


async def _insisting(do: Callable[[], Awaitable[T]]) -> T:
    """As somebody does whom a page told to try again."""
    for _ in range(90):
        try:
            return await do()
        except (httpx.TransportError, Unexpected):
            await asyncio.sleep(0.5)
    return await do()


async def _enter(person: Person, link: str) -> None:
    """An activation whose answer was cut may have counted: then the login shows it."""
    with suppress(httpx.TransportError, Unexpected):
        await person.visitor.activate(link, PASSWORD)
    await person.visitor.log_in(PASSWORD)


async def _save(person: Person) -> None:
    """A save whose answer was cut may have counted: then there is a version."""
    try:
        await person.visitor.save(person.form())
    except (httpx.TransportError, Unexpected):
        person.visitor.version = (await person.visitor.standing())["version"] or 0
        if not person.visitor.version:
            raise


async def _settled(house: House) -> None:
    """Every fact is published, every mail that is due has ended."""
    ahead = ["activation_reminder", "not_saved"]

    async def waiting() -> bool:
        for service in ("accounts", "registration", "documents", "notifications"):
            if await house.rows(service, "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"):
                return False
        query = "SELECT 1 FROM mail WHERE ended_at IS NULL AND kind <> ALL($1) LIMIT 1"
        return not await house.rows("notifications", query, ahead)

    await until(waiting, "everything is published and mailed", 60)


async def _nothing_lost(house: House, person: Person, version: int, pieces: list[str]) -> None:
    kept = await house.row(
        "registration", "SELECT version FROM candidature WHERE candidate_id = $1", person.id
    )
    assert kept["version"] == version
    dossier = await person.visitor.documents()
    assert {each["piece"] for each in dossier["pieces"] if each["files"]} == set(pieces)
    mails = await person.visitor.mails()
    assert Counter(mail["message_id"] for mail in mails).most_common(1)[0][1] == 1, "no mail twice"
    queued = await house.rows(
        "notifications",
        "SELECT message_id, kind FROM mail WHERE candidate_id = $1 AND state = 'sent'",
        person.id,
    )
    assert {mail["message_id"] for mail in mails} == {row["message_id"] for row in queued}
    assert {"activation", "registration_saved"} <= {row["kind"] for row in queued}
