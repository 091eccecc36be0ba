"""Starts what died again, as a supervisor of processes would: after a while, and until it stays up."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.local import LocalStack, PartFailed
from deploy.local.processes import BY_NAME
from deploy.local.progress import Progress, State
from tests.faults.strikes import Missed

_AGAIN_SECONDS = 0.5
_SEEN_WITHIN_SECONDS = 10
_SHORTEST_AWAY, _LONGEST_AWAY = 0.2, 3.0


@dataclass
class Fell:
    """Who ended, when, and when it was ready again."""

    name: str
    at: datetime
    back_at: datetime | None = None


class Supervisor:
    """Give `told` to the stack as its onlooker, then the stack to `serve`."""

    def __init__(self) -> None:
        self._stack: LocalStack | None = None
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._chance = random.Random(0)
        self._told = asyncio.Event()
        self.deaths: list[str] = []
        """Who ended without our asking: at a failpoint, or by a defect."""
        self.fell: list[Fell] = []
        """Everybody who ended."""

    def serve(self, stack: LocalStack) -> None:
        self._stack = stack

    def begin(self, seed: str) -> None:
        """A new round: its waits are its seed's."""
        self._chance = random.Random(seed)
        self.deaths.clear()
        self.fell.clear()

    def told(self, progress: Progress) -> None:
        if progress.state is State.DIED and self._stack is not None and progress.name in BY_NAME:
            self.deaths.append(progress.name)
            self.fell.append(Fell(progress.name, datetime.now(UTC)))
            self._told.set()
            self.start_again(progress.name)

    async def kill(
        self, name: str, *, away: float | None = None, before: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """SIGKILL, and up again after `away` seconds (by chance where not given): see `start_again`.

        Raises:
            Missed: it was not up, so nobody was killed.
        """
        if name in self._starting:
            raise Missed("was not up")
        self.fell.append(Fell(name, datetime.now(UTC)))
        await self._running.kill(name)
        self.start_again(name, away=away, before=before)

    def start_again(
        self, name: str, *, away: float | None = None, before: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Start it after `away` seconds; `before`: what is done first, while it is down."""
        if name in self._starting:
            return
        seconds = self._chance.uniform(_SHORTEST_AWAY, _LONGEST_AWAY) if away is None else away
        task = asyncio.create_task(self._start(name, seconds, before), name=f"start {name}")
        self._starting[name] = task

    async def saw_fall(self, name: str, since: datetime) -> None:
        """Until it is known that this one ended, at that instant or later.

        Raises:
            TimeoutError: it did not.
        """
        async with asyncio.timeout(_SEEN_WITHIN_SECONDS):
            while not any(one.name == name and one.at >= since for one in self.fell):
                self._told.clear()
                await self._told.wait()

    async def back(self, name: str) -> None:
        """Until this one is up again."""
        while (task := self._starting.get(name)) is not None:
            await asyncio.shield(task)

    async def whole(self) -> None:
        """Until nothing is down any more.

        Raises:
            Exception: whatever made a start impossible.
        """
        while self._starting:
            await asyncio.gather(*self._starting.values())

    async def close(self) -> None:
        """Start nothing any more."""
        self._stack = None
        tasks = list(self._starting.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def _running(self) -> LocalStack:
        assert self._stack is not None
        return self._stack

    async def _start(self, name: str, away: float, before: Callable[[], Awaitable[None]] | None) -> None:
        try:
            await asyncio.sleep(away)
            try:
                if before is not None:
                    await before()
            finally:  # whatever hindered that, it is not to stay down
                await self._until_up(name)
        finally:
            del self._starting[name]  # at once: it may fall again before this task is known to be done

    async def _until_up(self, name: str) -> None:
        while True:
            if await self._restarted(name):
                break
            await asyncio.sleep(_AGAIN_SECONDS)
        self._up_again(name)

    async def _restarted(self, name: str) -> bool:
        """False where it did not come up, or fell while that was being said."""
        before = self._falls(name)
        try:
            await self._running.restart(name)
        except PartFailed:
            return False
        return self._falls(name) == before

    def _falls(self, name: str) -> int:
        return sum(one.name == name for one in self.fell)

    def _up_again(self, name: str) -> None:
        now = datetime.now(UTC)
        for one in self.fell:
            if one.name == name and one.back_at is None:
                one.back_at = now
