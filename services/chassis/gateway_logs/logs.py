"""The gateways' logs as files: which there are, and what is new in one since it was read last.

A file is known by its first line, whatever it is called now: a rolled one goes on to be read, one begun anew
under the same name is another.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_LONGEST_LINE = 64 * 1024
_CHUNK = 1024 * 1024


class NoLog(OSError):
    """No file is there: the gateway has never started, or the pattern is wrong."""


@dataclass(frozen=True, slots=True)
class New:
    """Whole lines, and the place after them. `more`: the file goes on."""

    lines: tuple[bytes, ...]
    read_to: int
    more: bool


def found(patterns: str) -> list[Path]:
    """The files of all patterns, separated by commas.

    Raises:
        NoLog: one of them has none.
    """
    files: list[Path] = []
    for pattern in filter(None, map(str.strip, patterns.split(","))):
        start = Path(Path(pattern).anchor)
        named = sorted(start.glob(str(Path(pattern).relative_to(start))))
        if not named:
            raise NoLog
        files += named
    return files


def beginning(path: Path) -> bytes | None:
    """By what it is known; None: it has no whole line yet, or was rolled away just now.

    Raises:
        OSError: it may not be read.
    """
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_LINE)
    except FileNotFoundError:
        return None
    ended = first.endswith(b"\n") or len(first) == _LONGEST_LINE
    return hashlib.sha256(first).digest() if ended else None


def new_in(path: Path, known_by: bytes, read_to: int) -> New | None:
    """What is whole after `read_to`; None where the file is not the one meant any more.

    A last line without its end is left for the next time, unless it is longer than any could be.

    Raises:
        OSError: it may not be read.
    """
    try:
        with path.open("rb") as file:
            if hashlib.sha256(file.readline(_LONGEST_LINE)).digest() != known_by:
                return None
            size = file.seek(0, 2)
            start = read_to if read_to <= size else 0
            file.seek(start)
            chunk = file.read(_CHUNK)
    except FileNotFoundError:
        return None
    whole, ended, rest = chunk.rpartition(b"\n")
    taken = len(whole) + len(ended)
    if len(rest) >= _LONGEST_LINE and not ended:
        taken = len(chunk)
    lines = tuple(line for line in whole.split(b"\n") if line.strip())
    return New(lines, start + taken, more=taken > 0 and start + taken < size)
