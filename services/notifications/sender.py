"""The sender: takes due mails under a lease, sends several at once, and writes down what became of each.

No lock and no transaction is held while the mail server or an owner is asked. The one place where a mail may
leave twice is between the server's 250 and the commit that says so: a process that dies there leaves a leased
row, which is sent again when the lease ends, with the same Message-ID. A server that takes a mail and drops
the connection before its answer has the same effect, and so does one that answers after the attempt's time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter

from services.chassis.context import Context
from services.chassis.failures import is_infrastructure
from services.chassis.telemetry import describe, log
from services.notifications.alarm import Alarm, listening
from services.notifications.attempt import Ending, Failed, Later, Moot, Sent, attempt
from services.notifications.commands.outcome import (
    ClaimedMail,
    claim,
    put_back,
    record_failed,
    record_moot,
    record_sent,
    seconds_to_next,
)
from services.notifications.letters import Writer
from services.notifications.settings import NotificationsSettings

_POLL_SECONDS = 5.0
_SHORTEST_REST_SECONDS = 0.05
_LEASE_MARGIN_SECONDS = 30  # after both halves of an attempt, to write down how it ended
_WRITE_AGAIN_SECONDS = (0.2, 2.0)
_DRAIN_SECONDS = 15

_tracer = trace.get_tracer("services.notifications.sender")

MAILS = Counter("notifications_mails", "Attempts to send a mail, by how they ended", ("kind", "ending"))


class Sender:
    """A part of the worker: `run` until cancelled; mails on their way get 15 s to end."""

    name = "sender"

    def __init__(self, context: Context[NotificationsSettings], writer: Writer) -> None:
        self._context = context
        self._writer = writer
        self._places = context.settings.senders
        self._lease = timedelta(seconds=2 * context.settings.attempt_seconds + _LEASE_MARGIN_SECONDS)
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Raises what the database raises; the worker starts the part again."""
        url = self._context.settings.database_url.get_secret_value()
        async with listening(url, "mail") as alarm:
            try:
                while True:
                    await self._fill(alarm)
                    await alarm.wait(await self._rest())
            finally:
                await self._drain()

    async def _fill(self, alarm: Alarm) -> None:
        """Start as many mails as there are places; claim again until a place or a mail is lacking."""
        while (free := self._places - len(self._under_way)) > 0:
            mails = await claim(self._context.database, free, self._lease)
            for mail in mails:
                task = asyncio.create_task(self._send(mail), name=f"mail {mail.id}")
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
                task.add_done_callback(alarm.ring)
            if len(mails) < free:
                return

    async def _rest(self) -> float:
        if len(self._under_way) >= self._places:
            return _POLL_SECONDS
        seconds = await seconds_to_next(self._context.database)
        return min(_POLL_SECONDS, max(_SHORTEST_REST_SECONDS, _POLL_SECONDS if seconds is None else seconds))

    async def _drain(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_DRAIN_SECONDS)
        for task in self._under_way:
            task.cancel()

    async def _send(self, mail: ClaimedMail) -> None:
        with _span(mail):
            ending = await attempt(self._context, self._writer, mail)
            recorded = await self._written_down(mail, lambda: self._record(mail, ending))
        MAILS.labels(mail.kind, type(ending).__name__.lower()).inc()
        self._report(ending)
        log.info(
            "mail attempted",
            mail=str(mail.id),
            candidate_id=str(mail.candidate_id),
            kind=mail.kind,
            attempts=mail.attempts,
            ending=type(ending).__name__.lower(),
            recorded=recorded,
            status=getattr(ending, "status", None),
            error=getattr(ending, "error", None),
            reason=getattr(ending, "reason", None),
        )

    async def _record(self, mail: ClaimedMail, ending: Ending) -> bool:
        database = self._context.database
        match ending:
            case Sent(at):
                ago = timedelta(seconds=asyncio.get_running_loop().time() - at)
                return await record_sent(database, self._context.clock, mail, ago)
            case Failed(error, status):
                return await record_failed(database, mail, error, status)
            case Moot(reason):
                return await record_moot(database, mail, reason)
            case Later(error, by_server, status):
                return await put_back(database, mail, error, by_server=by_server, status=status)

    async def _written_down(self, mail: ClaimedMail, write: Callable[[], Awaitable[bool]]) -> bool:
        """Write until the database has it: it being away must not make a mail leave twice."""
        wait, longest = _WRITE_AGAIN_SECONDS
        while True:
            try:
                return await write()
            except Exception as error:  # noqa: BLE001 - a defect ends this mail's task, not the sender
                if not is_infrastructure(error):
                    log.error("ending not written down", mail=str(mail.id), **describe(error))
                    return False
            await asyncio.sleep(wait)
            wait = min(wait * 2, longest)

    def _report(self, ending: Ending) -> None:
        """Not ready while the mail server gives no answer at all."""
        away = isinstance(ending, Later) and ending.by_server and ending.status is None
        if away:
            self._context.readiness.report("mail server", getattr(ending, "error", None))
        elif isinstance(ending, Sent | Failed) or (isinstance(ending, Later) and ending.by_server):
            self._context.readiness.report("mail server", None)


def _span(mail: ClaimedMail) -> AbstractContextManager[object]:
    """Goes on with the trace of the event that asked for the mail: one trace from click to mail."""
    carrier = {"traceparent": mail.traceparent} if mail.traceparent else {}
    return _tracer.start_as_current_span(
        f"mail {mail.kind}",
        context=TraceContextTextMapPropagator().extract(carrier),
        record_exception=False,
        set_status_on_exception=False,
    )
