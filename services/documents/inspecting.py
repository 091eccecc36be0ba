"""The inspectors: a few processes that check and read files, each killed and replaced when it hangs or dies.

A thread could not be stopped, and a file made for it could take all the memory of the process that serves
everybody.
"""

import asyncio
import contextlib
import copy
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import anyio

from services.contracts.internal import ConfirmationMarks
from services.documents.domain.errors import BadFile, Flaw
from services.documents.reading.verdict import Doubt, Reading, Verdict
from services.documents.turns import Turns

_ROOT = Path(__file__).resolve().parents[2]
_CHUNK_BYTES = 64 * 1024
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Each thread of the linear algebra would reserve memory that the inspector may not have."""


class InspectionFailed(Exception):
    """The inspection did not end, or its process died: it says nothing of the file."""


class Inspectors:
    """Open it as an async context; `inspect` waits for a free process, and with `of` for one's turn."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._seconds = seconds
        self._turns = Turns(at_once)
        self._idle: list[Process] = []
        self._candidate_id: UUID | None = None

    async def __aenter__(self) -> "Inspectors":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            await _end(self._idle.pop())

    def of(self, candidate_id: UUID) -> "Inspectors":
        """The same, for what one candidate sent: never more than one at once, in turn with the others'."""
        own = copy.copy(self)
        own._candidate_id = candidate_id
        return own

    async def inspect(self, file: Path, declared: str) -> str:
        """The file's media type (see `services.documents.inspection.inspect`).

        Raises:
            BadFile. InspectionFailed.
        """
        found = await self._answer({"file": str(file), "declared": declared})
        if "flaw" in found:
            raise BadFile(Flaw(found["flaw"]))
        if "media_type" not in found:
            raise InspectionFailed(found.get("error"))
        return str(found["media_type"])

    async def read(self, file: Path, media_type: str, marks: ConfirmationMarks) -> Reading:
        """What a confirmation that passed its inspection says (see `services.documents.reading`).

        Raises:
            InspectionFailed.
        """
        question = {"file": str(file), "media_type": media_type, "marks": marks.model_dump(mode="json")}
        found = await self._answer(question)
        if "verdict" not in found:
            raise InspectionFailed(found.get("error"))
        return Reading(
            Verdict(found["verdict"]), found["version"], tuple(Doubt(doubt) for doubt in found["doubts"])
        )

    async def convert(self, file: Path, media_type: str, into: str, target: Path) -> None:
        """Write a picture that passed its inspection into `target`: as JPEG, or as a PDF of one page.

        Raises:
            BadFile: it takes too much memory. InspectionFailed.
        """
        await self._make({"file": str(file), "media_type": media_type, "into": into}, target)

    async def join(self, files: list[Path], target: Path) -> None:
        """Write PDFs that passed their inspection into `target` as one.

        Raises:
            BadFile. InspectionFailed.
        """
        await self._make({"join": [str(file) for file in files]}, target)

    async def _make(self, question: dict[str, Any], target: Path) -> None:
        found = await self._answer(question, target)
        if "flaw" in found:
            raise BadFile(Flaw(found["flaw"]))
        if "bytes" not in found:
            raise InspectionFailed(found.get("error"))

    async def _answer(self, question: dict[str, Any], target: Path | None = None) -> dict[str, Any]:
        async with self._turns.take(self._candidate_id):
            process = await self._take()
            try:
                async with asyncio.timeout(self._seconds):
                    found = await _ask(process, question)
                    if target is not None and "bytes" in found:
                        await _receive(process, found["bytes"], target)
            except (TimeoutError, OSError, ValueError, EOFError) as error:
                await _end(process)
                raise InspectionFailed from error
            except BaseException:
                await _end(process)
                raise
            self._idle.append(process)
        return found

    async def _take(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.documents.inspector",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=_ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), **_ONE_THREAD},
        )


async def _ask(process: Process, question: dict[str, Any]) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("no pipes")
    process.stdin.write(json.dumps(question).encode() + b"\n")
    await process.stdin.drain()
    found: dict[str, Any] = json.loads(await process.stdout.readline())
    return found


async def _receive(process: Process, size: int, target: Path) -> None:
    if process.stdout is None:
        raise ValueError("no pipe")
    async with await anyio.open_file(target, "wb") as opened:
        while size:
            chunk = await process.stdout.readexactly(min(size, _CHUNK_BYTES))
            await opened.write(chunk)
            size -= len(chunk)


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
