"""veraPDF, the reference validator of PDF/UA: brought by Maven once, run on a file."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.parts.jars import MissingTool, bringing, find_java, pom
from deploy.local.settings import StackSettings

VERSION = "1.28.2"
_LIBRARIES = (f"org.verapdf.apps:greenfield-apps:{VERSION}",)
_MAIN = "org.verapdf.apps.GreenfieldCliWrapper"


def breaches(pdf: bytes, folder: Path) -> list[str]:
    """The clauses of PDF/UA-1 that the file breaks; none: accessible, as far as a machine can say."""
    file = folder / "judged.pdf"
    file.write_bytes(pdf)
    words = [_java(), "-cp", f"{_jars()}/*", _MAIN, "--flavour", "ua1", "--format", "text", "--verbose"]
    told = subprocess.run([*words, str(file)], capture_output=True, text=True, check=False, timeout=120)
    verdict, *clauses = told.stdout.splitlines() or [told.stderr]
    assert verdict.startswith(("PASS ", "FAIL ")), told.stderr
    return [clause.strip() for clause in clauses] if verdict.startswith("FAIL ") else []


def _java() -> str:
    try:
        return find_java()
    except MissingTool as missing:
        pytest.skip(f"veraPDF: {missing}")


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
            pytest.skip("veraPDF: no Maven to bring it")
        (folder / "pom.xml").write_text(pom("verapdf", _LIBRARIES))
        partial = folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(bringing(maven, folder, partial), check=True, timeout=300)
        partial.rename(brought)
        return brought
