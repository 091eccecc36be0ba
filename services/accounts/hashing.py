"""Passwords through argon2id (RFC 9106) at OWASP's 19 MiB, t=2, p=1, in a pool with a bound.

Each hash holds a core for about 18 ms, so a few threads compute and a limited number of requests wait; the
next one is told to come back rather than queue until everybody's answer is late.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from services.accounts.domain.errors import Overloaded

T = TypeVar("T")


class Passwords:
    """Hash and verify. Verifying without a hash does the same work and fails."""

    def __init__(self, *, threads: int | None = None, waiting: int = 64) -> None:
        threads = threads or os.cpu_count() or 2
        self._argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._room = threading.BoundedSemaphore(threads + waiting)
        self._decoy = self._argon2.hash("")

    async def hash(self, password: str) -> str:
        """Raises `Overloaded`."""
        return await self._run(lambda: self._argon2.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Raises `Overloaded`."""
        matches = await self._run(lambda: self._matches(password_hash or self._decoy, password))
        return matches and password_hash is not None

    async def first_match(self, password_hashes: Sequence[str], password: str) -> str | None:
        """The first of the hashes that is the password's; all are tried, whichever it is.

        One job: the hashes of one account hold one thread, not the pool. Raises `Overloaded`.
        """

        def work() -> str | None:
            right = [one for one in password_hashes or [self._decoy] if self._matches(one, password)]
            return right[0] if right and password_hashes else None

        return await self._run(work)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        except VerificationError:  # no memory for it: it was not checked
            raise Overloaded from None

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise Overloaded
        # The place is free when the thread is, also if the request was cancelled meanwhile.
        job: Future[T] = self._pool.submit(work)
        job.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(job)
