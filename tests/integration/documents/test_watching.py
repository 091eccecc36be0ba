"""The watch looks through the real gateway: a part away in front of the candidate, and there is no beat."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from deploy.local import LocalStack
from services.chassis.context import Context, open_context
from services.chassis.identity import Identity
from services.chassis.peers import Peers
from services.contracts.events import SessionScheduled
from services.contracts.internal import Checklist, DuePiece
from services.contracts.stages import Verdict
from services.documents.commands import hearing, rows
from services.documents.commands.clockwork import settle
from services.documents.settings import Settings
from services.documents.statements import read_seen
from services.documents.watching import Watch
from tests.conftest import new_root
from tests.unit.chassis.test_http import new_issuer
from tests.unit.documents.rows import CALENDAR

PARTS = {"gateway", "accounts-sessions", "accounts-http", "registration-http", "documents-http"}


@dataclass
class House:
    stack: LocalStack
    ctx: Context[Settings]

    async def last_beat(self) -> datetime | None:
        async with self.ctx.database.connection() as conn:
            return (await read_seen(conn)).up_at

    async def seen(self, ctx: Context[Settings] | None = None, within: float = 15) -> bool:
        """Whether a look sees the service up, given a moment to come back."""
        watch = Watch(ctx or self.ctx)
        async with asyncio.timeout(within):
            while not await watch.look():  # noqa: ASYNC110 - told by no event
                await asyncio.sleep(0.2)
        return True


def settings(stack: LocalStack, folder: Path) -> Settings:
    addresses = stack.addresses
    origins: dict[str, Any] = {
        f"{name}_url": addresses.services[f"{name}-http"]
        for name in ("accounts", "registration", "documents")
    }
    origins |= dict.fromkeys(("sessions_url", "notifications_url"), addresses.services["accounts-sessions"])
    return Settings(
        **origins,
        public_url=addresses.gateway,
        service_name="documents",
        service_secret=addresses.service_secrets["documents"],
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


@pytest.mark.parametrize("database", ["accounts", "registration"])
async def test_no_beat_while_another_services_database_refuses(house: House, database: str) -> None:
    """The gateway and this service's own database are there; who is asking, or for what, cannot be told."""
    before = await house.last_beat()
    admin = house.stack.addresses.database_admin
    await rename(admin, database, f"{database}_away")
    try:
        assert not await Watch(house.ctx).look()
        assert await house.last_beat() == before
    finally:
        await rename(admin, f"{database}_away", database)
    assert await house.seen()


@pytest.mark.parametrize("service", ["accounts", "registration", "documents"])
async def test_no_beat_while_a_service_recognises_nobody_who_is_logged_in(house: House, service: str) -> None:
    """It still answers all others as it should."""
    assert await house.seen()
    before = await house.last_beat()
    own = house.ctx.settings
    verifier = urlsplit(own.url_of(service)).port

    class OtherKey(httpx.AsyncHTTPTransport):
        """To this service comes what a process with another key has signed."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.port == verifier and request.url.path.startswith("/internal/"):
                token = new_issuer().issue(Identity("service", "documents"), service)
                request.headers["Authorization"] = f"Bearer {token}"
            return await super().handle_async_request(request)

    async with httpx.AsyncClient(transport=OtherKey()) as client:
        assert not await Watch(replace(house.ctx, peers=Peers(own, client))).look()
    assert await house.last_beat() == before


async def test_who_could_not_upload_before_the_deadline_is_held_and_not_before_that_is_known(
    house: House,
) -> None:
    """The gateway is away over the deadline; nobody tried an upload, for nobody could."""
    ctx = replace(house.ctx, settings=house.ctx.settings.model_copy(update={"outage_seconds": 1.0}))
    candidate = await registered(ctx, deadline_in=timedelta(seconds=2))
    assert await Watch(ctx).look()
    await house.stack.kill("gateway")
    await asyncio.sleep(2.5)
    assert not await Watch(ctx).look()
    assert not await settle(ctx, candidate)
    await house.stack.restart("gateway")
    assert await house.seen(ctx)
    assert await settle(ctx, candidate)
    async with ctx.database.connection() as conn:
        assert (await rows.read(conn, candidate)).verdict is Verdict.HELD


async def registered(ctx: Context[Settings], deadline_in: timedelta) -> UUID:
    """A candidate of a session that runs, with one piece to give."""
    now = datetime.now(UTC)
    calendar = CALENDAR.model_copy(
        update={
            "session_id": "brief",
            "opens_at": now - timedelta(hours=2),
            "closes_at": now - timedelta(hours=1),
            "deadline_at": now + deadline_in,
            "ends_at": now + timedelta(days=1),
            "grace_seconds": 0,
        }
    )
    checklist = Checklist(
        candidate_id=uuid4(),
        session_id="brief",
        version=1,
        revision=1,
        saved_at=now - timedelta(hours=1),
        confirmation_code="code",
        pieces=(DuePiece(piece="p1", title="Titre", reason="Raison"),),
    )
    async with ctx.database.transaction() as conn:
        event = SessionScheduled(revision=1, session_key=uuid4(), calendar=calendar)
        await hearing.session_scheduled(conn, event)
        await hearing.checklist_fetched(conn, checklist, ctx.clock)
    return checklist.candidate_id


async def rename(admin: str, old: str, new: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", old
        )
        await connection.execute(f"ALTER DATABASE {old} RENAME TO {new}")
    finally:
        await connection.close()
