"""The bodies of uploads, streamed to files under their limits: memory stays at one chunk."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from services.chassis.problems import BadRequest, Problem
from services.documents.domain.errors import BadFile, Flaw
from services.documents.domain.uploading import FILES_PER_SEND, LARGEST_FILE_BYTES, LARGEST_SEND_BYTES
from services.documents.inspection import declared_type

_FORM_OVERHEAD_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Sent:
    """One file of an upload as it came; `declared` is what the sender says it is."""

    file: Path
    declared: str
    name: str


async def take(request: Request, folder: Path, name: str) -> list[Sent]:
    """The files of the request, written into `folder`: its body is one, or a form with one or more `file`.

    Args:
        name: of a file that is the body.

    Raises:
        BadFile: too large. Problem: 400 for a form without a file, or one that cannot be read.
        ClientDisconnect.
    """
    content_type = request.headers.get("content-type", "")
    is_form = content_type.lower().startswith("multipart/form-data")
    _check_declared_size(request, LARGEST_SEND_BYTES if is_form else LARGEST_FILE_BYTES)
    if is_form:
        return await _form_files(request, folder)
    file = folder / "body"
    await _write(request.stream(), file)
    return [Sent(file, declared_type(content_type, name), name)]


def _check_declared_size(request: Request, largest: int) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > largest + _FORM_OVERHEAD_BYTES:
        raise BadFile(Flaw.TOO_LARGE if largest == LARGEST_FILE_BYTES else Flaw.SEND_TOO_LARGE)


async def _form_files(request: Request, folder: Path) -> list[Sent]:
    """As browsers without JavaScript send them."""
    parser = MultiPartParser(
        request.headers, _limited(request.stream()), max_files=FILES_PER_SEND + 1, max_fields=5
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise _no_file() from None
    try:
        found = [one for one in form.getlist("file") if isinstance(one, UploadFile)]
        chosen = [one for one in found if one.filename or one.size]  # a field left empty is sent all the same
        if not chosen:
            raise _no_file()
        if len(chosen) > FILES_PER_SEND:
            raise BadFile(Flaw.SEND_TOO_MANY)
        return [await _form_file(one, folder / f"body-{place}") for place, one in enumerate(chosen)]
    finally:
        await form.close()


async def _form_file(uploaded: UploadFile, file: Path) -> Sent:
    name = uploaded.filename or ""
    await _write(_chunks(uploaded), file, name)
    return Sent(file, declared_type(uploaded.content_type or "", name), name)


async def _write(body: AsyncIterator[bytes], file: Path, name: str = "") -> None:
    size = 0
    async with await anyio.open_file(file, "wb") as opened:
        async for chunk in body:
            size += len(chunk)
            if size > LARGEST_FILE_BYTES:
                raise BadFile(Flaw.TOO_LARGE, name)
            await opened.write(chunk)


async def _chunks(uploaded: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await uploaded.read(_CHUNK_BYTES):
        yield chunk


async def _limited(body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > LARGEST_SEND_BYTES + _FORM_OVERHEAD_BYTES:
            raise BadFile(Flaw.SEND_TOO_LARGE)
        yield chunk


def _no_file() -> Problem:
    return BadRequest("fichier-absent", "Choisissez un fichier à envoyer : le formulaire n’en contient pas.")
