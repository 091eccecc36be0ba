"""The disk full under uploads: the small file system that holds the objects and the bodies is filled up."""

import asyncio
import errno
from pathlib import Path
from random import Random

from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

DISK = "disk-full"
_ZEROS = bytes(1 << 20)


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    """Once in the first third of the window, when most send their pieces, and once before the deadline."""
    return [
        Strike(chance.uniform(0.15, 0.35) * timeline.closes, DISK, seconds=chance.uniform(3, 6)),
        Strike(timeline.deadline - chance.uniform(2, 8), DISK, seconds=chance.uniform(2, 6)),
    ]


async def strike(stage: Stage, strike: Strike) -> str:
    if not stage.disk:
        raise Missed("no small disk could be mounted")
    filler, before = stage.objects / ".filler", await asyncio.to_thread(_turned_away, stage)
    try:
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(strike.seconds)
    finally:
        await asyncio.to_thread(filler.unlink, missing_ok=True)
    if not (met := await asyncio.to_thread(_turned_away, stage) - before):
        raise Missed("no upload met it")
    return f"{met} turned away"


def _turned_away(stage: Stage) -> int:
    """How many uploads the gateway has seen fail so far."""
    log = stage.addresses.turned_away
    return log.read_bytes().count(b'"what":"upload"') if log is not None and log.exists() else 0


def _fill(filler: Path) -> None:
    """Until nothing goes in any more, whoever takes room meanwhile."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(_ZEROS)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
