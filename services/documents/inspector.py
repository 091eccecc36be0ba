"""The process that opens what strangers send: `python -m services.documents.inspector`.

One JSON line in for each question, one out; `{"flaw"}` or `{"error"}` where there is no answer:
    {"file", "declared"}              → {"media_type"}
    {"file", "media_type", "marks"}   → {"verdict", "version", "doubts"}
    {"file", "media_type", "into"}    → {"bytes"}, then so many: the picture as JPEG or a PDF's page
    {"join"}                          → the same: the files' pages as one PDF
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
from services.documents.conversion import convert, join
from services.documents.domain.errors import BadFile, Flaw
from services.documents.inspection import inspect

MEMORY_BYTES = 1536 * 1024 * 1024
_LONGEST_SECONDS = 120


def answer(question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The line, and the bytes that follow it."""
    try:
        if "join" in question:
            return _with(join([Path(file) for file in question["join"]]))
        if "into" in question:
            return _with(convert(Path(question["file"]), question["media_type"], question["into"]))
        if "marks" in question:
            return _read(question), b""
        return {"media_type": inspect(Path(question["file"]), question["declared"])}, b""
    except BadFile as flawed:
        return {"flaw": flawed.why.value}, b""
    except MemoryError:  # of a picture: what a PDF's inspection needs is caught in it
        return {"flaw": Flaw.IMAGE_SIZE.value} if "into" in question else {"error": "MemoryError"}, b""
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side says that it was our fault
        return {"error": type(error).__name__}, b""


def _with(content: bytes) -> tuple[dict[str, Any], bytes]:
    return {"bytes": len(content)}, content


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
        found, content = answer(json.loads(line))
        signal.alarm(0)
        sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
