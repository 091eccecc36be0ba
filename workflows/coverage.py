"""Which facts need no poke of their own, since one was given when they stood on the topic already.

A life that is woken asks its owners and learns whatever they had written by then. So one poke covers all
facts of its candidate that the partition held at that moment: after a refill, or an absence of Temporal, a
life is woken once or twice and not for each of its thirty facts. In quiet times a fact is the last of its
partition when it is taken, and covers nothing.

Known by offsets, not by clocks; forgotten when the reader has come to them. A poke of a life that did not run
covers no fact that would have started one.
"""

from dataclasses import dataclass, field
from uuid import UUID

from services.chassis.dlq import Record
from workflows.signals import Wake, WakeClosing, WakeLife


@dataclass(slots=True)
class _Partition:
    """What is covered of one partition: candidate → the wake that was given, and the end at that time."""

    incarnation: int
    until: int = 0
    by_candidate: dict[UUID, tuple[Wake, int]] = field(default_factory=dict)


class Coverage:
    """What the wakes of one bridge cover, in memory; without it each fact is a poke."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, int], _Partition] = {}

    def covers(self, record: Record, wake: WakeLife | WakeClosing | None) -> bool:
        """Whether what `record` would wake was woken when it stood on its topic."""
        partition = self._partitions.get((record.topic, record.partition))
        if partition is None or not isinstance(wake, WakeLife):
            return False
        if partition.incarnation != record.incarnation or record.offset >= partition.until:
            del self._partitions[record.topic, record.partition]
            return False
        given, until = partition.by_candidate.get(wake.candidate_id, (Wake.POKE, 0))
        return record.offset < until and (given is Wake.START or wake.wake is Wake.POKE)

    def woken(self, record: Record, wake: WakeLife | WakeClosing | None) -> None:
        """Temporal has taken what `record` wakes."""
        if not isinstance(wake, WakeLife) or record.end <= record.offset + 1:
            return
        place = (record.topic, record.partition)
        partition = self._partitions.get(place)
        if partition is None or partition.incarnation != record.incarnation:
            partition = self._partitions[place] = _Partition(record.incarnation)
        partition.until = max(partition.until, record.end)
        partition.by_candidate[wake.candidate_id] = (wake.wake, record.end)
