"""One stack per root: a lock file, also held by the guardian until nothing of the stack is left."""

import asyncio
import fcntl
import os
import shutil
import time
from pathlib import Path
from typing import IO

from deploy.local.credentials import SECRETS
from deploy.local.errors import NotAStack, RootInUse

_WAIT_SECONDS = 12.0
_LOCK = "lock"


async def hold(root: Path) -> IO[str]:
    """Lock `root` for this process; closing the file gives it back.

    A holder that died may still have processes that are ending: those are waited for.

    Raises:
        RootInUse: a living stack runs here.
    """
    lock = (root / _LOCK).open("a+")
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


def forget(root: Path) -> None:
    """Empty a locked root of what an earlier stack left; the lock file stays.

    Raises:
        NotAStack: there are files, and no stack has made them.
    """
    found = [path for path in root.iterdir() if path.name != _LOCK]
    if found and not (root / SECRETS).exists():
        raise NotAStack(
            f"{root} contient des fichiers qu’aucune pile n’a créés : rien n’est effacé. "
            "Choisissez un autre dossier."
        )
    for path in found:
        if path.is_symlink():  # as root the database may live elsewhere (deploy/local/parts/postgres.py)
            shutil.rmtree(path.resolve(), ignore_errors=True)
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
