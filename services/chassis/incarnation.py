"""Whether a place in a partition is a place in the partition of today: its topic may have been made anew.

Seen with aiokafka 0.14: such a consumer either keeps its place, and skips what is written before it, or is
assigned nothing and looks for the topic again only after minutes. It knows no topic ids. And a member that
the new broker does not know may commit its old place there, before it joins the group anew, since Kafka takes
places without a generation for a group that is empty.

So each place is committed with the timestamp of the partition's first record, its incarnation: retention here
is without limit, and the first record of another partition has another one. A place without the incarnation
of today is not taken up; its partition is read from the beginning, and the inboxes pass over what they hold.
"""

from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata

from services.chassis.kafka import KafkaSettings

_PATIENCE = 4
"""Looks in a row without any partition: a rebalance takes one or two."""


class TopicMadeAnew(Exception):
    """The consumers start again and read it from its beginning."""


class Incarnation:
    """What the consumer of one group knows of the partitions it reads."""

    def __init__(self, group: str, kafka: KafkaSettings) -> None:
        self._group = group
        self._kafka = kafka
        self._first: dict[TopicPartition, int] = {}
        """Partition → the timestamp of its first record, where the place is known to be one in it."""
        self._at_beginning: set[TopicPartition] = set()
        """Partitions of which the next record is the first."""
        self._had_some = False
        self._looks_without = 0

    async def of(self, consumer: AIOKafkaConsumer, record: "ConsumerRecord[object, object]") -> int | None:
        """What `record`'s place is to be committed with. None: read from another partition's place.

        After None the consumer stands at the beginning, and the record is not to be taken in.

        Raises:
            KafkaError: the broker does not answer.
        """
        place = TopicPartition(record.topic, record.partition)
        if record.offset == 0 or place in self._at_beginning:
            self._begin(place, record.timestamp)
        elif place not in self._first:
            await self._recall(consumer, [place])
            if place not in self._first:
                consumer.seek(place, 0)
                return None
        return self._first[place]

    async def demand_same(self, consumer: AIOKafkaConsumer, places: Collection[TopicPartition]) -> None:
        """Put the consumer at the beginning of each partition that was made anew, and say so.

        Raises:
            TopicMadeAnew: also where all partitions were lost. KafkaError: the broker does not answer.
        """
        self._demand_some(places)
        self._keep_only(places)
        if unknown := [one for one in places if one not in self._first and one not in self._at_beginning]:
            await self._recall(consumer, unknown)
        if not self._first:
            return
        before = dict(self._first)
        now = await _first_timestamps(consumer, before)
        # What began meanwhile is known better than when it was asked.
        anew = [place for place, first in before.items() if self._first.get(place) == first != now.get(place)]
        if anew:
            await consumer.seek_to_beginning(*anew)
            await consumer.commit(dict.fromkeys(anew, 0))
            raise TopicMadeAnew(", ".join(sorted({place.topic for place in anew})))

    async def _recall(self, consumer: AIOKafkaConsumer, places: Collection[TopicPartition]) -> None:
        """Take up the places that were committed with the incarnation of today, and begin the others."""
        # In this order: what is made anew in between is another one.
        committed = await _committed(self._kafka, self._group, places)
        now = await _first_timestamps(consumer, places)
        # Who began meanwhile, with the first record itself, knows better.
        for place in set(places) - self._first.keys():
            last, first = committed.get(place), now.get(place)
            if last is None or last.offset <= 0:
                self._at_beginning.add(place)
            elif first is not None and last.metadata == str(first):
                self._first[place] = first
            elif place in consumer.assignment():
                self._at_beginning.add(place)
                consumer.seek(place, 0)

    def _begin(self, place: TopicPartition, first: int) -> None:
        self._at_beginning.discard(place)
        self._first[place] = first

    def _keep_only(self, places: Collection[TopicPartition]) -> None:
        """Partitions that went to another process are its business."""
        for place in self._first.keys() - set(places):
            del self._first[place]
        self._at_beginning &= set(places)

    def _demand_some(self, places: Collection[TopicPartition]) -> None:
        """Who had partitions and has none, for more than a rebalance, joins the group again."""
        self._looks_without = 0 if places else self._looks_without + 1
        if self._had_some and self._looks_without > _PATIENCE:
            raise TopicMadeAnew("no partition is left")
        self._had_some = self._had_some or bool(places)


async def _first_timestamps(
    consumer: AIOKafkaConsumer, places: Collection[TopicPartition]
) -> dict[TopicPartition, int]:
    """Partition → timestamp of its first record in milliseconds; an empty one is left out."""
    found = await consumer.offsets_for_times(dict.fromkeys(places, 0))
    return {place: first.timestamp for place, first in found.items() if first is not None}


async def _committed(
    kafka: KafkaSettings, group: str, places: Collection[TopicPartition]
) -> dict[TopicPartition, OffsetAndMetadata]:
    """The group's places as the broker has them; the consumer itself would tell no metadata."""
    admin = AIOKafkaAdminClient(**kafka.client())
    try:
        await admin.start()
        found: dict[TopicPartition, OffsetAndMetadata] = await admin.list_consumer_group_offsets(
            group, partitions=list(places)
        )
    finally:
        await admin.close()
    return found
