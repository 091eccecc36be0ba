"""veraPDF, the reference validator of PDF/UA: brought by Maven once, run on a file.

It needs the JDK and the Maven that the tests' broker needs. Without them it fails and says which is missing.
"""

import fcntl
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.parts.jars import MissingTool, bringing, find_java, pom
from deploy.local.settings import StackSettings

VERSION = "1.28.2"
_LIBRARIES = (f"org.verapdf.apps:greenfield-apps:{VERSION}",)
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"


def breaches(pdf: bytes, folder: Path) -> list[str]:
    """The clauses of PDF/UA-1 that the file breaks; none: accessible, as far as a machine can say."""
    (found,) = breaches_of_each([pdf], folder)
    return found


def breaches_of_each(pdfs: Sequence[bytes], folder: Path) -> list[list[str]]:
    """The same of several: to start the validator takes longer than what it then does."""
    files = [folder / f"judged-{number}.pdf" for number in range(len(pdfs))]
    for file, pdf in zip(files, pdfs, strict=True):
        file.write_bytes(pdf)
    java = [find_java(), "-XX:TieredStopAtLevel=1", "-cp", f"{_jars()}/*", _MAIN]
    words = [*java, "--flavour", "ua1", "--format", "text", "--verbose", *map(str, files)]
    told = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    found = _verdicts(told.stdout.splitlines())
    assert len(found) == len(pdfs), told.stderr
    return found


def _verdicts(lines: list[str]) -> list[list[str]]:
    """A line for each file; below the name of one that fails its clauses, indented."""
    found: list[list[str]] = []
    for line in lines:
        if line.startswith(("PASS ", "FAIL ")):
            found.append([])
        elif line.strip():
            found[-1].append(line.strip())
    return found


def _jars() -> Path:
    folder = StackSettings().parts_folder / f"verapdf-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    brought = folder / "libs"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if brought.is_dir():
            return brought
        maven = shutil.which("mvn")
        if maven is None:
            raise MissingTool("Maven manque, et veraPDF n’est pas encore là")
        (folder / "pom.xml").write_text(pom("verapdf", _LIBRARIES))
        partial = folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(bringing(maven, folder, partial), check=True, timeout=300)
        partial.rename(brought)
        return brought
