"""veraPDF, the reference validator of PDF/UA: brought by Maven once, run on a file.

It needs the JDK and the Maven that the tests' broker needs. Without them it fails and says which is missing.
"""

import fcntl
import shutil
import subprocess
from pathlib import Path

from deploy.local.parts.jars import MissingTool, bringing, find_java, pom
from deploy.local.settings import StackSettings

VERSION = "1.28.2"
_LIBRARIES = (f"org.verapdf.apps:greenfield-apps:{VERSION}",)
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"


def breaches(pdf: bytes, folder: Path) -> list[str]:
    """The clauses of PDF/UA-1 that the file breaks; none: accessible, as far as a machine can say."""
    file = folder / "judged.pdf"
    file.write_bytes(pdf)
    words = [find_java(), "-cp", f"{_jars()}/*", _MAIN, "--flavour", "ua1", "--format", "text", "--verbose"]
    told = subprocess.run([*words, str(file)], capture_output=True, text=True, check=False, timeout=120)
    verdict, *clauses = told.stdout.splitlines() or [told.stderr]
    assert verdict.startswith(("PASS ", "FAIL ")), told.stderr
    return [clause.strip() for clause in clauses] if verdict.startswith("FAIL ") else []


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
