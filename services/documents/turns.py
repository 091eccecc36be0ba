"""What one candidate may take of what all share: some uploads at once, one inspection at a time.

In each process, so that several uploads of one account neither fill the disk nor make the others wait.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID
from weakref import WeakValueDictionary


class NoPlace(Exception):
    """The candidate has all the places that one may have."""


class Places:
    """Of uploads under way: at most `each` for each candidate."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def take(self, candidate_id: UUID) -> Iterator[None]:
        """Raises: NoPlace."""
        if self._taken[candidate_id] >= self._each:
            raise NoPlace
        self._taken[candidate_id] += 1
        try:
            yield
        finally:
            self._taken[candidate_id] -= 1
            if not self._taken[candidate_id]:
                del self._taken[candidate_id]


class Turns:
    """At most `at_once`, and one for each candidate: who asks for many waits behind the others' next one."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._own: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, candidate_id: UUID | None) -> AsyncIterator[None]:
        """None: for nobody in particular."""
        if candidate_id is None:
            async with self._free:
                yield
            return
        own = self._own.get(candidate_id) or self._own.setdefault(candidate_id, asyncio.Lock())
        async with own, self._free:
            yield
