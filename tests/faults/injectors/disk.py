"""The disk full under uploads: the small file system that holds the objects and the bodies is filled up."""

import asyncio
import os
from pathlib import Path
from random import Random

from tests.faults.stage import Stage
from tests.faults.strikes import Strike, Timeline

DISK = "disk-full"


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    return [
        Strike(chance.uniform(5, timeline.closes - 3), DISK, seconds=chance.uniform(2, 5)),
        Strike(timeline.deadline - chance.uniform(2, 8), DISK, seconds=chance.uniform(2, 6)),
    ]


async def strike(stage: Stage, strike: Strike) -> str:
    if not stage.disk:
        return "no small disk could be mounted"
    filler = stage.objects / ".filler"
    await asyncio.to_thread(_fill, stage.objects, filler)
    try:
        await asyncio.sleep(strike.seconds)
    finally:
        await asyncio.to_thread(filler.unlink)
    return ""


def _fill(folder: Path, filler: Path) -> None:
    """All but nothing: what is left is less than any upload."""
    found = os.statvfs(folder)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize)
