"""Builds the site's assets with npm.

Nothing is done when what is built is newer than its sources. Several starts at once wait for one build.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.npm import BuildFailed, npm

__all__ = ["SOURCE", "BuildFailed", "build", "is_built"]

SOURCE = Path(__file__).parents[1] / "services" / "chassis" / "assets"


def is_built(source: Path = SOURCE) -> bool:
    mark = source / "built" / "sources.sha256"
    return mark.is_file() and mark.read_text() == _digest(source)


def build(source: Path = SOURCE) -> bool:
    """Build unless it is built; whether there was anything to do.

    Raises:
        BuildFailed: see there.
    """
    with _alone(source):
        if is_built(source):
            return False
        npm(source, "ci")
        npm(source, "run", "build")
        (source / "built" / "sources.sha256").write_text(_digest(source))
        return True


def _digest(source: Path) -> str:
    found = hashlib.sha256()
    for file in (source / "package-lock.json", source / "build.mjs", *sorted((source / "src").iterdir())):
        found.update(f"{file.name}\0".encode() + file.read_bytes())
    return found.hexdigest()


@contextmanager
def _alone(source: Path) -> Iterator[None]:
    (source / "built.lock").touch()
    with (source / "built.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
