"""The watch looks through the real gateway: a part away in front of the candidate, and there is no beat."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.local import LocalStack
from services.chassis.context import Context, open_context
from services.documents.settings import Settings
from services.documents.statements import sql
from services.documents.watching import Watch
from tests.conftest import new_root

PARTS = {"gateway", "accounts-sessions", "documents-http"}


@dataclass
class House:
    stack: LocalStack
    ctx: Context[Settings]

    async def last_beat(self) -> datetime | None:
        async with self.ctx.database.connection() as conn:
            found: datetime | None = await sql.seen_up_at(conn)
            return found

    async def seen(self, within: float = 15) -> bool:
        """Whether a look sees the service up, given a moment to come back."""
        watch = Watch(self.ctx)
        async with asyncio.timeout(within):
            while not await watch.look():  # noqa: ASYNC110 - told by no event
                await asyncio.sleep(0.2)
        return True


def settings(stack: LocalStack, folder: Path) -> Settings:
    addresses = stack.addresses
    origins: dict[str, Any] = {
        f"{name}_url": addresses.services["documents-http" if name == "documents" else "accounts-sessions"]
        for name in ("accounts", "sessions", "registration", "documents", "notifications")
    }
    return Settings(
        **origins,
        public_url=addresses.gateway,
        service_name="documents",
        service_secret="secret",
        database_url=addresses.databases["documents"],
        object_store_url=folder.as_uri(),
    )


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    with new_root() as root:
        async with (
            LocalStack(root, only=PARTS, usual_ports=False) as stack,
            open_context(settings(stack, root / "objects")) as ctx,
        ):
            yield House(stack, ctx)


async def test_a_look_that_sees_the_service_up_keeps_the_beat(house: House) -> None:
    assert await house.seen()
    first = await house.last_beat()
    assert await house.seen()
    second = await house.last_beat()
    assert first is not None
    assert second is not None
    assert second > first


@pytest.mark.parametrize("part", sorted(PARTS))
async def test_no_beat_while_a_part_on_the_way_is_away(house: House, part: str) -> None:
    assert await house.seen()
    before = await house.last_beat()
    await house.stack.kill(part)
    assert not await Watch(house.ctx).look()
    assert await house.last_beat() == before
    await house.stack.restart(part)
    assert await house.seen()


async def test_no_beat_while_the_session_checks_database_refuses(house: House) -> None:
    """The gateway and this service's own database are there; who is asking cannot be told."""
    before = await house.last_beat()
    admin = house.stack.addresses.database_admin
    await rename(admin, "accounts", "accounts_away")
    try:
        assert not await Watch(house.ctx).look()
        assert await house.last_beat() == before
    finally:
        await rename(admin, "accounts_away", "accounts")
    assert await house.seen()


async def rename(admin: str, old: str, new: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", old
        )
        await connection.execute(f"ALTER DATABASE {old} RENAME TO {new}")
    finally:
        await connection.close()
