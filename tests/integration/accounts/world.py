"""One accounts service on a database of its own: its use cases, its outbox, its two applications."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.accounts.apps import http_app, sessions_app
from services.accounts.consumers import on_notifications, on_registration
from services.accounts.domain.links import Kind, Link
from services.accounts.service import Accounts, open_accounts
from services.accounts.settings import AccountsSettings, SessionsSettings
from services.chassis import http as chassis_http
from services.chassis.context import open_context
from services.chassis.database import Connection
from services.chassis.identity import TokenVerifier
from services.chassis.peers import Peers
from services.chassis.settings import Settings
from services.contracts.envelope import Envelope, decode
from services.contracts.events import Calendar, Event, MailSent, SessionScheduled

PASSWORD = "agrafe lune tréteau"
ORIGINS: dict[str, Any] = {
    "public_url": "http://site.test",
    "accounts_url": "http://accounts.test",
    "sessions_url": "http://sessions.test",
    "registration_url": "http://registration.test",
    "documents_url": "http://documents.test",
    "notifications_url": "http://notifications.test",
}
SECRETS = {
    "accounts": "a-secret",
    "notifications": "n-secret",
    "documents": "d-secret",
    "registration": "r-secret",
}


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    async def now(self, conn: Connection) -> datetime:
        return self.instant


@dataclass
class World:
    accounts: Accounts
    clock: FixedClock

    async def schedule(self, calendar: Calendar, revision: int = 1) -> None:
        """Let the service hear of a session."""
        event = SessionScheduled(revision=revision, session_key=uuid4(), calendar=calendar)
        async with self.accounts.database.transaction() as conn:
            await on_registration(conn, envelope(event))

    async def hear_of_mail(self, event: Event) -> None:
        async with self.accounts.database.transaction() as conn:
            await on_notifications(conn, envelope(event))

    async def mail_left(self, candidate_id: UUID, accepted_at: datetime, revision: int = 1) -> None:
        await self.hear_of_mail(mail_sent(candidate_id, accepted_at, revision))

    async def facts(self) -> list[Event]:
        """Everything this service has said, in order."""
        async with self.accounts.database.connection() as conn:
            rows = await conn.fetch("SELECT payload, headers FROM outbox ORDER BY id")
        return [
            decode(row["payload"], [(k, v.encode()) for k, v in row["headers"].items()]).event for row in rows
        ]

    async def names_of_facts(self) -> list[str]:
        return [type(event).__name__ for event in await self.facts()]

    async def only_account(self) -> UUID:
        return UUID(str(await self.value("SELECT id FROM account")))

    async def value(self, statement: str, *arguments: object) -> Any:
        async with self.accounts.database.connection() as conn:
            return await conn.fetchval(statement, *arguments)

    async def somebody_waits(self, transactions: int = 1) -> None:
        """Until so many transactions on this database wait for a lock."""
        waiting = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        for _ in range(1000):
            if await self.value(waiting) >= transactions:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody waited for a lock")

    def token(self, candidate_id: UUID, issue: int = 1, kind: Kind = "activation") -> str:
        return self.accounts.links.token(kind, Link(candidate_id, issue))


def envelope(event: Event) -> Envelope:
    return Envelope(event, uuid4(), datetime.now(UTC))


def mail_sent(
    candidate_id: UUID, accepted_at: datetime, revision: int = 1, kind: str = "activation"
) -> MailSent:
    return MailSent(
        candidate_id=candidate_id,
        revision=revision,
        mail_id=uuid4(),
        kind=kind,
        cause=f"{kind}:{candidate_id}:{revision}",
        accepted_at=accepted_at,
    )


def settings(database_url: str, **changes: Any) -> AccountsSettings:
    values: dict[str, Any] = {
        "service_name": "accounts",
        "service_secret": SECRETS["accounts"],
        "database_url": database_url,
        "activation_key": "k" * 64,
        "activation_key_id": "k1",
        "oidc_issuer": "http://oidc.test",
        "oidc_client_id": "candidat-libre",
        "oidc_client_secret": "secret",
    }
    return AccountsSettings(**ORIGINS | values | changes)


@asynccontextmanager
async def open_world(database_url: str, now: datetime, **changes: Any) -> AsyncIterator[World]:
    clock = FixedClock(now)
    own = settings(database_url, **changes)
    async with open_context(own, clock=clock) as context, open_accounts(context) as accounts:
        yield World(accounts, clock)


class Apart(httpx.ASGITransport):
    """An application as another process is: what it knows of its request is not known to who asks."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await asyncio.create_task(super().handle_async_request(request))


class Site(httpx.AsyncBaseTransport):
    """The gateway's part: each request is first shown to `sessions`, and goes on with the identity it says.

    Hosts other than the site's are the services themselves, as a sister service reaches them.
    """

    def __init__(self, http: Any, sessions: Any) -> None:
        self._accounts = Apart(http)
        self._sessions = Apart(sessions)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        match request.url.host:
            case "sessions.test":
                return await self._sessions.handle_async_request(request)
            case "accounts.test":
                return await self._accounts.handle_async_request(request)
        asked = httpx.Request(
            "GET", "http://sessions.test/internal/authenticate", headers=_without_body(request.headers)
        )
        answer = await self._sessions.handle_async_request(asked)
        request.headers.pop("X-Identity-Token", None)
        if identity := answer.headers.get("X-Identity-Token"):
            request.headers["X-Identity-Token"] = identity
        return await self._accounts.handle_async_request(request)


def _without_body(headers: httpx.Headers) -> httpx.Headers:
    return httpx.Headers([(k, v) for k, v in headers.multi_items() if k not in ("content-length", "host")])


@dataclass
class Served:
    """Both applications, and clients of them."""

    transport: httpx.AsyncBaseTransport
    client: httpx.AsyncClient
    accounts: Accounts

    def peers(self, service: str, secret: str | None = None) -> Peers:
        """As the service `service` reaches accounts."""
        own: dict[str, Any] = {"service_name": service, "service_secret": secret or SECRETS[service]}
        return Peers(Settings(**ORIGINS | own), httpx.AsyncClient(transport=self.transport))


@asynccontextmanager
async def serve(database_url: str, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> AsyncIterator[Served]:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own: dict[str, Any] = {
        "service_name": "accounts",
        "service_secret": SECRETS["accounts"],
        "database_url": database_url,
        "identity_private_key": pem.decode(),
        "service_secrets_sha256": {
            name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in SECRETS.items()
        },
    }
    own |= {"public_url": changes.get("public_url", ORIGINS["public_url"])}
    sessions = sessions_app(SessionsSettings(**ORIGINS | own))

    class Verifier(TokenVerifier):
        """Fetches the keys from the sessions application without a network."""

        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, httpx.AsyncClient(transport=Apart(sessions)))

    monkeypatch.setattr(chassis_http, "TokenVerifier", Verifier)
    http = http_app(settings(database_url, **changes))
    async with AsyncExitStack() as stack:
        for app in (sessions, http):
            await stack.enter_async_context(app.router.lifespan_context(app))
        transport = Site(http, sessions)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url=ORIGINS["public_url"])
        )
        yield Served(transport, client, http.state.accounts)


def open_calendar(calendar: Calendar) -> Calendar:
    """The same session, but now: for what the database's own clock judges."""
    now = datetime.now(UTC)
    return calendar.model_copy(
        update={
            "opens_at": now - timedelta(days=1),
            "closes_at": now + timedelta(days=20),
            "deadline_at": now + timedelta(days=35),
            "ends_at": now + timedelta(days=200),
        }
    )
