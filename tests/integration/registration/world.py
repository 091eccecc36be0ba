"""One registration service on a database of its own: its use cases, its consumers, its application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.demo.forms import valid_form
from services.chassis import http as chassis_http
from services.chassis.context import Context, open_context
from services.chassis.database import Connection
from services.chassis.identity import Identity, TokenIssuer, TokenVerifier
from services.chassis.peers import Peers
from services.contracts.envelope import Envelope, decode
from services.contracts.events import (
    AccountActivated,
    AccountCreated,
    AccountDeleted,
    ChecklistReopened,
    ChecklistSettled,
    DocumentRejected,
    Event,
)
from services.contracts.internal import Progress
from services.contracts.stages import AccountState, Stage, Verdict
from services.registration.commands.save import Saved, save
from services.registration.commands.sessions import install
from services.registration.configuration import DATA, calendar
from services.registration.consumers import from_accounts, from_documents
from services.registration.domain.candidature import Candidature
from services.registration.domain.form import Form
from services.registration.main import application
from services.registration.queries import read_candidature
from services.registration.settings import Settings
from tests.unit.registration.rows import CLOSES, DEADLINE, GRACE

CALENDAR = calendar(DATA / "session-2021.toml")
IN_TIME = datetime(2020, 11, 12, 9, tzinfo=UTC)
AFTER_CLOSE = CLOSES + GRACE
AFTER_DEADLINE = DEADLINE + GRACE
DIRECTION: dict[str, Literal["head", "deputy"]] = {"chef": "head", "adjoint": "deputy"}
ORIGINS: dict[str, Any] = {
    "service_name": "registration",
    "service_secret": "secret",
    "public_url": "http://site.test",
    "accounts_url": "http://accounts.test",
    "sessions_url": "http://sessions.test",
    "registration_url": "http://registration.test",
    "documents_url": "http://documents.test",
    "notifications_url": "http://notifications.test",
}


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    async def now(self, conn: Connection) -> datetime:
        return self.instant


def settings(database_url: str) -> Settings:
    return Settings(**ORIGINS, database_url=database_url)


def envelope(event: Event) -> Envelope:
    return Envelope(event, uuid4(), datetime.now(UTC))


@dataclass
class World:
    """What tests do to the service and what they see of it."""

    ctx: Context[Settings]
    clock: FixedClock

    async def save(
        self, candidate_id: UUID, *, arrived_at: datetime = IN_TIME, version: int = 0, **form: Any
    ) -> Saved:
        return await save(
            self.ctx,
            candidate_id,
            Form.model_validate(valid_form(**form)),
            arrived_at=arrived_at,
            expected_version=version,
        )

    async def saved(self, **form: Any) -> UUID:
        """A new candidate with version 1."""
        candidate_id = uuid4()
        await self.save(candidate_id, **form)
        return candidate_id

    async def activated(self) -> UUID:
        """A new candidate whose account is activated and who has saved nothing."""
        candidate_id = uuid4()
        await self.hear_account(created(candidate_id))
        await self.hear_account(activated(candidate_id))
        return candidate_id

    async def hear_account(self, event: Event) -> None:
        async with self.ctx.database.transaction() as conn:
            await from_accounts(conn, envelope(event), self.clock)

    async def hear_documents(self, event: Event) -> None:
        async with self.ctx.database.transaction() as conn:
            await from_documents(conn, envelope(event), self.clock)

    async def row(self, candidate_id: UUID) -> Candidature:
        async with self.ctx.database.connection() as conn:
            return await read_candidature(conn, candidate_id)

    async def stage(self, candidate_id: UUID) -> Stage:
        return (await self.row(candidate_id)).stage

    async def facts(self, key: UUID) -> list[Event]:
        """What was said of this key, in order."""
        async with self.ctx.database.connection() as conn:
            rows = await conn.fetch("SELECT payload, headers FROM outbox WHERE key = $1 ORDER BY id", key)
        return [
            decode(row["payload"], [(k, v.encode()) for k, v in row["headers"].items()]).event for row in rows
        ]

    async def names(self, key: UUID) -> list[str]:
        return [type(event).__name__ for event in await self.facts(key)]

    async def acts(self, candidate_id: UUID) -> list[str]:
        """The journal's acts, in order."""
        async with self.ctx.database.connection() as conn:
            rows = await conn.fetch(
                "SELECT act FROM journal WHERE candidate_id = $1 ORDER BY id", candidate_id
            )
        return [row["act"] for row in rows]

    async def value(self, statement: str, *arguments: object) -> Any:
        async with self.ctx.database.connection() as conn:
            return await conn.fetchval(statement, *arguments)


def created(candidate_id: UUID, revision: int = 1) -> AccountCreated:
    return AccountCreated(
        candidate_id=candidate_id,
        revision=revision,
        state=AccountState.AWAITING_ACTIVATION,
        session_id="2021",
    )


def activated(candidate_id: UUID, revision: int = 2) -> AccountActivated:
    return AccountActivated(
        candidate_id=candidate_id, revision=revision, state=AccountState.ACTIVATED, session_id="2021"
    )


def deleted(candidate_id: UUID, revision: int = 3) -> AccountDeleted:
    return AccountDeleted(
        candidate_id=candidate_id, revision=revision, state=AccountState.DELETED, reason="erased"
    )


def settled(candidate_id: UUID, verdict: Verdict, evidence_rev: int = 1, **changes: Any) -> ChecklistSettled:
    values: dict[str, Any] = {
        "candidate_id": candidate_id,
        "revision": evidence_rev + 10,
        "state": "complete" if verdict is Verdict.COMPLETE else "incomplete",
        "registration_version": 1,
        "evidence_rev": evidence_rev,
        "session_id": "2021",
        "deadline_at": DEADLINE,
        "verdict": verdict,
    }
    return ChecklistSettled(**(values | changes))


def rejected(candidate_id: UUID, deadline_at: datetime | None) -> DocumentRejected:
    return DocumentRejected(
        candidate_id=candidate_id,
        revision=5,
        state="incomplete",
        registration_version=1,
        evidence_rev=2,
        review_id=uuid4(),
        deadline_at=deadline_at,
    )


def reopened(candidate_id: UUID, evidence_rev: int) -> ChecklistReopened:
    return ChecklistReopened(
        candidate_id=candidate_id,
        revision=evidence_rev + 10,
        state="incomplete",
        registration_version=1,
        evidence_rev=evidence_rev,
    )


@asynccontextmanager
async def open_world(database_url: str, now: datetime = IN_TIME) -> AsyncIterator[World]:
    """Session 2021 is installed; the clock stands in its window."""
    clock = FixedClock(now)
    async with open_context(settings(database_url), clock=clock) as ctx:
        await install(ctx, CALENDAR)
        yield World(ctx, clock)


@dataclass
class Site:
    """The application, with real tokens, as the gateway would show it."""

    client: httpx.AsyncClient
    issuer: TokenIssuer
    world: World

    async def ask(
        self,
        method: str,
        path: str,
        *,
        candidate: UUID | None = None,
        officer: str | None = None,
        service: str | None = None,
        arrived_at: datetime | None = None,
        **request: Any,
    ) -> httpx.Response:
        headers: dict[str, str] = request.pop("headers", {})
        if candidate is not None:
            headers["X-Identity-Token"] = self.issuer.issue(Identity("candidate", str(candidate)))
        if officer is not None:
            role = DIRECTION.get(officer, "officer")
            headers["X-Identity-Token"] = self.issuer.issue(Identity("officer", officer, role, (12,)))
        if service is not None:
            token = self.issuer.issue(Identity("service", service), "registration")
            headers["Authorization"] = f"Bearer {token}"
        instant = arrived_at or self.world.clock.instant
        headers["X-Arrived-At"] = str(int(instant.timestamp() * 1000))
        return await self.client.request(method, path, headers=headers, **request)

    async def put_form(
        self, candidate: UUID, form: dict[str, Any] | None = None, *, version: int = 0, **request: Any
    ) -> httpx.Response:
        condition = {"If-Match": f'"{version}"'} if version else {"If-None-Match": "*"}
        return await self.ask(
            "PUT",
            "/api/registration/me/form",
            candidate=candidate,
            headers=condition,
            json=form or valid_form(),
            **request,
        )


def documents_say(monkeypatch: pytest.MonkeyPatch, told: Progress | None) -> None:
    """What `documents` answers about the pieces; None: it is away."""

    async def get(_peers: Peers, service: str, _path: str, shape: type[Progress]) -> Progress:
        assert (service, shape) == ("documents", Progress)
        if told is None:
            raise httpx.ConnectError("away")
        return told

    monkeypatch.setattr(Peers, "get", get)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["type"].rsplit(":", 1)[1]


@asynccontextmanager
async def serve(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    issuer = TokenIssuer(pem.decode())
    keys = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks())))

    class Verifier(TokenVerifier):
        """Has the keys without a network."""

        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, keys)

    monkeypatch.setattr(chassis_http, "TokenVerifier", Verifier)
    app = application(settings(database_url))
    async with (
        keys,
        open_world(database_url) as world,
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGINS["public_url"]) as client,
    ):
        app.state.context = replace(app.state.context, clock=world.clock)
        yield Site(client, issuer, world)
