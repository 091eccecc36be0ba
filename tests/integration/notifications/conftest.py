"""A real database, a real mail server that can be told how to answer, and the owners' internal routes.

The owners here are a small application that speaks their contract (`services.contracts.internal`): what this
service asks, and how it takes each answer, is its own business; the owners themselves are met in the stack.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI, HTTPException
from pydantic import SecretStr
from starlette.responses import Response

from services.chassis import http
from services.chassis.clock import DatabaseClock
from services.chassis.context import Context
from services.chassis.database import Connection, Database
from services.chassis.identity import Identity, TokenIssuer, TokenVerifier
from services.chassis.office import load_office
from services.chassis.peers import Peers
from services.chassis.readiness import Readiness
from services.contracts.internal import Contact, Link, MissingPieces, Refusal, ServiceToken, Standing
from services.contracts.stages import Stage
from services.notifications.letters import Writer
from services.notifications.main import application
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.conftest import FreshDatabase
from tests.unit.notifications.samples import CANDIDATE, SITE, standing

ADDRESS = "amina.b@example.org"
Sending = Callable[[], AbstractAsyncContextManager[Sender]]


@dataclass
class MailServer:
    """`answers` are given to the next messages, one each; then 250. `None`: the connection is cut."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    to_answer: list[str | None] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_sender: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    hang: asyncio.Event | None = None
    hang_at_goodbye: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_sender:
            return self.to_sender.pop(0)
        envelope.mail_from = address
        self.senders.append(address)
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hang_at_goodbye:
            await asyncio.sleep(3)
        return "221 Bye"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        answer = self.to_answer.pop(0) if self.to_answer else "250 OK"
        if answer is None or answer.startswith("2"):
            self.received.append(message_from_bytes(content, policy=policy.default))
        self.arrived.set()
        if self.hang is not None:
            await self.hang.wait()
        if answer is None:
            assert server.transport is not None
            server.transport.close()
            return "250 never heard"
        return answer


@dataclass
class Owners:
    """What the owners answer. `away`: they fail. `gone`: the account is erased; `erased`: so is all else.
    `forgotten`: the account is of after the backup that its database was restored from.

    deadline_at: ahead, unless a test says that it has passed.
    """

    stage: Stage = Stage.REGISTERED
    deadline_at: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=10))
    version: int = 2
    missing: tuple[str, ...] | None = ()
    refusal: Refusal | None = None
    heard: int | None = None
    """The version that `documents` knows; None: the one in force."""
    confirmation: bytes = b"%PDF-1.7 drawn now"
    saving: int | None = None
    """A version saved after the standing was told and before the confirmation is asked for."""
    activated: bool = False
    gone: bool = False
    erased: bool = False
    forgotten: bool = False
    away: bool = False
    farewells: bool = True
    asked: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/internal/token")
        async def token() -> ServiceToken:
            self._answer("token")
            return ServiceToken(access_token="token", expires_in=60)

        @app.get("/internal/candidates/{candidate_id}/contact")
        async def contact(candidate_id: UUID, farewell: bool = False) -> Contact:
            self._answer("contact")
            if self.forgotten:
                raise HTTPException(404)
            if self.gone and not (farewell and self.farewells):
                raise HTTPException(410)
            return Contact(email=ADDRESS)

        @app.get("/internal/candidates/{candidate_id}/activation-link")
        async def activation_link(candidate_id: UUID, issue: int) -> Link:
            self._answer("activation-link")
            if self.activated:
                raise HTTPException(410)
            return Link(url=f"{SITE}/compte/activation?lien=k1.{candidate_id}.{issue}.mac")

        @app.get("/internal/candidates/{candidate_id}/password-reset-link")
        async def password_reset_link(candidate_id: UUID, issue: int) -> Link:
            self._answer("password-reset-link")
            return Link(url=f"{SITE}/compte/mot-de-passe?lien=k1.{candidate_id}.{issue}.mac")

        @app.get("/internal/candidates/{candidate_id}/standing")
        async def read_standing(candidate_id: UUID) -> Standing:
            self._answer("standing")
            found = standing(self.stage, version=self.version)
            return found.model_copy(update={"deadline_at": self.deadline_at})

        @app.get("/internal/candidates/{candidate_id}/versions/{version}/confirmation.pdf")
        async def confirmation(candidate_id: UUID, version: int) -> Response:
            self._answer("confirmation")
            if self.saving is not None:
                self.version, self.saving = self.saving, None
            if version != self.version:
                raise HTTPException(404)
            return Response(self.confirmation, media_type="application/pdf")

        @app.get("/internal/candidates/{candidate_id}/missing-pieces")
        async def missing_pieces(candidate_id: UUID) -> MissingPieces:
            self._answer("missing-pieces")
            if self.missing is None:
                raise HTTPException(404)
            heard = self.version if self.heard is None else self.heard
            return MissingPieces(registration_version=heard, titles=self.missing)

        @app.get("/internal/candidates/{candidate_id}/reviews/{review_id}")
        async def review(candidate_id: UUID, review_id: UUID) -> Refusal:
            self._answer("review")
            if self.refusal is None:
                raise HTTPException(404)
            return self.refusal

        return app

    def _answer(self, route: str) -> None:
        self.asked.append(route)
        if self.away:
            raise HTTPException(503)
        if self.erased and route != "token":
            raise HTTPException(410)


@pytest.fixture(scope="package")
async def database_url(fresh_database: FreshDatabase) -> str:
    return await fresh_database("notifications")


@pytest.fixture(scope="package")
async def pool(database_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def database(pool: Database) -> Database:
    """Empty."""
    async with pool.transaction() as conn:
        await conn.execute(
            "TRUNCATE candidate, tombstone, exam_session, mail, mail_act, outbox, inbox, quarantine"
        )
    return pool


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    found = MailServer()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(found, enable_SMTPUTF8=True, loop=loop, hostname="mail.test"), "127.0.0.1", 0
    )
    found.port = listening.sockets[0].getsockname()[1]
    yield found
    listening.close()
    if found.hang is not None:
        found.hang.set()
    await asyncio.sleep(0)


@pytest.fixture
def owners() -> Owners:
    return Owners()


def settings_for(database_url: str, port: int, **more: Any) -> NotificationsSettings:
    return NotificationsSettings(
        service_name="notifications",
        service_secret=SecretStr("secret"),
        database_url=SecretStr(database_url),
        public_url=SITE,
        accounts_url="http://accounts",
        sessions_url="http://sessions",
        registration_url="http://registration",
        documents_url="http://documents",
        notifications_url="http://notifications",
        smtp_port=port,
        mail_from="Bureau <bureau@academie.example>",
        **more,
    )


@pytest.fixture
async def context(
    database: Database, database_url: str, mail_server: MailServer, owners: Owners
) -> AsyncIterator[Context[NotificationsSettings]]:
    settings = settings_for(database_url, mail_server.port, attempt_seconds=2)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(owners.app())) as client:
        yield Context(
            settings=settings,
            database=database,
            peers=Peers(settings, client),
            client=client,
            readiness=Readiness(),
            clock=DatabaseClock(),
        )


@pytest.fixture
def sending(context: Context[NotificationsSettings]) -> Sending:
    """`async with sending():` a sender works."""

    @asynccontextmanager
    async def work() -> AsyncIterator[Sender]:
        sender = Sender(context, Writer(load_office(), SITE))
        task = asyncio.create_task(sender.run())
        try:
            yield sender
        finally:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()):
                raise error

    return work


async def rows(conn: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in await conn.fetch("SELECT * FROM mail ORDER BY created_at, id")]


async def until_ended(database: Database, count: int = 1, seconds: float = 8) -> list[dict[str, Any]]:
    """The mails, once `count` of them have ended."""
    async with asyncio.timeout(seconds):
        while True:
            async with database.connection() as conn:
                found = await rows(conn)
            if sum(row["ended_at"] is not None for row in found) >= count:
                return found
            await asyncio.sleep(0.01)


@pytest.fixture(scope="package")
def issuer() -> TokenIssuer:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return TokenIssuer(pem.decode())


@pytest.fixture
async def site(
    issuer: TokenIssuer, context: Context[NotificationsSettings], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    keys = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks())))

    class Verifier(TokenVerifier):
        def __init__(self, url: str, _: httpx.AsyncClient) -> None:
            super().__init__(url, keys)

    monkeypatch.setattr(http, "TokenVerifier", Verifier)
    app = application(context.settings)
    app.state.context = context
    transport = httpx.ASGITransport(app)
    async with keys, httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        yield client


def headers(issuer: TokenIssuer, who: Identity) -> dict[str, str]:
    return {"X-Identity-Token": issuer.issue(who)}


def a_candidate(candidate_id: UUID = CANDIDATE) -> Identity:
    return Identity("candidate", str(candidate_id))
