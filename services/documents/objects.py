"""Where files are kept: obstore over a folder by default, S3 in production."""

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OURS = re.compile(f"{_UUID}/{_UUID}")
"""As `new_key` makes them: whatever else lies in the store is somebody else's."""


class Objects:
    """Objects by key. A key starts with the candidate's id, so that erasure can be checked by prefix."""

    def __init__(self, url: str) -> None:
        self._folder = _folder_of(url)
        self._store: ObjectStore = from_url(url) if self._folder is None else LocalStore(self._folder)

    async def put(self, key: str, file: Path) -> None:
        """Store the file whole, there after a loss of power too; an interrupted put leaves no object."""
        await obstore.put_async(self._store, key, file)
        if self._folder is not None:
            await asyncio.to_thread(_keep, self._folder / key)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Find an object; it is then read piece by piece.

        Raises:
            FileNotFoundError: there is none.
        """
        found = await obstore.get_async(self._store, key)
        return _chunks(found)

    async def delete(self, key: str) -> None:
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    async def of(self, candidate_id: UUID) -> AsyncIterator[list[str]]:
        """The keys of all that is stored for a candidate, in chunks."""
        async for found in obstore.list(self._store, prefix=str(candidate_id)):
            yield [one["path"] for one in found]

    async def erase(self, candidate_id: UUID) -> None:
        """Delete all that is stored for a candidate, and what a put that crashed has left half-written.

        A folder lists no half-written file, so it is deleted whole. Of S3 its lifecycle rule clears them.
        """
        async for keys in self.of(candidate_id):
            for key in keys:
                await self.delete(key)
        if self._folder is not None:
            with contextlib.suppress(FileNotFoundError):
                await asyncio.to_thread(shutil.rmtree, self._folder / str(candidate_id))

    async def older_than(self, instant: datetime) -> AsyncIterator[list[str]]:
        """The keys of this service's objects stored before `instant`, in chunks."""
        async for found in obstore.list(self._store):
            yield [
                one["path"]
                for one in found
                if one["last_modified"] < instant and _OURS.fullmatch(one["path"])
            ]


async def _chunks(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream():
        yield bytes(chunk)


def _keep(file: Path) -> None:
    """Have the disk itself hold the file and its name; obstore leaves both to the system's cache.

    One that is erased meanwhile needs no keeping.
    """
    with contextlib.suppress(FileNotFoundError):
        for place in (file, file.parent, file.parent.parent):
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def new_key(candidate_id: UUID) -> str:
    return f"{candidate_id}/{uuid4()}"


def _folder_of(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    folder = Path(parts.path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
