"""The process that opens what strangers send: `python -m services.documents.inspector`.

One JSON line in for each file, one out: `{"file", "declared"}` → `{"media_type"}`, `{"flaw"}` or `{"error"}`;
`{"file", "media_type", "marks"}` → `{"verdict", "version", "doubts"}` or `{"error"}`.
It has no secrets, little memory, and may write no file. It ends with its standard input; a file on which it
hangs ends it too, also when nobody is left to do so.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from services.contracts.internal import ConfirmationMarks
from services.documents.domain.errors import BadFile
from services.documents.inspection import inspect

MEMORY_BYTES = 1536 * 1024 * 1024
_LONGEST_SECONDS = 120


def answer(question: dict[str, Any]) -> dict[str, Any]:
    try:
        if "marks" in question:
            return _read(question)
        return {"media_type": inspect(Path(question["file"]), question["declared"])}
    except BadFile as flawed:
        return {"flaw": flawed.why.value}
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side says that it was our fault
        return {"error": type(error).__name__}


def _read(question: dict[str, Any]) -> dict[str, Any]:
    # Loaded by those that read: most files are only inspected.
    from services.documents.reading.reader import read

    marks = ConfirmationMarks.model_validate(question["marks"])
    found = read(Path(question["file"]), question["media_type"], marks)
    return {"verdict": found.verdict, "version": found.version, "doubts": found.doubts}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        signal.alarm(_LONGEST_SECONDS)
        found = answer(json.loads(line))
        signal.alarm(0)
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
