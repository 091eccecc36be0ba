"""What happened: people live, three ways of deletion come; all stores are looked through before and after."""

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.calendar import DemoCalendar
from deploy.demo.visitor import File
from services.chassis.kafka import KafkaSettings, Message, Publisher
from services.documents.leftovers import OLD_SECONDS, PREFIX
from tests.e2e.house import CALENDAR_PART, Command, House, until
from tests.e2e.people import PASSWORD
from tests.erasure.lives import WORK, Marked, born, upload_that_hangs
from tests.erasure.stores import stores

ACTIVATION_SECONDS = 60


@dataclass
class Story:
    """`before`, `after`: store → its content. `told`: what the command said at each call.

    alpha   erased by the office while a mail of theirs waits; bravo erases themselves during an upload
    gamma   is never activated; delta is erased while they save and upload; kappa stays
    """

    house: House
    uploads: Path
    people: dict[str, Marked] = field(default_factory=dict)
    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    unsure: Command | None = None
    told: list[Command] = field(default_factory=list)
    overtaken: httpx.Response | None = None
    late: list[int] = field(default_factory=list)
    _found: dict[tuple[bool, str], dict[str, set[str]]] = field(default_factory=dict)

    def found(self, content: dict[str, bytes], name: str) -> dict[str, set[str]]:
        """Store → the marks of a person in it."""
        key = (content is self.after, name)
        if key not in self._found:
            self._found[key] = self._search(content, name)
        return self._found[key]

    def _search(self, content: dict[str, bytes], name: str) -> dict[str, set[str]]:
        marks = self.people[name].marks
        return {store: found for store, bytes_ in content.items() if (found := marks.found_in(bytes_))}

    async def erase(self, name: str, *words: str) -> Command:
        person = self.people[name].person
        addresses = str(self.house.addresses.root / "addresses.json")
        return await self.house.command(
            "erase",
            str(person.id),
            "--reason",
            "demande",
            "--addresses",
            addresses,
            "--as",
            "adjoint",
            *words,
        )


async def played(house: House, uploads: Path) -> Story:
    story = Story(house, uploads)
    async with AsyncExitStack() as exits:
        await _open_session(house)
        for name in ("alpha", "bravo", "gamma", "delta", "kappa"):
            browser = await exits.enter_async_context(house.browser(60))
            story.people[name] = await born(house, browser, name)
        await _live(story)
        story.before = await stores(house, uploads)
        await _end(story)
        story.after = await stores(house, uploads)
    return story


async def _open_session(house: House) -> None:
    calendar = DemoCalendar(
        opens_at=datetime.now(UTC),
        session_id="marques",
        window=3600,
        documents=3600,
        activation=ACTIVATION_SECONDS,
        grace=1,
        reminders=(),
    )
    calendar.write(house.calendar_file)
    await house.stack.restart(CALENDAR_PART)

    async def known() -> bool:
        return bool(await house.rows("accounts", "SELECT 1 FROM exam_session WHERE session_id = 'marques'"))

    await until(known, "accounts knows the session")


async def _live(story: Story) -> None:
    people = story.people
    for name in ("alpha", "bravo", "delta", "kappa"):
        await people[name].save()
    await people["alpha"].hand_in()
    await people["bravo"].hand_in()
    await people["alpha"].be_held()
    await people["bravo"].be_held()
    await people["alpha"].ask_around()
    await _keep(people["kappa"])
    await people["alpha"].mails_have_left()
    await _killed_upload(story)
    await _dead_letter(story)
    await story.house.stack.stop("mailbox")
    await people["alpha"].withdraw()
    await people["bravo"].withdraw()
    await _undo_of_bravo(people["bravo"])
    await story.house.stack.start("mailbox")
    gamma = people["gamma"].person
    await gamma.open_account()
    await gamma.visitor.create_account(PASSWORD)
    await story.house.stack.stop("mailbox")
    await people["alpha"].ask_around()


async def _undo_of_bravo(bravo: Marked) -> None:
    """Saving again undoes the withdrawal; and a mail waits."""
    await bravo.person.visitor.save(bravo.form())
    await bravo.draft()


async def _keep(kappa: Marked) -> None:
    await kappa.person.visitor.upload("p2", File(kappa.mark("file name"), "application/pdf", kappa.pdf()))
    await kappa.be_held()


async def _killed_upload(story: Story) -> None:
    """The process that takes an upload in is killed: what it has taken lies in its folder."""
    alpha, never = story.people["alpha"], asyncio.Event()
    upload = asyncio.create_task(upload_that_hangs(alpha, never))

    async def taken() -> bool:
        return any(file.stat().st_size for file in story.uploads.glob(f"{PREFIX}*/*"))

    await until(taken, "the upload is half taken in")
    await story.house.stack.kill("documents-http")
    never.set()
    answer = (await asyncio.gather(upload, return_exceptions=True))[0]
    assert not isinstance(answer, httpx.Response) or answer.status_code >= 500
    await story.house.stack.start("documents-http")


async def _dead_letter(story: Story) -> None:
    """A record about somebody that nobody can read: it names them by their id, as every record."""
    house = story.house
    publisher = Publisher(KafkaSettings(bootstrap_servers=house.addresses.kafka))
    try:
        for topic in ("accounts.events", "registration.events"):
            key = str(story.people["alpha"].person.id).encode()
            await publisher.send(Message(topic, key, b"{not readable", [("ce_type", b"nothing")]))
    finally:
        await publisher.close()

    async def quarantined() -> bool:
        return bool(
            await house.rows(
                "documents",
                "SELECT 1 FROM quarantine WHERE candidate_id = $1",
                story.people["alpha"].person.id,
            )
        )

    await until(quarantined, "the dead letter is open", 60)


async def _end(story: Story) -> None:
    house, people = story.house, story.people
    story.unsure = await story.erase("alpha")
    story.told.append(await story.erase("alpha", "--yes", "--wait", "1"))
    await asyncio.gather(_bravo_goes(story), _delta_is_overtaken(story))
    await house.stack.start("mailbox")
    for name in ("alpha", "bravo", "delta"):
        story.told.append(await _erased(story, name))

    async def expired() -> bool:
        return bool(
            await house.rows(
                "accounts", "SELECT 1 FROM tombstone WHERE candidate_id = $1", people["gamma"].person.id
            )
        )

    await until(expired, "the account that was not activated is deleted", ACTIVATION_SECONDS + 60)
    story.told.append(await _erased(story, "gamma"))
    for folder in story.uploads.glob(f"{PREFIX}*"):
        long_ago = time.time() - OLD_SECONDS - 60
        os.utime(folder, (long_ago, long_ago))
    await house.stack.restart("documents-http")

    async def swept() -> bool:
        return not list(story.uploads.glob(f"{PREFIX}*"))

    await until(swept, "what the killed process left is deleted")


async def _erased(story: Story, name: str) -> Command:
    """Ask until every service has confirmed."""
    end = time.monotonic() + 150
    while True:
        told = await story.erase(name, "--yes", "--wait", "30")
        if told.code != 3 or time.monotonic() > end:
            return told


async def _bravo_goes(story: Story) -> None:
    """Erased by themselves, while a file of theirs is half-way in, their browser open at a draft."""
    bravo, go_on = story.people["bravo"], asyncio.Event()
    upload = asyncio.create_task(upload_that_hangs(bravo, go_on))

    async def taken() -> bool:
        return any(
            bravo.mark("cut bytes").encode() in file.read_bytes()
            for file in story.uploads.glob(f"{PREFIX}*/*")
        )

    await until(taken, "the upload is half taken in")
    gone = await bravo.ask("POST", "/api/accounts/me/erasure", json={"password": PASSWORD})
    assert gone.status_code == 204, gone.text
    bravo.person.browser.cookies.clear()

    async def buried() -> bool:
        return bool(
            await story.house.rows(
                "documents", "SELECT 1 FROM tombstone WHERE candidate_id = $1", bravo.person.id
            )
        )

    await until(buried, "documents has heard of the erasure", 60)
    go_on.set()
    story.overtaken = await upload


async def _delta_is_overtaken(story: Story) -> None:
    """Erased by the office, while they save, keep drafts and upload as fast as they can."""
    delta = story.people["delta"]
    over = asyncio.Event()

    async def repeatedly(act: Any) -> None:
        while not over.is_set():
            answer: httpx.Response = await act()
            if answer.status_code in (401, 410):
                story.late.append(answer.status_code)
                return

    async def save() -> httpx.Response:
        seen = await delta.ask("GET", "/api/registration/me/form")
        if seen.is_error:
            return seen
        return await delta.ask(
            "PUT",
            "/api/registration/me/form",
            json=delta.form(),
            headers={"If-Match": seen.headers["ETag"]},
        )

    async def upload() -> httpx.Response:
        return await delta.ask(
            "POST",
            f"/api/documents/me/pieces/{WORK}/files",
            params={"name": delta.mark("file name")},
            content=delta.photo(int(time.monotonic() * 1000) % 10_000),
            headers={"Content-Type": "image/jpeg"},
        )

    async def reset() -> httpx.Response:
        await asyncio.sleep(0.2)
        await delta.ask("POST", "/api/accounts/password-resets", json={"email": delta.person.email})
        return await delta.ask("GET", "/api/accounts/me")

    acts = [asyncio.create_task(repeatedly(act)) for act in (save, upload, reset)]
    await asyncio.sleep(1)
    story.told.append(await story.erase("delta", "--yes", "--wait", "0"))
    done, late = await asyncio.wait(acts, timeout=60)
    over.set()
    assert not late, "somebody erased goes on"
    for one in done:
        one.result()
