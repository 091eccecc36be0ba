"""Whether a partition is still the one that was read: its topic may have been deleted and made anew.

Seen with aiokafka 0.14: such a consumer either keeps its place, and skips what is written before it, or is
assigned nothing and looks for the topic again only after minutes. It knows no topic ids. But the first
record of another partition has another timestamp, and retention here is without limit.
"""

from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition

_PATIENCE = 4
"""Looks in a row without any partition: a rebalance takes one or two."""


class TopicMadeAnew(Exception):
    """The consumers start again and read it from its beginning; the inboxes pass over what they hold."""


class Incarnation:
    """What one consumer remembers of the partitions it reads."""

    def __init__(self) -> None:
        self._first: dict[TopicPartition, int] = {}
        self._had_some = False
        self._looks_without = 0

    async def demand_same(self, consumer: AIOKafkaConsumer, places: Collection[TopicPartition]) -> None:
        """Put the consumer at the beginning of each partition that was made anew, and say so.

        Raises:
            TopicMadeAnew: also where all partitions were lost. KafkaError: the broker does not answer.
        """
        self._demand_some(places)
        if not places:
            return
        firsts = await consumer.offsets_for_times(dict.fromkeys(places, 0))
        now = {place: firsts[place].timestamp for place in places if firsts.get(place) is not None}
        anew = [place for place in places if place in self._first and self._first[place] != now.get(place)]
        if anew:
            await consumer.seek_to_beginning(*anew)
            await consumer.commit(dict.fromkeys(anew, 0))
            raise TopicMadeAnew(", ".join(sorted({place.topic for place in anew})))
        self._first |= now

    def _demand_some(self, places: Collection[TopicPartition]) -> None:
        """Who had partitions and has none, for more than a rebalance, joins the group again."""
        self._looks_without = 0 if places else self._looks_without + 1
        if self._had_some and self._looks_without > _PATIENCE:
            raise TopicMadeAnew("no partition is left")
        self._had_some = self._had_some or bool(places)
