"""What waits for an officer's look, as the command shows it: whose it is, since when, and why."""

from typing import Any
from uuid import uuid4

import pytest
from rich.console import Console

from deploy.cli import officer_pieces
from deploy.cli.officer_pieces import show_flagged


def file(**changes: Any) -> dict[str, Any]:
    return {
        "candidate_id": str(uuid4()),
        "portfolio": 7,
        "piece": "p1",
        "title": "Confirmation [datée]",
        "arrived_at": "2020-11-22T22:59:59Z",
        "in_window": True,
        "flags": [{"label": "stylo rouge"}, {"label": "de l’encre hors des cadres"}],
    } | changes


def shown(capsys: pytest.CaptureFixture[str], *files: dict[str, Any]) -> str:
    show_flagged(list(files))
    return " ".join(capsys.readouterr().err.split())


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(officer_pieces, "_console", Console(stderr=True, width=240))


def test_a_file_is_shown_with_its_candidate_its_reasons_and_its_arrival_in_paris(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = file()
    said = shown(capsys, one)
    assert one["candidate_id"] in said
    assert "Confirmation [datée]" in said
    assert "stylo rouge ; de l’encre hors des cadres" in said
    assert "22/11/2020 23:59:59" in said
    assert "après la clôture" not in said


def test_what_came_after_the_window_closed_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "23/11/2020 00:00:00 (après la clôture)" in shown(
        capsys, file(arrived_at="2020-11-22T23:00:00Z", in_window=False)
    )


def test_an_empty_list_says_that_nothing_waits(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Fichiers à regarder : 0" in shown(capsys)
