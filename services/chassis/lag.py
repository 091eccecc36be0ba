"""How long the oldest record that a consumer has not acknowledged has been there.

By the process's monotonic clock and the ends it has seen: a record's own timestamp is its producer's clock,
and either clock may be wrong. What was there before this process is counted from the start of the process.
"""

from collections import deque
from collections.abc import Collection

from aiokafka import TopicPartition


class Lag:
    """The ends of each partition as they were seen, of those that are not reached."""

    def __init__(self) -> None:
        self._ends: dict[TopicPartition, deque[tuple[float, int]]] = {}

    def keep_only(self, places: Collection[TopicPartition]) -> None:
        """Partitions that went to another process are its business."""
        for place in self._ends.keys() - set(places):
            del self._ends[place]

    def seconds(self, place: TopicPartition, *, end: int, settled: int, now: float) -> float:
        """How long, seen at `now`; the partition ends at `end`, everything before `settled` is done."""
        ends = self._ends.setdefault(place, deque())
        if not ends or ends[-1][1] < end:
            ends.append((now, end))
        while ends and ends[0][1] <= settled:
            ends.popleft()
        return now - ends[0][0] if ends else 0.0
