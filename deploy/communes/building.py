"""npm brings the package by the lockfile; what is searched is kept as one small file of lines."""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.npm import npm

HERE = Path(__file__).parent
LIST = HERE.parents[1] / "services" / "registration" / "data" / "communes.tsv.gz"
_SOURCE = Path("node_modules", "@etalab", "decoupage-administratif", "data", "communes.json")
_KINDS = {
    "commune-actuelle": "C",
    "arrondissement-municipal": "A",
    "commune-deleguee": "D",
    "commune-associee": "D",
}


def ensure() -> Path:
    """The list, built if it is absent or was made from another version than the locked one.

    Raises:
        BuildFailed.
    """
    wanted = _fingerprint()
    if _made_from() != wanted:
        with tempfile.TemporaryDirectory() as folder:
            _install(Path(folder))
            with (Path(folder) / _SOURCE).open(encoding="utf-8") as stream:
                communes: list[dict[str, Any]] = json.load(stream)
        _write(wanted, communes)
    return LIST


def _install(folder: Path) -> None:
    """In a folder of its own, so that two starts at once do not meet."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, folder)
    npm(folder, "ci")


def _write(fingerprint: str, communes: list[dict[str, Any]]) -> None:
    """Whole or not at all: a reader never sees half a list."""
    text = "\n".join([fingerprint, *_lines(communes)]) + "\n"
    handle, name = tempfile.mkstemp(dir=LIST.parent, prefix=".communes-")
    with os.fdopen(handle, "wb") as file:
        file.write(gzip.compress(text.encode(), 9, mtime=0))
    Path(name).chmod(0o644)
    Path(name).replace(LIST)


def _lines(communes: list[dict[str, Any]]) -> Iterator[str]:
    """INSEE code, kind (C: commune, A: arrondissement, D: former commune), département, postcodes, name."""
    for one in communes:
        postcodes = " ".join(one.get("codesPostaux", ()))
        yield "\t".join((one["code"], _KINDS[one["type"]], one["departement"], postcodes, one["nom"]))


def _fingerprint() -> str:
    """Of the lockfile and of this file: another version or another form makes another list."""
    content = (HERE / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return "# " + hashlib.sha256(content).hexdigest()


def _made_from() -> str | None:
    try:
        with gzip.open(LIST, "rt", encoding="utf-8") as stream:
            return stream.readline().rstrip("\n")
    except (OSError, EOFError):
        return None
