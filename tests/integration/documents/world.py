"""One documents service on a real database: its use cases, consumers, activities and application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI

from services.chassis import http as chassis_http
from services.chassis.context import Context, open_context
from services.chassis.database import Connection
from services.chassis.identity import Identity, TokenIssuer, TokenVerifier
from services.chassis.peers import Peers
from services.contracts.envelope import Envelope, decode
from services.contracts.events import (
    AccountDeleted,
    CandidatureEvent,
    ChecklistSettled,
    Event,
    MailSent,
    RegistrationSaved,
    SessionScheduled,
)
from services.contracts.stages import AccountState, Verdict
from services.documents.activities import Activities
from services.documents.commands import rows
from services.documents.commands.faults import Unwritten
from services.documents.commands.upload import Received, Stored, begin, store
from services.documents.consumers import Hearing
from services.documents.domain.candidate import Candidate
from services.documents.inspecting import Inspectors
from services.documents.main import application
from services.documents.objects import Objects
from services.documents.settings import Settings
from services.documents.sweeping import Sweeper
from tests.integration.documents.registry import PIECES, Registry
from tests.unit.documents.rows import CALENDAR, DAY, DEADLINE, SAVED

IN_TIME = SAVED + DAY
ORIGINS: dict[str, Any] = {
    f"{name}_url": f"http://{name}.test"
    for name in ("public", "accounts", "sessions", "registration", "documents", "notifications")
}


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    async def now(self, conn: Connection) -> datetime:
        return self.instant


def envelope(event: Event) -> Envelope:
    return Envelope(event, uuid4(), datetime.now(UTC))


@dataclass
class World:
    """What tests do to the service and what they see of it; `tell` is the owner's side of it."""

    ctx: Context[Settings]
    clock: FixedClock
    registry: Registry

    @property
    def activities(self) -> Activities:
        return Activities(self.ctx)

    async def session(self) -> str:
        """A session of the test's own, with the dates of 2021."""
        session_id = f"s-{uuid4()}"
        await self.schedule(session_id=session_id)
        return session_id

    async def schedule(self, revision: int = 1, **changes: Any) -> None:
        calendar = CALENDAR.model_copy(update=changes)
        event = SessionScheduled(revision=revision, session_key=uuid4(), calendar=calendar)
        await self.hear(event)

    async def saved(self, candidate_id: UUID | None = None, *, warned: bool = True, **changes: Any) -> UUID:
        """A candidate with a version saved, and this service has heard of it.

        warned: of the deadline of 2021, so that it is judged by the pieces alone.
        """
        candidate_id = candidate_id or uuid4()
        await self.tell(candidate_id, RegistrationSaved, **changes)
        if warned:
            await self.warn(candidate_id)
        return candidate_id

    async def warn(self, candidate_id: UUID, of: datetime = DEADLINE) -> None:
        """The mail server took a reminder of this deadline."""
        await self.hear(taken(candidate_id, of))

    async def tell(
        self, candidate_id: UUID, kind: type[CandidatureEvent], **changes: Any
    ) -> CandidatureEvent:
        """The candidature changes at its owner, and its fact arrives here."""
        event = self.registry.change(candidate_id, **changes).told(kind)
        await self.hear(event)
        return event

    async def hear(self, event: Event) -> None:
        handlers = Hearing(self.ctx)
        handle = {
            "registration": handlers.from_registration,
            "accounts": handlers.from_accounts,
            "notifications": handlers.from_notifications,
        }[event.topic.owner]
        async with self.ctx.database.transaction() as conn:
            await handle(conn, envelope(event))

    async def seen_up_at(self, instant: datetime | None) -> None:
        """When the service was last seen up from outside."""
        async with self.ctx.database.transaction() as conn:
            await conn.execute("DELETE FROM service_beat")
            if instant is not None:
                await conn.execute("INSERT INTO service_beat (beat_at) VALUES ($1)", instant)

    async def erase(self, candidate_id: UUID) -> None:
        self.registry.erased.add(candidate_id)
        await self.hear(
            AccountDeleted(revision=9, candidate_id=candidate_id, state=AccountState.DELETED, reason="erased")
        )

    async def put(self, candidate_id: UUID, piece: str, arrived_at: datetime = IN_TIME) -> Stored:
        """An upload whose file passed its checks."""
        attempt = await begin(self.ctx, candidate_id, piece, arrived_at)
        return await store(self.ctx, attempt, received(candidate_id))

    async def complete(self, candidate_id: UUID, arrived_at: datetime = IN_TIME) -> None:
        for piece in PIECES:
            await self.put(candidate_id, piece, arrived_at)

    async def row(self, candidate_id: UUID) -> Candidate:
        async with self.ctx.database.connection() as conn:
            return await rows.read(conn, candidate_id)

    async def facts(self, key: UUID) -> list[Event]:
        """What was said of this key, in order."""
        async with self.ctx.database.connection() as conn:
            found = await conn.fetch("SELECT payload, headers FROM outbox WHERE key = $1 ORDER BY id", key)
        return [
            decode(row["payload"], [(k, v.encode()) for k, v in row["headers"].items()]).event
            for row in found
        ]

    async def names(self, key: UUID) -> list[str]:
        return [type(event).__name__ for event in await self.facts(key)]

    async def verdicts(self, candidate_id: UUID) -> list[Verdict]:
        return [e.verdict for e in await self.facts(candidate_id) if isinstance(e, ChecklistSettled)]

    async def file_states(self, candidate_id: UUID, piece: str) -> list[str]:
        async with self.ctx.database.connection() as conn:
            found = await conn.fetch(
                "SELECT state FROM file WHERE candidate_id = $1 AND piece = $2 ORDER BY arrived_at",
                candidate_id,
                piece,
            )
        return [row["state"] for row in found]


def taken(candidate_id: UUID, of: datetime | None, revision: int = 1) -> MailSent:
    """A mail that was taken: a reminder of this deadline, or another one."""
    return MailSent(
        revision=revision,
        candidate_id=candidate_id,
        mail_id=uuid4(),
        kind="registration_saved" if of is None else "reminder",
        cause=f"a:{candidate_id}:{revision}",
        accepted_at=(of or DEADLINE) - DAY / 2,
        warned_of=of,
    )


def received(candidate_id: UUID, digest: str | None = None) -> Received:
    return Received("scan.pdf", "application/pdf", 1000, digest or uuid4().hex, f"{candidate_id}/{uuid4()}")


def settings(database_url: str, store: str) -> Settings:
    return Settings(
        **ORIGINS,
        service_name="documents",
        service_secret="secret",
        database_url=database_url,
        object_store_url=store,
        shortest_upload_seconds=2,
    )


@asynccontextmanager
async def open_world(database_url: str, folder: Path) -> AsyncIterator[World]:
    """Session 2021 is known; the clock stands in its window."""
    clock = FixedClock(IN_TIME)
    registry = Registry()
    found = settings(database_url, folder.as_uri())
    async with (
        open_context(found, clock=clock) as ctx,
        httpx.AsyncClient(transport=httpx.ASGITransport(registry.app())) as client,
    ):
        world = World(replace(ctx, client=client, peers=Peers(found, client)), clock, registry)
        await world.schedule()
        await world.seen_up_at(datetime(3000, 1, 1, tzinfo=UTC))
        yield world


@dataclass
class Site:
    """The application, with real tokens, as the gateway would show it."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: TokenIssuer
    world: World
    folder: Path

    async def ask(
        self,
        method: str,
        path: str,
        *,
        candidate: UUID | None = None,
        officer: str | None = None,
        role: str = "officer",
        portfolios: tuple[int, ...] = (12,),
        service: str | None = None,
        arrived_at: datetime = IN_TIME,
        **request: Any,
    ) -> httpx.Response:
        headers: dict[str, str] = request.pop("headers", {})
        if candidate is not None:
            headers["X-Identity-Token"] = self.issuer.issue(Identity("candidate", str(candidate)))
        if officer is not None:
            headers["X-Identity-Token"] = self.issuer.issue(Identity("officer", officer, role, portfolios))
        if service is not None:
            token = self.issuer.issue(Identity("service", service), "documents")
            headers["Authorization"] = f"Bearer {token}"
        headers["X-Arrived-At"] = str(int(arrived_at.timestamp() * 1000))
        return await self.client.request(method, path, headers=headers, **request)

    async def upload(
        self, candidate: UUID, content: Any, piece: str = "p2", media_type: str = "", **request: Any
    ) -> httpx.Response:
        return await self.ask(
            "POST",
            f"/api/documents/me/pieces/{piece}/files",
            candidate=candidate,
            content=content,
            headers={"Content-Type": media_type} if media_type else {},
            **request,
        )

    async def review(
        self,
        candidate: UUID,
        act: str,
        piece: str = "p2",
        reason: str = "La date est illisible.",
        seen: str | None = None,
    ) -> httpx.Response:
        """The act of an officer who saw the dossier as it is, or as `seen` (an ETag)."""
        path = f"/api/documents/candidates/{candidate}/pieces/{piece}/{act}"
        seen = seen or await self.etag(candidate)
        return await self.ask("POST", path, officer="o1", json={"reason": reason}, headers={"If-Match": seen})

    async def etag(self, candidate: UUID) -> str:
        """What an officer's look at the dossier names; of somebody unknown, nothing that was ever seen."""
        shown = await self.ask("GET", f"/api/documents/candidates/{candidate}", officer="o1")
        return str(shown.headers.get("ETag", '"0"'))

    async def piece(self, candidate: UUID, piece: str = "p2") -> dict[str, Any]:
        """A piece as its candidate sees it."""
        found = (await self.ask("GET", "/api/documents/me", candidate=candidate)).json()
        return next(one for one in found["pieces"] if one["piece"] == piece)

    def objects(self, candidate: UUID) -> list[Path]:
        folder = self.folder / str(candidate)
        return sorted(folder.iterdir()) if folder.is_dir() else []


async def sweep(world: World, objects: Objects) -> None:
    """Of all that other tests have erased too: one sweep takes a hundred people only."""
    while await Sweeper(world.ctx, objects).sweep():
        pass


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["type"].rsplit(":", 1)[1]


@asynccontextmanager
async def serve(
    database_url: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    inspectors: Inspectors,
    store: str | None = None,
) -> AsyncIterator[Site]:
    """store: the URL of the objects' store; by default `folder`."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    issuer = TokenIssuer(pem.decode())
    keys = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks())))

    class Verifier(TokenVerifier):
        """Has the keys without a network."""

        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, keys)

    monkeypatch.setattr(chassis_http, "TokenVerifier", Verifier)
    app = application(settings(database_url, store or folder.as_uri()))
    async with (
        keys,
        open_world(database_url, folder) as world,
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://public.test") as client,
    ):
        opened = app.state.context
        app.state.context = replace(opened, clock=world.clock, peers=world.ctx.peers)
        app.state.inspectors = inspectors
        app.state.unwritten = Unwritten(app.state.context)
        yield Site(app, client, issuer, world, folder)
        await app.state.unwritten.close()


AFTER_DEADLINE = DEADLINE + DAY
