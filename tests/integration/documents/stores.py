"""Stores that do not do all they are asked."""

import asyncio
from pathlib import Path

from services.documents.objects import Objects, StoreUnavailable


class LockedObjects(Objects):
    """The real store, but that it refuses to delete what begins with `locked`: root may delete any file.

    Without the way around it that a folder leaves, as S3 has none.
    """

    def __init__(self, url: str, locked: str) -> None:
        super().__init__(url)
        self._folder = None
        self.locked: str | None = locked
        self.tries = 0

    async def delete(self, key: str) -> None:
        if self.locked is not None and key.startswith(self.locked):
            self.tries += 1
            raise StoreUnavailable("objects")
        await super().delete(key)


class SlowObjects(Objects):
    """The real store, but that it takes its time for each object."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(url)
        self._seconds = seconds

    async def put(self, key: str, file: Path) -> None:
        await asyncio.sleep(self._seconds)
        await super().put(key, file)
