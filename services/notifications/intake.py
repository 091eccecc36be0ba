"""Where returned mails come in: a small SMTP server, for the mail server that ours are handed to.

It takes mail for the sealed addresses and the plain one alone, keeps none of it, and answers 250 only when
what a report says is written down, so that a database that is away loses none: the mail server tries again.
"""

import asyncio
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from prometheus_client import Counter

from services.chassis.context import Context
from services.chassis.telemetry import describe, log
from services.notifications.commands.bounce import Named, Noted, note_report
from services.notifications.report import read
from services.notifications.return_path import is_ours, mail_of
from services.notifications.settings import NotificationsSettings

_MOST_BYTES = 2 * 1024 * 1024
_MOST_CONNECTIONS = 16
_IDLE_SECONDS = 60
_GOODBYE_SECONDS = 5
_TAKEN = "250 2.0.0 noted"
_LATER = "451 4.3.0 try again later"

RETURNED = Counter("notifications_returned", "Returned mails, by what was noted of them", ("noted",))


class Intake:
    """A part of the worker: `run` until cancelled. Off without a port."""

    name = "bounces"

    def __init__(self, context: Context[NotificationsSettings]) -> None:
        self._context = context
        self._open: set[_Conversation] = set()
        self._working = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        settings = self._context.settings
        if not settings.bounce_port:
            await asyncio.Event().wait()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _Conversation(self, self._open), settings.bounce_host, settings.bounce_port
        )
        log.info("returned mails are taken", port=settings.bounce_port)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()
            await self._drain()

    async def _drain(self) -> None:
        """What is not answered with 250 comes again; what is being written may end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self._idle.wait()
        for conversation in list(self._open):
            conversation.hang_up()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not is_ours(self._context.settings, address):
            return "550 5.1.1 only returned mails are taken here"
        if envelope.rcpt_tos:
            return "452 4.5.3 one at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._working += 1
        self._idle.clear()
        try:
            noted = await self._note(envelope)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server keeps the report
            log.warning("returned mail not noted", **describe(error))
            return _LATER
        finally:
            self._working -= 1
            if not self._working:
                self._idle.set()
        RETURNED.labels(noted.name.lower()).inc()
        return _LATER if noted is Noted.EARLY else _TAKEN

    async def handle_exception(self, error: Exception) -> str:
        log.warning("conversation about a returned mail failed", **describe(error))
        return _LATER

    async def _note(self, envelope: Envelope) -> Noted:
        content = envelope.content
        report = await asyncio.to_thread(read, content) if isinstance(content, bytes) else None
        if report is None:
            return Noted.NOTHING
        named = Named(mail_of(self._context.settings, envelope.rcpt_tos[0]), report.message_id)
        noted = await note_report(self._context.database, named, report)
        log.info(
            "mail returned",
            mail=str(named.mail_id),
            fate=report.fate.value,
            code=report.code,
            noted=noted.name,
        )
        return noted


class _Conversation(SMTP):
    """One connection; there are never more than a few."""

    def __init__(self, intake: Intake, others: "set[_Conversation]") -> None:
        super().__init__(
            intake,
            data_size_limit=_MOST_BYTES,
            enable_SMTPUTF8=True,
            ident="candidat-libre",
            timeout=_IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )
        self._others = others
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        if len(self._others) >= _MOST_CONNECTIONS:
            transport.abort()
            return
        self._wire = transport
        self._others.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._wire is not None:
            self._others.discard(self)
            super().connection_lost(error)

    def hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()
