"""Processes whose wall clock is wrong by a given offset; the monotonic clock stays true (libfaketime).

    environment = wrong_clock(timedelta(minutes=5))     # for a process; `LocalStack(extra_environment=…)`

Loaded into the process before anything else, so what its libraries ask of the system is wrong as well.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path


class NoFaketime(Exception):
    """The library is not there: a test without it would show nothing."""


def wrong_clock(offset: timedelta) -> dict[str, str]:
    """The environment of a process whose clock is ahead by `offset`, or behind for a negative one.

    Raises:
        NoFaketime: see there.
    """
    return {
        "LD_PRELOAD": str(_library()),
        "FAKETIME": f"{offset.total_seconds():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Else a wait by the monotonic clock ends at once. Python's threads wait so for each other: they would
        # spin, and the process answer slowly, which is not what a wrong clock does.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }


def _library() -> Path:
    spec = find_spec("libfaketime")
    for folder in spec.submodule_search_locations or () if spec else ():
        for found in sorted(Path(folder).rglob("libfaketime.so*")):
            return found
    raise NoFaketime("uv sync brings it, as a package of the group dev")
