"""What becomes of one record of one consumer: its effect, a wait, or a dead letter. Never a loss.

    ordinary, or addressed to this consumer → effect once (inbox), in one transaction → acknowledged
    addressed to another consumer           → acknowledged
    of a type not in this catalogue         → acknowledged: a newer writer's fact, nobody here awaits it
    a known fact in another version         → waits like an infrastructure error, for the upgrade to end
    infrastructure error                    → held back, waits (at most 10 s), without limit, not ready
    the event cannot be read                → dead letter at once
    any other error, the fifth time         → dead letter
    a dead letter                           → quarantine row and hold, then `<topic>.dlq`, then acknowledged
    one that heals, or was closed before    → closed with its effect, then `<topic>.dlq`, then acknowledged
    one that can't be read, closed before   → stays closed and holds nobody, then the same

Nothing is acknowledged before the dead letter is on its topic. A failure on that way holds the record back
like any infrastructure error, also when the hook that holds the candidate fails: else the hold were lost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.database import Connection, Database
from services.chassis.dlq import (
    Act,
    Address,
    DeadLetter,
    Record,
    State,
    address_of,
    id_of,
    marker,
    open_on_topic,
)
from services.chassis.failpoints import Failpoint, reach
from services.chassis.failures import PartUnavailable, is_infrastructure
from services.chassis.inbox import claim, hear
from services.chassis.kafka import Publisher
from services.chassis.messaging_metrics import CONSUMER_HELD_BACK, DEAD_LETTERS, UNKNOWN_EVENTS
from services.chassis.quarantine import OnQuarantine, close_dead_letter, open_dead_letter
from services.chassis.readiness import Readiness
from services.chassis.telemetry import describe, log
from services.contracts.envelope import Envelope, InvalidEvent, UnknownType, decode

Handler = Callable[[Connection, Envelope], Awaitable[None]]
PlainHandler = Callable[[Envelope, Record], Awaitable[None]]
Place = tuple[str, int]

LONGEST_WAIT_SECONDS = 10.0
_FIRST_WAIT_SECONDS = 0.25
_DLQ_SECONDS = 20
_tracer = trace.get_tracer("services.chassis.delivery")


class CancelledInside(Exception):
    """A handler was cancelled from inside; without this the consumer's own task would end, unnoticed."""


class OtherVersion(PartUnavailable):
    """A fact this consumer knows, in a version it does not know: an upgrade is under way."""


class Effect(Protocol):
    """How a consumer takes an event in: with an inbox and a transaction, or without a database."""

    async def apply(self, envelope: Envelope, dead_letter_id: UUID, record: Record) -> State | None:
        """Have the effect of `record`, once; how its dead letter, if any, is closed by this or was before."""

    async def discard(self, record: Record, dead_letter_id: UUID) -> None:
        """Let the event go for good."""

    async def quarantine(self, letter: DeadLetter) -> State | None:
        """Record that the event is dead, before it leaves for its topic; how it was closed before, if so."""


@dataclass(frozen=True)
class TransactionalEffect:
    """The inbox claim, the handler and the closing of a dead letter are one transaction."""

    consumer: str
    database: Database
    handler: Handler
    on_quarantine: OnQuarantine | None = None

    async def apply(self, envelope: Envelope, dead_letter_id: UUID, record: Record) -> State | None:
        async with self.database.transaction() as conn:
            closed = await close_dead_letter(
                conn, self.consumer, dead_letter_id, State.RESOLVED, self.on_quarantine
            )
            if await claim(conn, self.consumer, envelope.ce_id):
                await hear(conn, self.consumer, envelope.event.key, envelope.event.revision)
                await self.handler(conn, envelope)
        reach(Failpoint.CONSUMER_BEFORE_ACK)
        return closed

    async def discard(self, record: Record, dead_letter_id: UUID) -> None:
        async with self.database.transaction() as conn:
            await close_dead_letter(conn, self.consumer, dead_letter_id, State.DISCARDED, self.on_quarantine)
            if ce_id := record.uuid("ce_id"):
                await claim(conn, self.consumer, ce_id)

    async def quarantine(self, letter: DeadLetter) -> State | None:
        async with self.database.transaction() as conn:
            return await open_dead_letter(conn, letter, self.on_quarantine)


@dataclass(frozen=True)
class PlainEffect:
    """For a consumer without a database; its handler must bear to be called again for the same event."""

    handler: PlainHandler

    async def apply(self, envelope: Envelope, dead_letter_id: UUID, record: Record) -> State | None:
        await self.handler(envelope, record)
        return None

    async def discard(self, record: Record, dead_letter_id: UUID) -> None:
        pass

    async def quarantine(self, letter: DeadLetter) -> State | None:
        return None


@dataclass(slots=True)
class _Tries:
    offset: int
    failures: int = 0
    waits: int = 0


class Delivery:
    """The judge of one consumer's records. Holds the tries of each partition's record in hand."""

    def __init__(
        self,
        *,
        consumer: str,
        owner: str,
        effect: Effect,
        publisher: Publisher,
        readiness: Readiness,
        max_tries: int = 5,
        handler_seconds: float = 60,
    ) -> None:
        self.consumer = consumer
        self._owner = owner
        self._effect = effect
        self._publisher = publisher
        self._readiness = readiness
        self._max_tries = max_tries
        self._handler_seconds = handler_seconds
        self._tries: dict[Place, _Tries] = {}

    async def settle(self, record: Record) -> float | None:
        """Take `record` in. None: acknowledge it. Seconds: hand it back and come again after them.

        Raises nothing but the cancellation of the consumer.
        """
        address = address_of(record)
        if address is not None and address.consumer != self.consumer:
            return None
        try:
            await _uncancelled(self._take_in(record, address))
        except Exception as error:  # noqa: BLE001 - every error is judged, none may leave
            wait = await self._judge(record, error)
        else:
            wait = None
        if wait is None:
            self._tries.pop((record.topic, record.partition), None)
            self._report()
        return wait

    def forget(self, places: Collection[Place]) -> None:
        """Partitions that went to another process are its business."""
        for place in places:
            self._tries.pop(place, None)
        self._report()

    async def _take_in(self, record: Record, address: Address | None) -> None:
        letter_id = id_of(self.consumer, record)
        if address is not None and address.act is Act.DISCARD:
            async with asyncio.timeout(self._handler_seconds):
                await self._effect.discard(record, letter_id)
            await self._say(record, letter_id, State.DISCARDED)
            return
        try:
            envelope = _decode(record)
        except UnknownType as unknown:
            if address is not None or record.candidate_id is None or unknown.owner != self._owner:
                raise
            if unknown.known_otherwise:
                raise OtherVersion(record.header("ce_type")) from None
            UNKNOWN_EVENTS.labels(self.consumer).inc()
            log.warning("event of an unknown type left aside", **self._place(record))
            return
        with _span(self.consumer, envelope):
            async with asyncio.timeout(self._handler_seconds):
                closed = await self._effect.apply(envelope, letter_id, record)
        if closed is not None or address is not None:
            await self._say(record, letter_id, closed or State.RESOLVED)

    async def _say(self, record: Record, letter_id: UUID, state: State) -> None:
        await self._publisher.send_within(marker(letter_id, self.consumer, record, state), _DLQ_SECONDS)
        log.info("dead letter closed", consumer=self.consumer, dead_letter=str(letter_id), state=state.value)

    async def _judge(self, record: Record, error: Exception) -> float | None:
        if is_infrastructure(error):
            return self._hold_back(record, error)
        tries = self._of(record)
        tries.failures += 1
        if tries.failures < self._max_tries and not isinstance(error, InvalidEvent):
            log.warning("event failed, trying again", tries=tries.failures, **self._facts(record, error))
            pause: float = _FIRST_WAIT_SECONDS * 2.0 ** (tries.failures - 1)
            return pause
        try:
            await _uncancelled(self._bury(record, error))
        except Exception as second:  # noqa: BLE001 - whatever it is, the dead letter is not safe yet
            return self._hold_back(record, second)
        return None

    async def _bury(self, record: Record, error: Exception) -> None:
        letter = DeadLetter.of(self.consumer, record, error)
        async with asyncio.timeout(self._handler_seconds):
            closed = await self._effect.quarantine(letter)
        if closed is not None:
            await self._say(record, letter.id, closed)
            return
        await open_on_topic(self._publisher, letter, _DLQ_SECONDS)
        DEAD_LETTERS.labels(self.consumer, letter.error).inc()
        log.error("event is a dead letter", **self._facts(record, error))

    def _hold_back(self, record: Record, error: Exception) -> float:
        tries = self._of(record)
        tries.waits += 1
        self._report(type(error).__name__)
        wait: float = min(LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** min(tries.waits, 16))
        log.warning("event held back", wait_seconds=wait, **self._facts(record, error))
        return wait

    def _of(self, record: Record) -> _Tries:
        place = (record.topic, record.partition)
        tries = self._tries.get(place)
        if tries is None or tries.offset != record.offset:
            tries = self._tries[place] = _Tries(record.offset)
        return tries

    def _report(self, reason: str | None = None) -> None:
        held = sum(1 for tries in self._tries.values() if tries.waits)
        CONSUMER_HELD_BACK.labels(self.consumer).set(held)
        if held == 0:
            self._readiness.report(self.consumer, None)
        elif reason is not None:
            self._readiness.report(self.consumer, reason)

    def _facts(self, record: Record, error: Exception) -> dict[str, object]:
        return self._place(record) | describe(error)

    def _place(self, record: Record) -> dict[str, object]:
        return {
            "consumer": self.consumer,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "ce_id": str(record.uuid("ce_id")),
            "key": str(record.candidate_id),
        }


def _decode(record: Record) -> Envelope:
    try:
        return decode(record.value, list(record.headers))
    except InvalidEvent:
        raise
    except Exception as error:  # noqa: BLE001 - bytes from outside may fail in any way
        raise InvalidEvent(type(error).__name__) from None


async def _uncancelled(work: Awaitable[None]) -> None:
    """Tell a cancellation of this task from one that only a handler's own inside suffered."""
    try:
        await work
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise CancelledInside from None


def _span(consumer: str, envelope: Envelope) -> AbstractContextManager[object]:
    carrier = {"traceparent": envelope.traceparent} if envelope.traceparent else {}
    return _tracer.start_as_current_span(
        f"{consumer} {envelope.event.type_name()}",
        context=TraceContextTextMapPropagator().extract(carrier),
        kind=trace.SpanKind.CONSUMER,
        record_exception=False,
        set_status_on_exception=False,
        attributes={"messaging.consumer.group.name": consumer, "messaging.message.id": str(envelope.ce_id)},
    )
