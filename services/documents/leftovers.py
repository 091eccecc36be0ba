"""The folders in which uploads wait for their checks, and those that a killed process has left behind.

An upload's own folder ends with it. A process that is killed leaves its folders with strangers' papers in
them, named by no database and so found by no erasure: they are deleted once no upload can use them any more.
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from services.chassis.telemetry import describe, log

PREFIX = "candidat-libre-upload-"
OLD_SECONDS = 3600
"""No upload lasts an hour (`sweep_once_more` in sql/objects.sql counts on it too)."""
_ASK_SECONDS = 600


def upload_folder(within: Path | None) -> tempfile.TemporaryDirectory[str]:
    """A folder for one upload; gone at the end of the context."""
    return tempfile.TemporaryDirectory(prefix=PREFIX, dir=within)


async def sweep_for_ever(within: Path | None) -> None:
    """At once, then every ten minutes, until cancelled."""
    while True:
        await asyncio.to_thread(sweep, within)
        await asyncio.sleep(_ASK_SECONDS)


def sweep(within: Path | None, now: float | None = None) -> int:
    """Delete the folders that are older than an hour (`now`: seconds of the file system's clock).

    Returns how many. One that cannot be deleted is told and tried again.
    """
    before = (time.time() if now is None else now) - OLD_SECONDS
    deleted = 0
    for folder in Path(within or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder)
                deleted += 1
        except FileNotFoundError:
            continue  # its upload ended, or another process was faster
        except OSError as error:
            log.error("folder of an upload cannot be deleted", **describe(error))
    if deleted:
        log.info("folders of killed uploads deleted", deleted=deleted)
    return deleted
