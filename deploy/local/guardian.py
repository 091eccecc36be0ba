"""Ends a stack's processes when the stack itself died without doing it (SIGKILL, a crash).

Run as a script with the bare interpreter. Reads `+ GROUP SIGNAL` and `- GROUP` lines; at the end of input,
which comes when the stack's process is gone for whatever reason, it sends each remaining process group its
signal, last started first, and SIGKILL after the grace. It inherits the stack's lock, so that the root stays
in use until nothing of the stack is left.
"""

import os
import signal
import sys
import time

_GRACE_SECONDS = 8.0


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        action, group, *number = line.split()
        if action == "+":
            groups[int(group)] = int(number[0])
        else:
            groups.pop(int(group), None)
    for group in reversed(list(groups)):
        _send(group, groups[group])
    until = time.monotonic() + _GRACE_SECONDS
    while any(map(_alive, groups)) and time.monotonic() < until:
        time.sleep(0.05)
    for group in groups:
        _send(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
