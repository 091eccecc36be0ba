"""One stack per root: a lock file, also held by the guardian until nothing of the stack is left."""

import asyncio
import fcntl
import os
import time
from pathlib import Path
from typing import IO

from deploy.local.errors import RootInUse

_WAIT_SECONDS = 12.0


async def hold(root: Path) -> IO[str]:
    """Lock `root` for this process; closing the file gives it back.

    A holder that died may still have processes that are ending: those are waited for.

    Raises:
        RootInUse: a living stack runs here.
    """
    lock = (root / "lock").open("a+")
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            if _running(holder) or time.monotonic() > until:
                lock.close()
                raise RootInUse(
                    f"Une pile tourne déjà dans {root} (processus {holder}). "
                    "Arrêtez-la (Ctrl-C), ou choisissez un autre dossier."
                ) from None
            await asyncio.sleep(0.1)
        else:
            break
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
