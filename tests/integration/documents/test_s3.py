"""The object store in an S3: what a folder does, and an S3 that is away or hangs."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import obstore
import pytest
from obstore.store import from_url

from services.contracts.stages import Verdict
from services.documents.commands.clockwork import settle
from services.documents.inspecting import Inspectors
from services.documents.objects import Objects, new_key
from tests.conftest import new_root
from tests.integration.documents.world import AFTER_DEADLINE, Site, problem, serve, sweep
from tests.s3 import S3, s3_store
from tests.unit.documents import papers
from tests.unit.documents.rows import DEADLINE, TICK

PDF = papers.pdf()
LARGE = 20_000_000
"""Bytes: as large as objects become, and read in several pieces."""


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[S3]:
    with new_root() as root:
        async with s3_store(root) as store:
            yield store


@pytest.fixture
def s3(running: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The store, and its clients in this process told of it."""
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def url(s3: S3) -> str:
    """A place of the test's own."""
    return f"s3://pieces/{uuid4()}"


@pytest.fixture
def objects(url: str) -> Objects:
    return Objects(url)


@pytest.fixture
async def site(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    running_inspectors: Inspectors,
    url: str,
) -> AsyncIterator[Site]:
    async with serve(database_url, tmp_path, monkeypatch, running_inspectors, url) as served:
        yield served


async def put(objects: Objects, folder: Path, key: str, content: bytes = b"%PDF") -> None:
    (folder / "sent").write_bytes(content)
    await objects.put(key, folder / "sent")


async def read(objects: Objects, key: str) -> bytes:
    return b"".join([part async for part in await objects.open(key)])


async def of(objects: Objects, candidate: UUID) -> set[str]:
    return {key async for keys in objects.of(candidate) for key in keys}


@pytest.mark.parametrize("size", [0, 4, LARGE])
async def test_what_was_put_is_read_again_byte_for_byte(objects: Objects, tmp_path: Path, size: int) -> None:
    key, content = new_key(uuid4()), os.urandom(size)
    await put(objects, tmp_path, key, content)
    assert await objects.has(key)
    assert await read(objects, key) == content


async def test_what_is_not_there_is_not_and_is_deleted_in_silence(objects: Objects) -> None:
    key = new_key(uuid4())
    assert not await objects.has(key)
    with pytest.raises(FileNotFoundError):
        await objects.open(key)
    await objects.delete(key)


async def test_all_of_one_person_is_erased_and_nothing_of_another(objects: Objects, tmp_path: Path) -> None:
    candidate, other = uuid4(), uuid4()
    keys = [new_key(candidate) for _ in range(3)]
    kept = new_key(other)
    for key in (*keys, kept):
        await put(objects, tmp_path, key)
    assert await of(objects, candidate) == set(keys)
    await objects.erase(candidate)
    assert await of(objects, candidate) == set()
    assert await of(objects, other) == {kept}


async def test_only_what_is_ours_and_old_is_listed_for_the_sweep(
    objects: Objects, url: str, tmp_path: Path
) -> None:
    key = new_key(uuid4())
    await put(objects, tmp_path, key)
    await obstore.put_async(from_url(url), "somebody/elses", b"x")
    now, hour = datetime.now(UTC), timedelta(hours=1)
    assert [key async for keys in objects.older_than(now + hour) for key in keys] == [key]
    assert [key async for keys in objects.older_than(now - hour) for key in keys] == []


async def test_what_a_candidate_sends_is_downloaded_again_and_gone_after_the_erasure(
    site: Site, objects: Objects
) -> None:
    candidate = await site.world.saved()
    sent = await site.upload(candidate, PDF)
    assert sent.status_code == 201
    found = await site.ask(
        "GET", f"/api/documents/me/files/{sent.json()['file_id']}/content", candidate=candidate
    )
    assert (found.status_code, found.content) == (200, PDF)
    assert len(await of(objects, candidate)) == 1
    await site.world.erase(candidate)
    await sweep(site.world, objects)
    assert await of(objects, candidate) == set()


async def test_of_what_was_cut_on_its_way_nothing_is_left(
    objects: Objects, s3: S3, url: str, tmp_path: Path
) -> None:
    """Parts of a multipart upload would be in no list; so they are looked for where the store keeps them."""
    await put(objects, tmp_path, new_key(uuid4()))
    (tmp_path / "sent").write_bytes(os.urandom(LARGE))
    for moment in range(1, 6):
        sending = asyncio.create_task(objects.put(new_key(uuid4()), tmp_path / "sent"))
        await asyncio.sleep(moment / 100)
        sending.cancel()
        await asyncio.wait([sending])
    async with httpx.AsyncClient() as client:
        found = await client.get(
            f"{s3.filer}/buckets/pieces/.uploads/", headers={"Accept": "application/json"}
        )
    assert found.status_code == 404 or not found.json()["Entries"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks the store waits for seconds only, so that the test does."""
    monkeypatch.setenv("AWS_TIMEOUT", "4s")
    monkeypatch.setattr("services.documents.objects._PATIENCE", timedelta(seconds=1))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine is busy this store takes long to start."""
    monkeypatch.setattr("services.documents.objects._PATIENCE", timedelta(seconds=90))


async def hanging(s3: S3, request: Awaitable[httpx.Response]) -> httpx.Response:
    """The answer of a request during which the store answers nothing."""
    s3.child.pause()
    try:
        async with asyncio.timeout(60):  # by itself the library would try for three minutes
            return await request
    finally:
        s3.child.resume()


@pytest.mark.usefixtures("impatient")
async def test_an_upload_that_a_hanging_store_did_not_take_is_no_file_and_holds(site: Site, s3: S3) -> None:
    """Our fault: whoever is incomplete for it is not cancelled."""
    candidate = await site.world.saved()
    answer = await hanging(s3, site.upload(candidate, PDF, arrived_at=DEADLINE - TICK))
    assert problem(answer) == (503, "fichier-non-garde")
    assert (await site.piece(candidate))["state"] == "expected"
    site.world.clock.instant = AFTER_DEADLINE
    await settle(site.world.ctx, candidate)
    assert await site.world.verdicts(candidate) == [Verdict.HELD]


@pytest.mark.usefixtures("impatient")
async def test_a_download_from_a_hanging_store_is_told_to_come_back(site: Site, s3: S3) -> None:
    candidate = await site.world.saved()
    sent = await site.upload(candidate, PDF)
    path = f"/api/documents/me/files/{sent.json()['file_id']}/content"
    answer = await hanging(s3, site.ask("GET", path, candidate=candidate))
    assert problem(answer) == (503, "pieces-indisponibles")
    assert (await site.ask("GET", path, candidate=candidate)).content == PDF


@pytest.mark.usefixtures("patient")
async def test_a_store_that_restarts_turns_no_upload_away(site: Site, s3: S3) -> None:
    candidate = await site.world.saved()
    await s3.kill()
    sending = asyncio.create_task(site.upload(candidate, PDF))
    await asyncio.sleep(6)  # longer than the library's own ten tries last
    assert not sending.done()
    await s3.start()
    assert (await sending).status_code == 201
