"""Where files are kept: obstore over a folder by default, S3 in production."""

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from services.chassis.failures import PartUnavailable

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OURS = re.compile(f"{_UUID}/{_UUID}")
"""As `new_key` makes them: whatever else lies in the store is somebody else's."""
_PATIENCE = timedelta(seconds=20)
"""How long a request to a store that is away is tried; one that hangs ends 30 s after its last try began. So
whoever waits is told within 50 s, and a store that restarts within the 20 s turns nobody away.
"""
_TRIES = 1000
"""Never reached: `_PATIENCE` ends them. By itself obstore gives up after 10, within some seconds."""
_PART = 4 * 2**20
"""Bytes asked for at once: one request for the whole would be cut after 30 s, and some read slowly."""


class StoreUnavailable(PartUnavailable):
    """The store gives no answer now, has no room, or does not know us."""


class Objects:
    """Objects by key. A key starts with the candidate's id, so that erasure can be checked by prefix.

    Whose an S3 store is and how it is reached, obstore reads from the environment (`AWS_…`).
    """

    def __init__(self, url: str) -> None:
        self._folder = _folder_of(url)
        self._store: ObjectStore = (
            from_url(url, retry_config={"retry_timeout": _PATIENCE, "max_retries": _TRIES})
            if self._folder is None
            else LocalStore(self._folder)
        )

    async def put(self, key: str, file: Path) -> None:
        """Store the file whole, there after a loss of power too; an interrupted put leaves no object.

        It goes up in one request: of one that was cut, parts would stay in an S3, in no list, for no erasure.

        Raises:
            StoreUnavailable: the object may be there all the same, if the answer alone was lost.
        """
        with _answering():
            await obstore.put_async(self._store, key, file, use_multipart=False)
        if self._folder is not None:
            await asyncio.to_thread(_keep, self._folder / key)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Find an object and read its beginning; the rest is read piece by piece.

        Raises:
            FileNotFoundError: there is none.
            StoreUnavailable: also while it is read on.
        """
        with _answering():
            found = await obstore.open_reader_async(self._store, key, buffer_size=_PART)
            beginning = await found.read(_PART)
        return _parts(bytes(beginning), found)

    async def has(self, key: str) -> bool:
        """Whether there is one; a store that gives no answer raises."""
        try:
            await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        return True

    async def delete(self, key: str) -> None:
        """What is not there is deleted.

        Raises:
            StoreUnavailable.
        """
        with contextlib.suppress(FileNotFoundError), _answering():
            await obstore.delete_async(self._store, key)

    async def of(self, candidate_id: UUID) -> AsyncIterator[list[str]]:
        """The keys of all that is stored for a candidate, in chunks."""
        async for found in obstore.list(self._store, prefix=str(candidate_id)):
            yield [one["path"] for one in found]

    async def erase(self, candidate_id: UUID) -> None:
        """Delete all that is stored for a candidate, and what a put that crashed has left half-written.

        A folder lists no half-written file, so it is deleted whole. An S3 has none (see `put`).
        What cannot be deleted keeps nothing else there.

        Raises:
            Exception: the store's first refusal; something is left.
        """
        refused = [error async for error in self._refused(candidate_id)]
        if self._folder is not None:
            try:
                await asyncio.to_thread(_delete_whole, self._folder / str(candidate_id))
            except OSError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    async def _refused(self, candidate_id: UUID) -> AsyncIterator[Exception]:
        """Delete each object; of those that the store refuses, why."""
        async for keys in self.of(candidate_id):
            for key in keys:
                try:
                    await self.delete(key)
                except Exception as error:  # noqa: BLE001 - the others are deleted all the same
                    yield error

    async def older_than(self, instant: datetime) -> AsyncIterator[list[str]]:
        """The keys of this service's objects stored before `instant`, in chunks."""
        async for found in obstore.list(self._store):
            yield [
                one["path"]
                for one in found
                if one["last_modified"] < instant and _OURS.fullmatch(one["path"])
            ]


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    """The library's errors, whose text has the key in it, become what any part's absence is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StoreUnavailable("objects") from error


async def _parts(beginning: bytes, found: "obstore.AsyncReadableFile") -> AsyncIterator[bytes]:
    part = beginning
    while part:
        yield part
        with _answering():
            part = bytes(await found.read(_PART))


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


def _delete_whole(folder: Path) -> None:
    """Whatever can be deleted of it; the second time says why something is left."""
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def new_key(candidate_id: UUID) -> str:
    return f"{candidate_id}/{uuid4()}"


def _folder_of(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    folder = Path(parts.path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
