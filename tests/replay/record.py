"""Records the replay corpus anew: `python -m tests.replay.record`.

It plays the lives of session 2021 (`tests/workflow/test_lives_2021.py`) on real owners and keeps their
histories. Record after a change of a workflow that is meant (behind `workflow.patched` once anything runs in
production), and keep the older histories as long as workflows begun by the older code may still run.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.workflow.histories import RECORDING

HISTORIES = Path(__file__).parent / "histories"
LIVES = Path(__file__).parent.parent / "workflow" / "test_lives_2021.py"


def record() -> int:
    """Returns pytest's exit code; the corpus is whole only if it is 0."""
    HISTORIES.mkdir(exist_ok=True)
    environment = os.environ | {RECORDING: str(HISTORIES)}
    command = [sys.executable, "-m", "pytest", "-q", str(LIVES)]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(record())
