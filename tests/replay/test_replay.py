"""Workflows that are asleep when a new version is deployed must wake up in it: recorded histories replay."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.replay.hasty import HastyLife
from workflows.worker import WORKFLOWS

HISTORIES = Path(__file__).parent / "histories"
NAMES = sorted(path.stem for path in HISTORIES.glob("*.json"))
MARKS = ("exemple.fr", "durand", "camille", "1994-05-17", "98 12 34", "lilas")
"""Of the persons who were played (`deploy/demo/forms.py`)."""
OUTCOMES = {"confirmed", "deleted", "not_registered", "cancelled", "held", "withdrawn"}


def history(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(name, (HISTORIES / f"{name}.json").read_text())


def test_corpus_has_every_outcome_and_a_session() -> None:
    assert OUTCOMES | {"session", "reinstated", "deadline_moved"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_recorded_history_replays_in_the_code_of_today(name: str) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history(name))


async def test_edit_that_breaks_running_lives_is_noticed() -> None:
    replayer = Replayer(workflows=[HastyLife], data_converter=pydantic_data_converter)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history("confirmed"))


@pytest.mark.parametrize("name", NAMES)
def test_recorded_history_holds_nothing_of_a_person(name: str) -> None:
    text = "\n".join(_told(json.loads((HISTORIES / f"{name}.json").read_text())))
    assert "candidate_id" in text or name == "session"
    assert not [mark for mark in MARKS if mark in text.lower()]


def _told(part: Any) -> Iterator[str]:
    """Every string of a history, its payloads decoded."""
    match part:
        case str():
            yield part
        case list():
            for member in part:
                yield from _told(member)
        case {"metadata": dict(), "data": str(data)}:
            yield base64.b64decode(data).decode()
        case dict():
            for member in part.values():
                yield from _told(member)
