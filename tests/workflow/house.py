"""The whole house for one test: the three real owners on PostgreSQL, their applications, workers and clocks.

Real: databases, commands, statements, outboxes, inboxes, consumers' handlers, the bridge's function, HTTP
applications with signed tokens, activities, workflows, the session's calendar of 2021. Replaced: Kafka (by
`pump`), the owners' clock (it follows the skipped time), the sender and its mail server (an activation mail
or a reminder is taken at once) and the gateway (a test says who asks and when the request arrived).
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from services.accounts import activities as accounts_activities
from services.accounts import apps as accounts_apps
from services.accounts import consumers as accounts_consumers
from services.accounts.service import Accounts
from services.accounts.settings import AccountsSettings, SessionsSettings
from services.chassis import http as chassis_http
from services.chassis.context import Context
from services.chassis.database import Connection, Database
from services.chassis.identity import Identity, TokenIssuer, TokenVerifier
from services.chassis.peers import Peers
from services.contracts.envelope import Envelope
from services.contracts.events import AccountCreated, CandidateEvent, MailSent, ReminderDue
from services.contracts.topics import ACCOUNTS, DOCUMENTS, NOTIFICATIONS, REGISTRATION
from services.documents import main as documents_main
from services.documents.activities import Activities as DocumentsActivities
from services.documents.consumers import Hearing
from services.documents.settings import Settings as DocumentsSettings
from services.registration import consumers as registration_consumers
from services.registration import main as registration_main
from services.registration.activities import Activities as RegistrationActivities
from services.registration.commands.sessions import install
from services.registration.configuration import DATA, calendar
from services.registration.settings import Settings as RegistrationSettings
from tests.conftest import FreshDatabase
from tests.workflow.pump import Pump, PumpAfterActivity, Subscriber, envelope_of
from tests.workflow.timekeeping import Timeline
from workflows.bridge import carry
from workflows.names import closing_id, life_id
from workflows.session import SessionClosing
from workflows.shapes import Progress
from workflows.worker import workflow_worker

SERVICES = ("accounts", "registration", "documents")
SECRETS = {name: f"{name}-secret" for name in SERVICES}
_ORIGINS: dict[str, Any] = {
    f"{name}_url": f"http://{name}.test"
    for name in ("public", "accounts", "sessions", "registration", "documents", "notifications")
}


class FollowingClock:
    """The owners' clock: it follows the time the test skips through."""

    def __init__(self, time: Timeline) -> None:
        self._time = time

    async def now(self, conn: Connection) -> datetime:
        return await self._time.now()


class Switchboard(httpx.AsyncBaseTransport):
    """Reaches each application by its host name, without a network."""

    def __init__(self) -> None:
        self.apps: dict[str, httpx.ASGITransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.apps[request.url.host].handle_async_request(request)


@dataclass
class House:
    client: Client
    time: Timeline
    pump: Pump
    accounts: Accounts
    registration: Context[RegistrationSettings]
    documents: Context[DocumentsSettings]
    issuer: TokenIssuer
    web: httpx.AsyncClient

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        who: Identity | None = None,
        arrived_at: datetime | None = None,
        **request: Any,
    ) -> httpx.Response:
        """A request as the gateway hands it on; what it says is carried before this returns."""
        headers: dict[str, str] = request.pop("headers", {})
        instant = arrived_at or await self.time.now()
        headers["X-Arrived-At"] = str(round(instant.timestamp() * 1000))
        if who is not None:
            headers["X-Identity-Token"] = self.issuer.issue(who)
        url = f"http://{service}.test/api/{service}{path}"
        response = await self.web.request(method, url, headers=headers, **request)
        await self.pump.drain()
        return response

    @property
    def closing(self) -> WorkflowHandle[SessionClosing, Progress]:
        return self.client.get_workflow_handle_for(SessionClosing.run, closing_id("2021"))

    async def stage(self, candidate_id: UUID) -> str:
        async with self.registration.database.connection() as conn:
            found = await conn.fetchval("SELECT stage FROM candidature WHERE candidate_id = $1", candidate_id)
        return str(found)

    async def sleep_until(self, instant: datetime) -> None:
        """Skip time; what falls due before `instant` is decided and carried."""
        await self.time.sleep_until(instant)
        await self.pump.drain()


@asynccontextmanager
async def open_house(
    env: WorkflowEnvironment,
    fresh_database: FreshDatabase,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    starts_at: datetime,
) -> AsyncIterator[House]:
    """Session 2021 is installed at `starts_at`, and its closing runs."""
    time = await Timeline.starting_at(env, starts_at)
    urls = {name: await fresh_database(name) for name in SERVICES}
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    async with AsyncExitStack() as stack:
        house = await _furnish(stack, env.client, time, urls, pem.decode(), monkeypatch, folder)
        await _seen_up(house.documents.database)
        await _man(stack, house)
        stack.push_async_callback(_end_workflows, house)
        await install(house.registration, calendar(DATA / "session-2021.toml"))
        await house.pump.drain()
        yield house
        assert house.pump.errors == []


async def _furnish(
    stack: AsyncExitStack,
    client: Client,
    time: Timeline,
    urls: dict[str, str],
    pem: str,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> House:
    switchboard = Switchboard()
    web = await stack.enter_async_context(httpx.AsyncClient(transport=switchboard, timeout=60))

    class Verifier(TokenVerifier):
        """Fetches the keys from the sessions application without a network."""

        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, web)

    monkeypatch.setattr(chassis_http, "TokenVerifier", Verifier)
    apps: dict[str, Any] = {
        "sessions": accounts_apps.sessions_app(
            SessionsSettings(
                **_common("accounts", urls),
                identity_private_key=pem,
                service_secrets_sha256={
                    name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in SECRETS.items()
                },
            )
        ),
        "accounts": accounts_apps.http_app(
            AccountsSettings(
                **_common("accounts", urls),
                activation_key="k" * 64,
                activation_key_id="k1",
                oidc_issuer="http://oidc.test",
                oidc_client_id="candidat-libre",
                oidc_client_secret="secret",
            )
        ),
        "registration": registration_main.application(RegistrationSettings(**_common("registration", urls))),
        "documents": documents_main.application(
            DocumentsSettings(**_common("documents", urls), object_store_url=folder.as_uri())
        ),
    }
    clock = FollowingClock(time)
    for name, app in apps.items():
        await stack.enter_async_context(app.router.lifespan_context(app))
        switchboard.apps[f"{name}.test"] = httpx.ASGITransport(app)
        opened: Context[Any] = app.state.context
        app.state.context = replace(opened, clock=clock, client=web, peers=Peers(opened.settings, web))
    accounts = replace(apps["accounts"].state.accounts, clock=clock)
    apps["accounts"].state.accounts = accounts
    documents = apps["documents"].state
    databases = {name: apps[name].state.context.database for name in SERVICES}
    return House(
        client=client,
        time=time,
        pump=Pump(databases),
        accounts=accounts,
        registration=apps["registration"].state.context,
        documents=documents.context,
        issuer=TokenIssuer(pem),
        web=web,
    )


def _common(service: str, urls: dict[str, str]) -> dict[str, Any]:
    own = {"service_name": service, "service_secret": SECRETS[service], "database_url": urls[service]}
    return _ORIGINS | own


async def _seen_up(documents: Database) -> None:
    """No gateway stands before this house, so nothing looks at it from outside: taken as always up."""
    async with documents.connection() as conn:
        await conn.execute("INSERT INTO service_beat (beat_at) VALUES ('3000-01-01Z')")


async def _man(stack: AsyncExitStack, house: House) -> None:
    """Consumers, bridge and workers."""
    house.pump.subscribers = [_bridge(house), *_consumers(house), _postman(house)]
    queues: dict[str, Sequence[Any]] = {
        accounts_activities.TASK_QUEUE: accounts_activities.activities(house.accounts),
        **RegistrationActivities(house.registration).queues(),
        **DocumentsActivities(house.documents).queues(),
    }
    for queue, activities in queues.items():
        worker = Worker(
            house.client,
            task_queue=queue,
            activities=list(activities),
            interceptors=[PumpAfterActivity(house.pump)],
        )
        await stack.enter_async_context(worker)
    await stack.enter_async_context(workflow_worker(house.client))


def _bridge(house: House) -> Subscriber:
    async def take_in(envelope: Envelope) -> None:
        await carry(house.client, envelope)

    topics = frozenset({ACCOUNTS.name, REGISTRATION.name, DOCUMENTS.name})
    return Subscriber("bridge", topics, take_in)


def _consumers(house: House) -> list[Subscriber]:
    registration, documents = house.registration, house.documents
    hearing = Hearing(documents)

    async def from_accounts(conn: Connection, envelope: Envelope) -> None:
        await registration_consumers.from_accounts(conn, envelope, registration.clock)

    async def from_documents(conn: Connection, envelope: Envelope) -> None:
        await registration_consumers.from_documents(conn, envelope, registration.clock)

    own = accounts_consumers
    subscriptions: list[tuple[str, Any, Database, Any]] = [
        ("accounts.registration", REGISTRATION, house.accounts.database, own.on_registration),
        ("registration.accounts", ACCOUNTS, registration.database, from_accounts),
        ("registration.documents", DOCUMENTS, registration.database, from_documents),
        ("documents.registration", REGISTRATION, documents.database, hearing.from_registration),
        ("documents.accounts", ACCOUNTS, documents.database, hearing.from_accounts),
    ]
    return [Subscriber.of_service(*subscription) for subscription in subscriptions]


def _postman(house: House) -> Subscriber:
    """The mail server takes the activation mail and every reminder as soon as they are asked for."""
    accounts = Subscriber.of_service(
        "accounts.notifications",
        NOTIFICATIONS,
        house.accounts.database,
        accounts_consumers.on_notifications,
    )
    documents = Subscriber.of_service(
        "documents.notifications",
        NOTIFICATIONS,
        house.documents.database,
        Hearing(house.documents).from_notifications,
    )

    async def take_in(envelope: Envelope) -> None:
        match envelope.event:
            case AccountCreated() as event:
                sent = await _taken(house, event, "activation", str(event.issue))
                await accounts.take_in(envelope_of(sent))
            case ReminderDue() as event:
                about = f"{event.kind}:{event.deadline_at.isoformat()}"
                sent = await _taken(house, event, "reminder", about, warned_of=event.deadline_at)
                await documents.take_in(envelope_of(sent))

    return Subscriber("postman", frozenset({ACCOUNTS.name, DOCUMENTS.name}), take_in)


async def _taken(
    house: House, event: CandidateEvent, kind: str, about: str, *, warned_of: datetime | None = None
) -> MailSent:
    return MailSent(
        revision=1,
        candidate_id=event.candidate_id,
        mail_id=uuid4(),
        kind=kind,
        cause=f"{kind}:{event.candidate_id}:{about}",
        accepted_at=await house.time.now(),
        warned_of=warned_of,
    )


async def _end_workflows(house: House) -> None:
    """What still runs must not answer to the next test's time."""
    ids = {life_id(event.key) for event in house.pump.facts} | {closing_id("2021")}
    for workflow_id in ids:
        with suppress(RPCError):
            await house.client.get_workflow_handle(workflow_id).terminate()
