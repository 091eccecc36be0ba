"""Ports of one stack: the one it had, else the usual one, else a free one.

A port is held by a lock file besides the probe, so that two stacks that start at the same moment cannot be
given the same one. Free ports come from below the range that the kernel hands to outgoing connections.
"""

import fcntl
import json
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

_FREE = range(20_000, 32_000)
_TRIES = 500


def _bindable(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Ports:
    """Name → port, remembered in `file` for the next start of the same stack."""

    def __init__(self, file: Path, *, usual: bool) -> None:
        self._file = file
        self._usual = usual
        self._earlier: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self._chosen: dict[str, int] = {}
        self._locks: list[IO[bytes]] = []
        self.moved: dict[str, tuple[int, int]] = {}
        """Name → (usual port, taken; port chosen instead)."""

    def __getitem__(self, name: str) -> int:
        return self._chosen[name]

    def choose(self, name: str, usual: int) -> int:
        """A port for `name`, held until `release`."""
        preferred = self._earlier.get(name) or (usual if self._usual else None)
        if preferred is not None and self._hold(preferred):
            port = preferred
        else:
            port = self._free()
            if preferred is not None:
                self.moved[name] = (preferred, port)
        self._chosen[name] = port
        return port

    def save(self) -> None:
        self._file.write_text(json.dumps(self._earlier | self._chosen, indent=2))

    def release(self) -> None:
        for lock in self._locks:
            lock.close()
        self._locks.clear()

    def _free(self) -> int:
        for _ in range(_TRIES):
            port = random.choice(_FREE)
            if self._hold(port):
                return port
        raise OSError("no free port found")

    def _hold(self, port: int) -> bool:
        folder = Path(tempfile.gettempdir()) / f"candidat-libre-ports-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = (folder / str(port)).open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        if not _bindable(port):
            lock.close()
            return False
        self._locks.append(lock)
        return True
