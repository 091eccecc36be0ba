"""Where files are kept: obstore over a folder by default, S3 in production."""

import re
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
        self._store: ObjectStore = _open(url)

    async def put(self, key: str, file: Path) -> None:
        """Store the file whole; an interrupted put leaves no object."""
        await obstore.put_async(self._store, key, file)

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


def new_key(candidate_id: UUID) -> str:
    return f"{candidate_id}/{uuid4()}"


def _open(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(parts.path)
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(folder)
    return from_url(url)
