"""The sender: takes due mails under a lease, sends several at once, and writes down what became of each.

No lock and no transaction is held while the mail server or an owner is asked. The one place where a mail may
leave twice is between the server's 250 and the commit that says so: a process that dies there leaves a leased
row, which is sent again when the lease ends, with the same Message-ID. A server that takes a mail and drops
the connection before its answer has the same effect, and so does one that answers after the attempt's time,
a process that is frozen while it hands over, and one that alone is cut off from the database until its lease
is over.

A database that is away from everybody doubles nothing, however long: what ended and is not written down stays
in hand and is tried again until the process has to go, what is in hand is never claimed, and after an
interruption nobody inherits a lease before those who were sending had the time to write.

A process that has to go hands no mail over any more, and waits for those that it is handing over as long as
the server has for its answer.
"""

import asyncio
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import NoReturn
from uuid import UUID

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter

from services.chassis.context import Context
from services.chassis.failpoints import Failpoint, reach
from services.chassis.failures import is_infrastructure
from services.chassis.telemetry import describe, log
from services.notifications.alarm import Alarm, listening
from services.notifications.attempt import Early, Ending, Failed, Later, Moot, Sent, attempt
from services.notifications.commands.outcome import (
    ClaimedMail,
    claim,
    put_back,
    record_failed,
    record_moot,
    record_sent,
    seconds_to_next,
    wait_until,
)
from services.notifications.letters import Writer
from services.notifications.mail_server import MailServer
from services.notifications.settings import NotificationsSettings

_POLL_SECONDS = 5.0
_SHORTEST_REST_SECONDS = 0.05
_LEASE_MARGIN_SECONDS = 30  # after both halves of an attempt, to write down how it ended
_WRITE_AGAIN_SECONDS = (0.2, 2.0)
_WRITE_AGAIN_AFTER_DEFECT_SECONDS = 30.0
_WORK_AGAIN_SECONDS = 1.0

_tracer = trace.get_tracer("services.notifications.sender")

MAILS = Counter("notifications_mails", "Attempts to send a mail, by how they ended", ("kind", "ending"))


class Sender:
    """A part of the worker: `run` until cancelled; mails on their way get the time that the process has.

    lease: how long a mail is this sender's alone; by default an attempt's longest time and a margin.
    """

    name = "sender"

    def __init__(
        self, context: Context[NotificationsSettings], writer: Writer, *, lease: timedelta | None = None
    ) -> None:
        self.mail_server = MailServer(context.readiness)
        self._context = context
        self._writer = writer
        self._places = context.settings.senders
        longest = timedelta(seconds=2 * context.settings.attempt_seconds + _LEASE_MARGIN_SECONDS)
        self._lease = longest if lease is None else lease
        self._in_hand: dict[UUID, asyncio.Task[None]] = {}
        self._alarm: Alarm | None = None
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. Whatever interrupts the work, the mails under way go on to their end."""
        try:
            while True:
                try:
                    await self._work()
                except Exception as error:  # noqa: BLE001 - the mails in hand must not be lost with it
                    self._context.readiness.report(self.name, type(error).__name__)
                    log.error("sender interrupted, starting again", **describe(error))
                await asyncio.sleep(_WORK_AGAIN_SECONDS)
        finally:
            await self._drain()

    async def _work(self) -> None:
        url = self._context.settings.database_url.get_secret_value()
        async with listening(url, "mail") as alarm:
            self._alarm = alarm
            self._context.readiness.report(self.name, None)
            try:
                await self._send_what_is_due(alarm)
            except asyncio.CancelledError:
                self._ending.set()  # before the listener's goodbye, which takes time where the database hangs
                raise

    async def _send_what_is_due(self, alarm: Alarm) -> NoReturn:
        inherit_at = asyncio.get_running_loop().time() + self._context.settings.inherit_after_seconds
        while True:
            inherit = asyncio.get_running_loop().time() >= inherit_at
            await self._fill(inherit=inherit)
            await alarm.wait(await self._rest(inherit=inherit))

    async def _fill(self, *, inherit: bool) -> None:
        """Start as many mails as there are places; claim again until a place or a mail is lacking."""
        while (free := self._places - len(self._in_hand)) > 0:
            lease_ends = asyncio.get_running_loop().time() + self._lease.total_seconds()
            mails = await claim(
                self._context.database, free, self._lease, in_hand=self._in_hand, inherit=inherit
            )
            for mail in mails:
                task = asyncio.create_task(self._send(mail, lease_ends), name=f"mail {mail.id}")
                self._in_hand[mail.id] = task
                task.add_done_callback(partial(self._let_go, mail.id))
            if len(mails) < free:
                return

    def _let_go(self, mail_id: UUID, _: asyncio.Task[None]) -> None:
        del self._in_hand[mail_id]
        if self._alarm is not None:
            self._alarm.ring()

    async def _rest(self, *, inherit: bool) -> float:
        if len(self._in_hand) >= self._places:
            return _POLL_SECONDS
        seconds = await seconds_to_next(self._context.database, in_hand=self._in_hand, inherit=inherit)
        return min(_POLL_SECONDS, max(_SHORTEST_REST_SECONDS, _POLL_SECONDS if seconds is None else seconds))

    async def _drain(self) -> None:
        """The process has to go: what is not written down after this may leave again."""
        self._ending.set()
        if self._in_hand:
            await asyncio.wait(self._in_hand.values(), timeout=self._context.settings.mails_end_seconds)
        for task in self._in_hand.values():
            task.cancel()

    async def _send(self, mail: ClaimedMail, lease_ends: float) -> None:
        with _span(mail):
            reach(Failpoint.MAIL_BEFORE_SMTP)
            ending = await attempt(
                self._context, self._writer, mail, process_ends=self._ending, lease_ends=lease_ends
            )
            if isinstance(ending, Sent):
                reach(Failpoint.MAIL_AFTER_250)
            recorded = await self._written_down(mail, ending)
        MAILS.labels(mail.kind, type(ending).__name__.lower()).inc()
        self.mail_server.answered(ending)
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
            case Early(until):
                return await wait_until(database, mail, until)
            case Later(error, by_server, status):
                return await put_back(database, mail, error, by_server=by_server, status=status)

    async def _written_down(self, mail: ClaimedMail, ending: Ending) -> bool:
        """Write until the database has it. False: it has ended otherwise, or will be taken up anew.

        A mail that left is not taken up anew whatever the error: better a place held than a mail doubled.
        """
        wait, longest = _WRITE_AGAIN_SECONDS
        while True:
            try:
                recorded = await self._record(mail, ending)
            except Exception as error:  # noqa: BLE001 - a defect ends this mail's task, not the sender
                if not is_infrastructure(error):
                    log.error("ending not written down", mail=str(mail.id), **describe(error))
                    if not isinstance(ending, Sent):
                        return False
                    self._context.readiness.report("mail endings", type(error).__name__)
                    wait = longest = _WRITE_AGAIN_AFTER_DEFECT_SECONDS
            else:
                self._context.readiness.report("mail endings", None)
                return recorded
            await asyncio.sleep(wait)
            wait = min(wait * 2, longest)


def _span(mail: ClaimedMail) -> AbstractContextManager[object]:
    """Goes on with the trace of the event that asked for the mail: one trace from click to mail."""
    carrier = {"traceparent": mail.traceparent} if mail.traceparent else {}
    return _tracer.start_as_current_span(
        f"mail {mail.kind}",
        context=TraceContextTextMapPropagator().extract(carrier),
        record_exception=False,
        set_status_on_exception=False,
    )
