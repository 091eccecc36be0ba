"""No object outlives its owner's erasure, and none that no file names stays for long."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from services.contracts.recovery import Page
from services.documents import sweeping
from services.documents.figures import Figures
from services.documents.objects import Objects, new_key
from services.documents.recovery import tell
from services.documents.sweeping import UnnamedSweeper
from tests.integration.documents.stores import LockedObjects
from tests.integration.documents.world import Site, World, problem, sweep
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


async def test_so_is_what_a_crashed_put_has_left_half_written(
    world: World, objects: Objects, tmp_path: Path
) -> None:
    """The folder store lists no staged file; so it is found by the folder alone."""
    candidate, other = await world.saved(), await world.saved()
    half = tmp_path / f"{new_key(candidate)}#1"
    others = tmp_path / f"{new_key(other)}#1"
    for file in (half, others):
        file.parent.mkdir()
        file.write_bytes(b"half a passport")
    await world.erase(candidate)
    await sweep(world, objects)
    assert not half.parent.exists()
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


class TestWhatCannotBeDeleted:
    """S3 Object Lock, a missing right, a folder of another uid: nobody else's scans stay for it."""

    @pytest.fixture
    async def locked(self, world: World) -> AsyncIterator[UUID]:
        """Somebody erased first of all, whose objects the store keeps; afterwards nobody is doomed."""
        candidate = await world.saved()
        await world.erase(candidate)
        yield candidate
        async with world.ctx.database.transaction() as conn:
            await conn.execute("DELETE FROM doomed_prefix")

    async def undeleted(self, world: World) -> float | None:
        await Figures(world.ctx).read()
        return REGISTRY.get_sample_value("candidat_libre_undeleted_prefixes")

    async def told(self, world: World, candidate: UUID) -> bool:
        """To reconciliation."""
        async with world.ctx.database.connection() as conn:
            [line] = (await tell(conn, world.clock.instant, Page(candidate_ids=(candidate,)))).lines
        return line.undeleted

    async def test_keeps_no_other_erased_person_waiting(
        self, world: World, tmp_path: Path, locked: UUID
    ) -> None:
        store = LockedObjects(tmp_path.as_uri(), str(locked))
        kept = await stored(store, tmp_path, new_key(locked))
        others = []
        for _ in range(3):
            candidate = await world.saved()
            others.append(await stored(store, tmp_path, new_key(candidate)))
            await world.erase(candidate)
        await sweep(world, store)
        assert not any(path.exists() for path in others)
        assert kept.exists()
        assert await self.undeleted(world) == 1
        assert await self.told(world, locked)

    async def test_keeps_none_of_the_same_persons_other_objects(
        self, world: World, tmp_path: Path, locked: UUID
    ) -> None:
        key = new_key(locked)
        store = LockedObjects(tmp_path.as_uri(), key)
        kept = await stored(store, tmp_path, key)
        others = [await stored(store, tmp_path, new_key(locked)) for _ in range(5)]
        await sweep(world, store)
        assert kept.exists()
        assert not any(path.exists() for path in others)

    async def test_is_tried_again_less_and_less_often_until_it_goes(
        self, world: World, tmp_path: Path, locked: UUID
    ) -> None:
        store = LockedObjects(tmp_path.as_uri(), str(locked))
        kept = await stored(store, tmp_path, new_key(locked))
        for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
            await sweep(world, store)
            tried = store.tries
            world.clock.instant += timedelta(minutes=minutes, seconds=-1)
            await sweep(world, store)
            assert store.tries == tried
            world.clock.instant += timedelta(seconds=1)
        store.locked = None
        await sweep(world, store)
        assert not kept.exists()
        assert await self.undeleted(world) == 0
        assert not await self.told(world, locked)


async def test_an_upload_under_way_at_the_erasure_deletes_what_it_stored(site: Site) -> None:
    candidate = await site.world.saved()

    async def body() -> AsyncIterator[bytes]:
        yield PDF[:100]
        await site.world.erase(candidate)
        yield PDF[100:]

    assert problem(await site.upload(candidate, body())) == (410, "compte-supprime")
    assert site.objects(candidate) == []


class TestWhatNoFileNames:
    """The store of each test is its own; the database is the folder's, so the sweep is made due."""

    MONTH = timedelta(days=30, minutes=1)

    async def sweep(self, world: World, objects: Objects, after: timedelta = MONTH) -> int:
        await self.forget_the_last(world)
        world.clock.instant = datetime.now(UTC) + after
        return await UnnamedSweeper(world.ctx, objects).sweep_if_due()

    async def forget_the_last(self, world: World) -> None:
        async with world.ctx.database.transaction() as conn:
            await conn.execute("DELETE FROM unnamed_sweep")

    async def spared(self, world: World) -> int:
        async with world.ctx.database.connection() as conn:
            found: int = await conn.fetchval("SELECT spared FROM unnamed_sweep")
            return found

    async def named(self, world: World, objects: Objects, folder: Path, count: int) -> list[Path]:
        """Objects that files name."""
        files = [(await world.put(await world.saved(), "p2")).file for _ in range(count)]
        return [await stored(objects, folder, file["object_key"]) for file in files]

    async def unnamed(self, world: World, objects: Objects, folder: Path, count: int = 1) -> list[Path]:
        candidate = await world.saved()
        return [await stored(objects, folder, new_key(candidate)) for _ in range(count)]

    async def test_is_deleted_after_a_month(self, world: World, objects: Objects, tmp_path: Path) -> None:
        named = await self.named(world, objects, tmp_path, 9)
        (unnamed,) = await self.unnamed(world, objects, tmp_path)
        assert await self.sweep(world, objects) == 1
        assert all(path.exists() for path in named)
        assert not unnamed.exists()
        assert await self.spared(world) == 0

    async def test_is_deleted_though_another_cannot_be(self, world: World, tmp_path: Path) -> None:
        candidate = await world.saved()
        store = LockedObjects(tmp_path.as_uri(), str(candidate))
        await self.named(world, store, tmp_path, 48)
        locked = await stored(store, tmp_path, new_key(candidate))
        others = await self.unnamed(world, store, tmp_path, 4)
        assert await self.sweep(world, store) == len(others)
        assert locked.exists()
        assert not any(path.exists() for path in others)

    async def test_stays_for_a_month(self, world: World, objects: Objects, tmp_path: Path) -> None:
        """Its upload may be under way, or an older state of the database may have been restored."""
        await self.named(world, objects, tmp_path, 9)
        (unnamed,) = await self.unnamed(world, objects, tmp_path)
        assert await self.sweep(world, objects, timedelta(days=29)) == 0
        assert unnamed.exists()

    async def test_is_an_alarm_and_no_reason_to_delete_where_it_is_a_large_part(
        self, world: World, objects: Objects, tmp_path: Path
    ) -> None:
        """So it is with a database of another stack: it names nothing of this store."""
        await self.named(world, objects, tmp_path, 8)
        (unnamed,) = await self.unnamed(world, objects, tmp_path)
        assert await self.sweep(world, objects) == 0
        assert unnamed.exists()
        assert await self.spared(world) == 1

    async def test_is_an_alarm_too_where_it_is_much(
        self, world: World, objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "_FEW", 2)
        await self.named(world, objects, tmp_path, 30)
        unnamed = await self.unnamed(world, objects, tmp_path, 3)
        assert await self.sweep(world, objects) == 0
        assert all(path.exists() for path in unnamed)
        assert await self.spared(world) == 3

    async def test_what_is_not_named_as_we_name_is_let_be(
        self, world: World, objects: Objects, tmp_path: Path
    ) -> None:
        await self.named(world, objects, tmp_path, 9)
        others = [
            await stored(objects, tmp_path, key)
            for key in ("backup/2026.dump", f"{uuid4()}/notes/{uuid4()}", f"{uuid4()}.pdf")
        ]
        assert await self.sweep(world, objects) == 0
        assert all(path.exists() for path in others)

    async def test_is_looked_for_once_a_day_however_often_workers_start(
        self, world: World, objects: Objects, tmp_path: Path
    ) -> None:
        await self.named(world, objects, tmp_path, 19)
        await self.unnamed(world, objects, tmp_path)
        assert await self.sweep(world, objects) == 1
        (second,) = await self.unnamed(world, objects, tmp_path)
        assert await UnnamedSweeper(world.ctx, objects).sweep_if_due() == 0
        assert second.exists()
        world.clock.instant += timedelta(days=1)
        assert await UnnamedSweeper(world.ctx, objects).sweep_if_due() == 1
        assert not second.exists()
