"""What carries events here in Kafka's place: from the owners' outboxes to the bridge and the consumers.

The handlers, the inbox and the bridge's function are the real ones. The pump runs inside each activity
before it answers, so that no time is skipped between a fact and its effects; a test that wants a consumer
behind the others holds it back. `restless` delivers everything twice, and in the second round backwards.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from services.chassis.database import Database
from services.chassis.delivery import Handler, TransactionalEffect
from services.chassis.dlq import Record
from services.contracts.envelope import Envelope, decode
from services.contracts.events import Event
from services.contracts.topics import Topic

_RECORD = Record("", 0, 0, None, None, ())
"""Where an event stood is nothing to a consumer with an inbox."""


@dataclass(frozen=True)
class Subscriber:
    """One consumer group: a service's handler behind its inbox, or the bridge."""

    name: str
    topics: frozenset[str]
    take_in: Callable[[Envelope], Awaitable[object]]

    @classmethod
    def of_service(cls, name: str, topic: Topic, database: Database, handler: Handler) -> "Subscriber":
        effect = TransactionalEffect(name, database, handler)

        async def take_in(envelope: Envelope) -> None:
            await effect.apply(envelope, uuid4(), _RECORD)

        return cls(name, frozenset({topic.name}), take_in)


@dataclass
class Pump:
    outboxes: dict[str, Database]
    subscribers: list[Subscriber] = field(default_factory=list)
    restless: bool = False
    facts: list[Event] = field(default_factory=list)
    """Everything said, in the order in which it was carried."""
    errors: list[Exception] = field(default_factory=list)
    _held: dict[str, list[Envelope]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hold(self, subscriber: str) -> None:
        """Let this consumer fall behind."""
        self._held.setdefault(subscriber, [])

    async def release(self, subscriber: str) -> None:
        for envelope in self._held.pop(subscriber):
            for one in self.subscribers:
                if one.name == subscriber:
                    await one.take_in(envelope)
        await self.drain()

    async def drain(self) -> None:
        """Carry until nothing is left to carry."""
        async with self._turn:
            while envelopes := [e for d in self.outboxes.values() for e in await _take(d)]:
                for envelope in envelopes:
                    self.facts.append(envelope.event)
                    await self._deliver(envelope, self.subscribers)
                if self.restless:
                    for envelope in reversed(envelopes):
                        await self._deliver(envelope, list(reversed(self.subscribers)))

    async def say_again(self, candidate_id: UUID) -> None:
        """A replay: everything said of somebody, once more, as events of their own."""
        async with self._turn:
            for event in [event for event in self.facts if event.key == candidate_id]:
                for subscriber in self.subscribers:
                    if event.topic.name in subscriber.topics:
                        await subscriber.take_in(envelope_of(event))

    def names(self, candidate_id: UUID) -> list[str]:
        return [type(event).__name__ for event in self.facts if event.key == candidate_id]

    async def _deliver(self, envelope: Envelope, subscribers: list[Subscriber]) -> None:
        for subscriber in subscribers:
            if envelope.event.topic.name not in subscriber.topics:
                continue
            if subscriber.name in self._held:
                self._held[subscriber.name].append(envelope)
                continue
            try:
                await subscriber.take_in(envelope)
            except Exception as error:
                self.errors.append(error)
                raise


async def _take(database: Database) -> list[Envelope]:
    async with database.transaction() as conn:
        rows = await conn.fetch(
            "UPDATE outbox SET published_at = clock_timestamp() WHERE published_at IS NULL "
            "RETURNING id, payload, headers"
        )
    rows.sort(key=lambda row: row["id"])
    return [
        decode(row["payload"], [(name, value.encode()) for name, value in row["headers"].items()])
        for row in rows
    ]


def envelope_of(event: Event) -> Envelope:
    """The event as a record of its own."""
    return Envelope(event, uuid4(), datetime.now(UTC))


class PumpAfterActivity(Interceptor):
    """Carries what an activity has said before the activity answers."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        pump = self._pump

        class Pumping(ActivityInboundInterceptor):
            async def execute_activity(self, input: ExecuteActivityInput) -> object:
                answer: object = await super().execute_activity(input)
                await pump.drain()
                return answer

        return Pumping(next)
