"""An upload's body: streamed to a file under a limit, inspected, stored, committed. Bounded in size and time.

Memory stays at one chunk. What ends by the candidate's doing is refused with its reason; whatever else ends
it (a cut, a slow check, a part away) leaves the attempt on the row as a fault that may be ours.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import anyio
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from services.chassis.context import Context
from services.chassis.problems import BadRequest, Problem, RequestTimeout, Unavailable
from services.chassis.telemetry import describe, log
from services.documents.commands.faults import Fault, Unwritten
from services.documents.commands.upload import Attempt, Received, Stored, begin, refuse, store
from services.documents.confirming import confirm
from services.documents.domain.errors import BadFile, Flaw, Refused
from services.documents.domain.uploading import LARGEST_FILE_BYTES
from services.documents.inspecting import InspectionFailed, Inspectors
from services.documents.inspection import declared_type
from services.documents.objects import Objects, new_key
from services.documents.reading.verdict import Reading
from services.documents.settings import Settings

_FORM_OVERHEAD_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


class Receiver:
    """Takes uploads in."""

    def __init__(
        self, ctx: Context[Settings], objects: Objects, inspectors: Inspectors, unwritten: Unwritten
    ) -> None:
        self._ctx = ctx
        self._objects = objects
        self._inspectors = inspectors
        self._unwritten = unwritten

    async def receive(
        self, request: Request, candidate_id: UUID, piece: str, name: str, arrived_at: datetime
    ) -> Stored:
        """Take one upload in.

        Raises:
            Refused: see `services.documents.domain.errors`.
            Problem: 400 for a form without its file, 408 when the body takes longer than the grace.
        """
        attempt = await self._begin(candidate_id, piece, arrived_at)
        seconds = max(self._ctx.settings.shortest_upload_seconds, attempt.grace_seconds)
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await self._take_in(request, attempt, name)
        except (Refused, BadRequest):
            await refuse(self._ctx, attempt)
            raise
        except TimeoutError:
            if not limit.expired():
                raise
            raise RequestTimeout(
                "envoi-trop-lent",
                "L’envoi a pris trop de temps et n’a pas abouti. Ce que vous aviez déjà déposé est gardé : "
                "envoyez à nouveau ce fichier.",
            ) from None
        except ClientDisconnect:
            log.info("upload cut", attempt=str(attempt.id))
            raise RequestTimeout(
                "envoi-coupe", "L’envoi a été coupé. Envoyez à nouveau ce fichier."
            ) from None

    async def _begin(self, candidate_id: UUID, piece: str, arrived_at: datetime) -> Attempt:
        """What hinders it is ours unless it is refused; the fault is written as soon as it can be."""
        attempt_id = uuid4()
        try:
            return await begin(self._ctx, candidate_id, piece, arrived_at, attempt_id)
        except Refused:
            raise
        except BaseException:
            self._unwritten.keep(Fault(attempt_id, candidate_id, piece, arrived_at))
            raise

    async def _take_in(self, request: Request, attempt: Attempt, name: str) -> Stored:
        _check_declared_size(request)
        with tempfile.TemporaryDirectory(prefix="upload-", dir=self._ctx.settings.upload_folder) as folder:
            file = Path(folder) / "body"
            content_type = request.headers.get("content-type", "")
            if content_type.lower().startswith("multipart/form-data"):
                content_type, name = await _write_form_file(request, file)
            else:
                await _write_body(request.stream(), file)
            media_type = await self._inspect(file, declared_type(content_type, name))
            reading = await self._read(attempt, file, media_type)
            size_bytes, digest = await asyncio.to_thread(_measure, file)
            key = new_key(attempt.candidate_id)
            await self._objects.put(key, file)
        flags = tuple(doubt.value for doubt in reading.doubts) if reading else ()
        version = reading.version if reading else None
        received = Received(_shown(name), media_type, size_bytes, digest, key, flags, version)
        return await self._commit(attempt, received)

    async def _read(self, attempt: Attempt, file: Path, media_type: str) -> Reading | None:
        """None: not a confirmation, so there is nothing to read back."""
        if not attempt.confirmation:
            return None
        return await confirm(self._ctx, self._inspectors, attempt.candidate_id, file, media_type)

    async def _commit(self, attempt: Attempt, received: Received) -> Stored:
        """An object that no row names is deleted again; not where the commit's outcome is unknown."""
        try:
            stored = await store(self._ctx, attempt, received)
        except Refused:
            await self._objects.delete(received.object_key)
            raise
        if not stored.created:
            await self._objects.delete(received.object_key)
        return stored

    async def _inspect(self, file: Path, declared: str) -> str:
        try:
            return await self._inspectors.inspect(file, declared)
        except InspectionFailed as error:
            log.error("inspection failed", **describe(error))
            raise Unavailable(
                "verification-impossible",
                "La vérification de ce fichier n’a pas abouti. Ce que vous aviez déjà déposé est gardé : "
                "réessayez, ou enregistrez le fichier autrement.",
                headers={"Retry-After": "5"},
            ) from None


def _check_declared_size(request: Request) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > LARGEST_FILE_BYTES + _FORM_OVERHEAD_BYTES:
        raise BadFile(Flaw.TOO_LARGE)


async def _write_body(body: AsyncIterator[bytes], file: Path) -> None:
    size = 0
    async with await anyio.open_file(file, "wb") as opened:
        async for chunk in body:
            size += len(chunk)
            if size > LARGEST_FILE_BYTES:
                raise BadFile(Flaw.TOO_LARGE)
            await opened.write(chunk)


async def _write_form_file(request: Request, file: Path) -> tuple[str, str]:
    """The one file of a form, as browsers without JavaScript send it; its type and name."""
    parser = MultiPartParser(request.headers, _limited(request.stream()), max_files=1, max_fields=5)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise _no_file() from None
    try:
        found = form.get("file")
        if not isinstance(found, UploadFile):
            raise _no_file()
        await _write_body(_chunks(found), file)
        return found.content_type or "", found.filename or ""
    finally:
        await form.close()


async def _chunks(uploaded: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await uploaded.read(_CHUNK_BYTES):
        yield chunk


async def _limited(body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > LARGEST_FILE_BYTES + _FORM_OVERHEAD_BYTES:
            raise BadFile(Flaw.TOO_LARGE)
        yield chunk


def _measure(file: Path) -> tuple[int, str]:
    with file.open("rb") as opened:
        return file.stat().st_size, hashlib.file_digest(opened, "sha256").hexdigest()


def _shown(name: str) -> str:
    """The file's own name, for its owner's eyes: the last part, without control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200] or "sans nom"


def _no_file() -> Problem:
    return BadRequest(
        "fichier-absent",
        "Le formulaire ne contient pas de fichier « file ». Choisissez un fichier à envoyer.",
    )
