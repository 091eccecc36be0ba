"""The inspectors are processes: what hangs or takes too much ends with them, and the next file is checked."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.documents.domain.errors import BadFile, Flaw
from services.documents.inspecting import InspectionFailed, Inspectors
from tests.unit.documents import papers


@pytest.fixture
async def inspectors() -> AsyncIterator[Inspectors]:
    async with Inspectors(at_once=1, seconds=20) as opened:
        yield opened


def written(folder: Path, content: bytes) -> Path:
    file = folder / "body"
    file.write_bytes(content)
    return file


async def test_a_file_is_inspected_elsewhere(inspectors: Inspectors, tmp_path: Path) -> None:
    assert await inspectors.inspect(written(tmp_path, papers.pdf()), "") == "application/pdf"


async def test_a_flaw_comes_back(inspectors: Inspectors, tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        await inspectors.inspect(written(tmp_path, b""), "")
    assert refused.value.why is Flaw.EMPTY


async def test_an_inspector_serves_again(inspectors: Inspectors, tmp_path: Path) -> None:
    file = written(tmp_path, papers.image())
    await inspectors.inspect(file, "")
    began = time.monotonic()
    await inspectors.inspect(file, "")
    assert time.monotonic() - began < 0.2


async def test_a_file_that_unpacks_to_gigabytes_is_refused(inspectors: Inspectors, tmp_path: Path) -> None:
    file = written(tmp_path, papers.bomb_pdf(3000))
    assert file.stat().st_size < 10 * 1024 * 1024
    with pytest.raises(BadFile) as refused:
        await inspectors.inspect(file, "")
    assert refused.value.why is Flaw.PDF_BROKEN
    assert await inspectors.inspect(written(tmp_path, papers.pdf()), "") == "application/pdf"


async def test_an_inspection_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """A pipe that nobody writes to stands for a file that hangs its reader."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    async with Inspectors(at_once=1, seconds=1.5) as inspectors:
        with pytest.raises(InspectionFailed):
            await inspectors.inspect(pipe, "")
        assert await inspectors.inspect(written(tmp_path, papers.image()), "") == "image/jpeg"


async def test_an_inspector_that_died_is_replaced(inspectors: Inspectors, tmp_path: Path) -> None:
    file = written(tmp_path, papers.image())
    await inspectors.inspect(file, "")
    [process] = inspectors._idle
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await inspectors.inspect(file, "") == "image/jpeg"


async def test_no_inspector_outlives_its_pool(tmp_path: Path) -> None:
    async with Inspectors(at_once=2, seconds=20) as inspectors:
        file = written(tmp_path, papers.image())
        await asyncio.gather(*(inspectors.inspect(file, "") for _ in range(4)))
        pids = [process.pid for process in inspectors._idle]
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
