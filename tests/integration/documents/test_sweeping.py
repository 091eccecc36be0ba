"""No object outlives its owner's erasure, and none that no file names stays for long."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.documents.objects import Objects, new_key
from services.documents.sweeping import Sweeper, UnnamedSweeper
from tests.integration.documents.world import Site, World, problem
from tests.unit.documents import papers

PDF = papers.pdf()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path.as_uri())


async def stored(objects: Objects, folder: Path, key: str) -> Path:
    (folder / "source").write_bytes(b"x")
    await objects.put(key, folder / "source")
    (folder / "source").unlink()
    return folder / key


async def sweep(world: World, objects: Objects) -> None:
    while await Sweeper(world.ctx, objects).sweep():
        pass


async def test_the_objects_of_the_erased_are_swept(world: World, objects: Objects, tmp_path: Path) -> None:
    candidate = await world.saved()
    kept = await stored(objects, tmp_path, (await world.put(candidate, "p2")).file["object_key"])
    await world.erase(candidate)
    await sweep(world, objects)
    assert not kept.exists()


async def test_so_is_one_whose_commit_had_failed(world: World, objects: Objects, tmp_path: Path) -> None:
    candidate, other = await world.saved(), await world.saved()
    unnamed = await stored(objects, tmp_path, new_key(candidate))
    others = await stored(objects, tmp_path, new_key(other))
    await world.erase(candidate)
    await sweep(world, objects)
    assert not unnamed.exists()
    assert others.exists()


async def test_so_is_one_stored_after_the_first_sweep(world: World, objects: Objects, tmp_path: Path) -> None:
    """By an upload that was under way, and whose process died before its commit."""
    candidate = await world.saved()
    await world.erase(candidate)
    await sweep(world, objects)
    late = await stored(objects, tmp_path, new_key(candidate))
    await sweep(world, objects)
    assert late.exists()
    world.clock.instant += timedelta(hours=1)
    await sweep(world, objects)
    assert not late.exists()


async def test_an_upload_under_way_at_the_erasure_deletes_what_it_stored(site: Site) -> None:
    candidate = await site.world.saved()

    async def body() -> AsyncIterator[bytes]:
        yield PDF[:100]
        await site.world.erase(candidate)
        yield PDF[100:]

    assert problem(await site.upload(candidate, body())) == (410, "compte-supprime")
    assert site.objects(candidate) == []


class TestWhatNoFileNames:
    async def sweep(self, world: World, objects: Objects, after: timedelta) -> int:
        world.clock.instant = datetime.now(UTC) + after
        return await UnnamedSweeper(world.ctx, objects).sweep()

    async def both(self, world: World, objects: Objects, folder: Path) -> tuple[Path, Path]:
        """Of one candidate: an object that a file names, and one that none does."""
        candidate: UUID = await world.saved()
        named = (await world.put(candidate, "p2")).file["object_key"]
        return await stored(objects, folder, named), await stored(objects, folder, new_key(candidate))

    async def test_is_deleted_after_a_day(self, world: World, objects: Objects, tmp_path: Path) -> None:
        named, unnamed = await self.both(world, objects, tmp_path)
        assert await self.sweep(world, objects, timedelta(days=1, minutes=1)) == 1
        assert named.exists()
        assert not unnamed.exists()

    async def test_stays_for_a_day(self, world: World, objects: Objects, tmp_path: Path) -> None:
        """Its upload may still be under way."""
        _, unnamed = await self.both(world, objects, tmp_path)
        assert await self.sweep(world, objects, timedelta(hours=23)) == 0
        assert unnamed.exists()
