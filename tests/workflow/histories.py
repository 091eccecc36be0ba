"""Keeps the histories of played lives for the replay corpus, when `tests/replay/record.py` asks."""

import json
import os
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

RECORDING = "CANDIDAT_LIBRE_RECORD_HISTORIES"


async def keep(handle: WorkflowHandle[Any, Any], name: str) -> None:
    """Write the history of the latest run, finished or not."""
    folder = os.environ.get(RECORDING)
    if folder:
        history = (await handle.fetch_history()).to_json_dict()
        text = json.dumps(history, separators=(",", ":")) + "\n"
        Path(folder, f"{name}.json").write_text(text)  # noqa: ASYNC240 - a recorder
