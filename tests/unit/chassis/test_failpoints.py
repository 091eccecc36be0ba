"""A failpoint costs nothing unless asked for, and then ends one process, once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from services.chassis.failpoints import Failpoint

_SCRIPT = """
from services.chassis.failpoints import Failpoint, reach
reach(Failpoint.RELAY_BEFORE_MARK)
print("survived")
"""


def _run(folder: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "FAILPOINTS_FOLDER"}
    if folder is not None:
        environment["FAILPOINTS_FOLDER"] = str(folder)
    return subprocess.run(
        [sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=False
    )


def test_without_the_setting_nothing_happens() -> None:
    assert _run(None).stdout == "survived\n"


def test_another_failpoints_file_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / Failpoint.MAIL_AFTER_250).touch()
    assert _run(tmp_path).stdout == "survived\n"
    assert (tmp_path / Failpoint.MAIL_AFTER_250).exists()


def test_its_own_file_ends_the_process_as_by_kill_9_and_only_one(tmp_path: Path) -> None:
    (tmp_path / Failpoint.RELAY_BEFORE_MARK).touch()
    first, second = _run(tmp_path), _run(tmp_path)
    assert (first.returncode, first.stdout) == (-signal.SIGKILL, "")
    assert second.stdout == "survived\n"
