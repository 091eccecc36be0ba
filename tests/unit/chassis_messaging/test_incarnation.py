"""Which places are taken up. The broker's answers are given here; the broker itself: test_topic_made_anew."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from services.chassis import incarnation
from services.chassis.incarnation import Incarnation, TopicMadeAnew
from services.chassis.kafka import KafkaSettings

PLACE = TopicPartition("documents.events", 0)
FIRST, OTHER = 1_700_000_000_000, 1_800_000_000_000


class Consumer:
    """Answers as the broker would; `first` is the timestamp of the partition's first record."""

    def __init__(self, first: int | None) -> None:
        self.first = first
        self.places: list[int] = []

    async def offsets_for_times(self, places: dict[TopicPartition, int]) -> dict[TopicPartition, Any]:
        found = None if self.first is None else SimpleNamespace(offset=0, timestamp=self.first)
        return dict.fromkeys(places, found)

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.places.append(offset)

    async def seek_to_beginning(self, *places: TopicPartition) -> None:
        self.places.append(0)

    async def commit(self, places: dict[TopicPartition, int]) -> None:
        pass


def record(offset: int, timestamp: int) -> Any:
    return SimpleNamespace(topic=PLACE.topic, partition=0, offset=offset, timestamp=timestamp)


@pytest.fixture
def committed(monkeypatch: pytest.MonkeyPatch) -> dict[TopicPartition, OffsetAndMetadata]:
    """What the group has committed; nothing so far."""
    found: dict[TopicPartition, OffsetAndMetadata] = {}

    async def ask(*_: object) -> dict[TopicPartition, OffsetAndMetadata]:
        await asyncio.sleep(0.01)
        return found

    monkeypatch.setattr(incarnation, "_committed", ask)
    return found


@pytest.fixture
def known() -> Incarnation:
    return Incarnation("documents.test", KafkaSettings())


async def test_a_place_is_good_for_the_partition_that_it_was_committed_in(
    known: Incarnation, committed: dict[TopicPartition, OffsetAndMetadata]
) -> None:
    consumer: Any = Consumer(FIRST)
    committed[PLACE] = OffsetAndMetadata(5, str(FIRST))
    assert await known.of(consumer, record(5, FIRST + 5)) == FIRST
    assert consumer.places == []


@pytest.mark.parametrize("metadata", ["", str(OTHER)])
async def test_a_place_in_another_partition_is_left_for_the_beginning(
    known: Incarnation, committed: dict[TopicPartition, OffsetAndMetadata], metadata: str
) -> None:
    consumer: Any = Consumer(FIRST)
    committed[PLACE] = OffsetAndMetadata(5, metadata)
    assert await known.of(consumer, record(5, FIRST + 5)) is None
    assert set(consumer.places) == {0}
    assert await known.of(consumer, record(0, FIRST)) == FIRST


async def test_where_nothing_is_committed_only_the_first_record_begins(
    known: Incarnation, committed: dict[TopicPartition, OffsetAndMetadata]
) -> None:
    """Another one was fetched from a partition that is no more."""
    consumer: Any = Consumer(FIRST)
    assert await known.of(consumer, record(5, OTHER)) is None
    assert consumer.places == [0]


async def test_the_first_record_that_comes_during_a_look_is_the_beginning(
    known: Incarnation, committed: dict[TopicPartition, OffsetAndMetadata]
) -> None:
    consumer: Any = Consumer(FIRST)
    look = asyncio.create_task(known.demand_same(consumer, [PLACE]))
    await asyncio.sleep(0)
    assert await known.of(consumer, record(0, FIRST)) == FIRST
    await look
    assert await known.of(consumer, record(1, FIRST + 1)) == FIRST
    await known.demand_same(consumer, [PLACE])
    assert consumer.places == []


@pytest.mark.parametrize("first", [OTHER, None], ids=["filled", "empty"])
async def test_a_partition_made_anew_under_its_reader_is_read_from_its_beginning(
    known: Incarnation, committed: dict[TopicPartition, OffsetAndMetadata], first: int | None
) -> None:
    consumer: Any = Consumer(FIRST)
    await known.of(consumer, record(0, FIRST))
    consumer.first = first
    with pytest.raises(TopicMadeAnew):
        await known.demand_same(consumer, [PLACE])
    assert consumer.places == [0]
