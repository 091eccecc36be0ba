"""Consumers: FastStream subscribers behind the inbox, their places committed by hand.

    consumers = Consumers(service="documents", kafka=KafkaSettings(), readiness=readiness, database=database)

    @consumers.on(REGISTRATION, name="documents.registration")
    async def handle(conn: Connection, envelope: Envelope) -> None: ...

    await consumers.run()        # a part of the worker

The name is the consumer group. Seen in FastStream 0.7.8 and aiokafka 0.14, and met here:
- An error in FastStream's parser or decoder never reaches the handler: under MANUAL such a record is passed
  over by the next one's commit. Its parser decodes every header as UTF-8. So the parser here cannot fail, the
  decoder decodes nothing, and the event is decoded in `Delivery`.
- An exception that leaves a handler is swallowed, with the same loss: `Delivery.settle` lets none out.
- A record with a `reply_to` header would have the handler's answer published there: `no_reply`.
- `ack` commits for each record, which halves how many are taken in (`bench/consumers`), and says nothing of
  the topic's incarnation. So places are committed here: once a second, after a hundred records, and before
  a partition or the process goes. What was settled and not committed comes again, and the inbox knows it.
- After a `seek`, records fetched before it are dropped (`FetchResult.check_assignment`).
- A partition whose record is handed back is paused until its wait is over, and the others move on; keys, and
  so the order that matters, never span partitions. No handler sleeps, so `max_poll_interval_ms` is only about
  handlers, which end within a minute; the heartbeat is a task of its own.
- Seeking, pausing or committing a partition that a rebalance took away raises IllegalStateError or
  CommitFailedError: its next owner takes the record again, and the inbox knows what was done.
- A consume task that was cancelled is not started again by FastStream, and nobody is told: `run` looks.
- A consumer whose broker is away waits and tells nobody: `run` asks for the ends, which also shows how far
  behind each consumer is. Not ready is one that has left a record waiting for `late_seconds`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.middlewares import AckPolicy

from services.chassis.database import Database
from services.chassis.delivery import (
    Delivery,
    Effect,
    Handler,
    PlainEffect,
    PlainHandler,
    TransactionalEffect,
)
from services.chassis.dlq import Record
from services.chassis.failures import is_infrastructure
from services.chassis.incarnation import Incarnation
from services.chassis.kafka import (
    KafkaSettings,
    Publisher,
    TopicsNotAsDeclared,
    check_topics,
    consumers_broker,
)
from services.chassis.lag import Lag
from services.chassis.lost_letters import LostLetters
from services.chassis.messaging_metrics import (
    CONSUMER_LAG_RECORDS,
    CONSUMER_OLDEST_UNACKED_SECONDS,
    QUARANTINE_OPEN,
)
from services.chassis.quarantine import OnQuarantine, count_open
from services.chassis.readiness import Readiness
from services.chassis.telemetry import describe, log
from services.contracts.topics import Topic

H = TypeVar("H", bound=Callable[..., Any])

_WATCH_SECONDS = 1.0
_COMMIT_EVERY = 100
_COUNT_EVERY = 15
_LOOK_EVERY = 3
_LOOK_SECONDS = 3


class ConsumerEnded(Exception):
    """A subscriber's task ended by itself; the worker starts all of them again."""


@dataclass(frozen=True, slots=True)
class _Subscription:
    topic: Topic
    name: str
    effect: Effect


class Consumers:
    """The consumers of one process. Register with `on` or `on_without_database`, then `run`."""

    name = "consumers"

    def __init__(
        self,
        *,
        service: str,
        kafka: KafkaSettings,
        readiness: Readiness,
        database: Database | None = None,
        on_quarantine: OnQuarantine | None = None,
        max_tries: int = 5,
        handler_seconds: float = 60,
        lost_letters_seconds: float = 30,
    ) -> None:
        self._service = service
        self._kafka = kafka
        self._readiness = readiness
        self._database = database
        self._on_quarantine = on_quarantine
        self._max_tries = max_tries
        self._handler_seconds = handler_seconds
        self._lost_letters_seconds = lost_letters_seconds
        self._subscriptions: list[_Subscription] = []

    def on(self, topic: Topic, *, name: str) -> Callable[[Handler], Handler]:
        """Register `async handle(conn, envelope)`: called in one transaction with the inbox claim.

        The handler writes with `conn` alone and may be called again after a rollback.
        """
        database = self._database
        if database is None:
            raise ValueError(f"{name} needs a database")

        def register(handler: Handler) -> Handler:
            effect = TransactionalEffect(name, database, handler, self._on_quarantine)
            self._add(_Subscription(topic, name, effect))
            return handler

        return register

    def on_without_database(self, topic: Topic, *, name: str) -> Callable[[PlainHandler], PlainHandler]:
        """Register `async handle(envelope, record)`, without inbox: the same event may call it again."""

        def register(handler: PlainHandler) -> PlainHandler:
            self._add(_Subscription(topic, name, PlainEffect(handler)))
            return handler

        return register

    def _add(self, subscription: _Subscription) -> None:
        if any(other.name == subscription.name for other in self._subscriptions):
            raise ValueError(f"{subscription.name} is taken: a name is a consumer group")
        self._subscriptions.append(subscription)

    async def run(self) -> None:
        """Consume until cancelled; the record in hand gets 15 s to end. Not ready before all have started.

        Raises:
            TopicsNotAsDeclared: a topic is missing.
            KafkaError: the broker does not answer at the start (later it is waited for).
            ConsumerEnded: a subscriber ended by itself.
            TopicMadeAnew: whoever starts it again reads from the beginning.
        """
        self._readiness.report(self.name, "starting")
        try:
            await self._check_topics()
            await self._consume()
        finally:
            self._readiness.report(self.name, None)

    async def _check_topics(self) -> None:
        topics = [subscription.topic for subscription in self._subscriptions]
        try:
            await check_topics(self._kafka, [name for t in topics for name in (t.name, t.dead_letters)])
        except TopicsNotAsDeclared as error:
            log.error("consumers cannot start", problem=str(error))
            raise

    async def _consume(self) -> None:
        broker = consumers_broker(self._kafka, f"{self._service}-consumers")
        publisher = Publisher(self._kafka)
        onlookers = [self._subscribe(broker, publisher, one) for one in self._subscriptions]
        try:
            await broker.start()
            self._readiness.report(self.name, None)
            log.info("consumers work", consumers=[s.name for s in self._subscriptions])
            async with self._lost_letters():
                await self._watch(broker, onlookers)
        finally:
            await asyncio.gather(*(onlooker.leave() for onlooker in onlookers))
            await broker.stop()
            await publisher.close()

    def _subscribe(
        self, broker: KafkaBroker, publisher: Publisher, subscription: _Subscription
    ) -> "_Onlooker":
        delivery = Delivery(
            consumer=subscription.name,
            owner=subscription.topic.owner,
            effect=subscription.effect,
            publisher=publisher,
            readiness=self._readiness,
            max_tries=self._max_tries,
            handler_seconds=self._handler_seconds,
        )
        incarnation = Incarnation(subscription.name, self._kafka)
        acknowledger = _Acknowledger(delivery, incarnation)
        subscriber = broker.subscriber(
            subscription.topic.name,
            group_id=subscription.name,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            no_reply=True,
            parser=_parse,
            decoder=_leave,
            listener=_Listener(delivery, acknowledger),
        )
        subscriber(acknowledger.consume)
        return _Onlooker(subscriber, acknowledger, incarnation, self._readiness, self._kafka.late_seconds)

    async def _watch(self, broker: KafkaBroker, onlookers: "Sequence[_Onlooker]") -> None:
        turns = 0
        while True:
            for subscriber in broker.subscribers:
                tasks: Sequence[asyncio.Task[Any]] = getattr(subscriber, "tasks", ())
                if all(task.done() for task in tasks):
                    raise ConsumerEnded
            await asyncio.gather(*(onlooker.commit() for onlooker in onlookers))
            if turns % _LOOK_EVERY == 0:
                await asyncio.gather(*(onlooker.look() for onlooker in onlookers))
            if turns % _COUNT_EVERY == 0:
                await self._count_open()
            turns += 1
            await asyncio.sleep(_WATCH_SECONDS)

    @asynccontextmanager
    async def _lost_letters(self) -> AsyncIterator[None]:
        """What the dead-letter topics lose is put back meanwhile; without a database nobody knows it."""
        if self._database is None:
            yield
            return
        subscriptions = [(one.name, one.topic) for one in self._subscriptions]
        looks = LostLetters(self._kafka, self._database, self._readiness, subscriptions)
        watching = asyncio.create_task(looks.watch(self._lost_letters_seconds))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    async def _count_open(self) -> None:
        if self._database is None:
            return
        try:
            async with asyncio.timeout(5), self._database.connection() as conn:
                found = await count_open(conn)
        except Exception as error:
            if not is_infrastructure(error):
                raise
            return
        for subscription in self._subscriptions:
            QUARANTINE_OPEN.labels(subscription.name).set(found.get(subscription.name, 0))


class _Acknowledger:
    """Turns what `Delivery` says of a record into a place to commit, or seek, pause and resume."""

    def __init__(self, delivery: Delivery, incarnation: Incarnation) -> None:
        self._delivery = delivery
        self._incarnation = incarnation
        self._consumer: AIOKafkaConsumer | None = None
        self._settled: dict[TopicPartition, tuple[int, str]] = {}
        """Partition → what to commit: the next record's offset, and the incarnation it is good for."""
        self._uncommitted = 0
        self.leaving = False
        """Whether each record is committed at once, since nobody does it later."""
        self.in_hand: dict[TopicPartition, int] = {}
        """Partition → the offset of the record taken from it and not settled yet."""

    @property
    def consumer_name(self) -> str:
        return self._delivery.consumer

    async def consume(self, message: KafkaMessage) -> None:
        raw = message.raw_message
        if isinstance(raw, tuple):
            raise TypeError("subscribers here take records one by one")
        self._consumer = consumer = cast(AIOKafkaConsumer, message.consumer)
        place = TopicPartition(raw.topic, raw.partition)
        self.in_hand[place] = raw.offset
        try:
            try:
                incarnation = await self._incarnation.of(consumer, raw)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("kafka away, a record waits", consumer=self.consumer_name, **describe(error))
                await self._hand_back(message, place, _WATCH_SECONDS)
                return
            if incarnation is not None:
                record = Record(
                    *(raw.topic, raw.partition, raw.offset, raw.key, raw.value, tuple(raw.headers)),
                    incarnation=incarnation,
                    end=consumer.highwater(place) or raw.offset + 1,
                )
                await self._settle(message, place, record)
        finally:
            self.in_hand.pop(place, None)

    async def _settle(self, message: KafkaMessage, place: TopicPartition, record: Record) -> None:
        wait = await self._delivery.settle(record)
        if wait is not None:
            await self._hand_back(message, place, wait)
            return
        self._settled[place] = (record.offset + 1, str(record.incarnation))
        self._uncommitted += 1
        if self.leaving or self._uncommitted >= _COMMIT_EVERY:
            await self.commit()

    async def _hand_back(self, message: KafkaMessage, place: TopicPartition, wait: float) -> None:
        """The record comes again after `wait` seconds."""
        consumer = cast(AIOKafkaConsumer, message.consumer)
        try:
            await message.nack()
            consumer.pause(place)
        except IllegalStateError:
            log.info(
                "partition went to another process", consumer=self.consumer_name, partition=place.partition
            )
        else:
            asyncio.get_running_loop().call_later(wait, _resume, consumer, place)

    async def commit(self) -> None:
        """Commit what was settled since the last time, within some seconds."""
        settled, self._settled, self._uncommitted = self._settled, {}, 0
        if self._consumer is None:
            return
        assigned = self._consumer.assignment()
        mine = {place: until for place, until in settled.items() if place in assigned}
        if not mine:
            return
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._consumer.commit(mine)
        except (KafkaError, TimeoutError) as error:
            # The effects are done: the next commit covers them, or they come again and the inbox knows them.
            self._settled = mine | self._settled
            log.warning("commit failed", consumer=self.consumer_name, **describe(error))


class _Onlooker:
    """Looks how far behind one consumer is, and says so when that makes the service's answers untrue."""

    def __init__(
        self,
        subscriber: object,
        acknowledger: _Acknowledger,
        incarnation: Incarnation,
        readiness: Readiness,
        late_seconds: float,
    ) -> None:
        self._subscriber = subscriber
        self._acknowledger = acknowledger
        self._readiness = readiness
        self._late_seconds = late_seconds
        self._name = acknowledger.consumer_name
        self._lag = Lag()
        self._incarnation = incarnation
        self._seen_at = asyncio.get_running_loop().time()

    async def look(self) -> None:
        """One look, within some seconds. Not ready: a record is late, or no end could be seen for as long.

        Raises:
            TopicMadeAnew: it reads from the beginning when it is started again.
        """
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                oldest = await self._oldest(now)
        except (KafkaError, OSError, TimeoutError):
            if now - self._seen_at > self._late_seconds:
                self._report("kafka-away")
            return
        self._seen_at = now
        self._report("late" if oldest > self._late_seconds else None)

    async def commit(self) -> None:
        """What was settled and is not committed yet."""
        await self._acknowledger.commit()

    async def leave(self) -> None:
        """The last commit before the consumer ends; whoever starts it again looks anew."""
        self._acknowledger.leaving = True
        await self.commit()
        self._report(None)

    async def _oldest(self, now: float) -> float:
        consumer: AIOKafkaConsumer | None = getattr(self._subscriber, "consumer", None)
        places = consumer.assignment() if consumer is not None else set()
        self._lag.keep_only(places)
        if consumer is not None:
            await self._incarnation.demand_same(consumer, places)
        if consumer is None or not places:
            return 0.0
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(places))
        oldest = 0.0
        for place, end in ends.items():
            try:
                settled = await consumer.position(place)
            except IllegalStateError:
                continue  # it went to another process
            settled = self._acknowledger.in_hand.get(place, settled)
            age = self._lag.seconds(place, end=end, settled=settled, now=now)
            labels = (self._name, str(place.partition))
            CONSUMER_OLDEST_UNACKED_SECONDS.labels(*labels).set(age)
            CONSUMER_LAG_RECORDS.labels(*labels).set(max(0, end - settled))
            oldest = max(oldest, age)
        return oldest

    def _report(self, reason: str | None) -> None:
        self._readiness.report(f"{self._name} lag", reason)


def _resume(consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
    if place in consumer.assignment() and place in consumer.paused():
        consumer.resume(place)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """What is known of a partition's tries ends with its assignment; its next owner begins at its place."""

    def __init__(self, delivery: Delivery, acknowledger: _Acknowledger) -> None:
        self._delivery = delivery
        self._acknowledger = acknowledger

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._acknowledger.commit()
        self._delivery.forget([(place.topic, place.partition) for place in revoked])

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        pass


async def _parse(record: Any, original: Callable[[Any], Any]) -> Any:
    """FastStream's message around the record, made without looking at headers, value or key."""
    headers, record.headers = record.headers, ()
    try:
        message = await original(record)
    finally:
        record.headers = headers
    return message


async def _leave(message: Any) -> Any:
    """Hand the message itself to the handler: nothing is decoded here."""
    return message
