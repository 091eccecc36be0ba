"""The events are what was agreed, in `services/contracts/schemas/`."""

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from deploy.cli.schemas import schemas
from services.contracts import snapshots
from services.contracts.events import CATALOGUE


def test_no_event_changed_in_a_way_its_readers_cannot_bear() -> None:
    refused = snapshots.refused_changes(snapshots.read(), snapshots.current())
    assert refused == [], "make it an event of the next version, beside the old one"


def test_the_snapshots_are_those_of_the_models() -> None:
    assert snapshots.stale(snapshots.read(), snapshots.current()) == [], "run « candidat-libre schemas »"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As agreed now."""
    snapshots.write(snapshots.current(), tmp_path)
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str]:
    app = Typer()
    app.command()(schemas)
    result = CliRunner().invoke(app, ["--folder", str(folder), *words])
    return result.exit_code, result.output


def test_the_command_writes_one_file_per_event(folder: Path) -> None:
    for file in folder.glob("*.json"):
        file.unlink()
    assert run(folder, "--check")[0] == 1
    assert run(folder)[0] == 0
    assert {file.name for file in folder.iterdir()} == {f"{name}.json" for name in CATALOGUE}
    assert run(folder, "--check")[0] == 0


def test_the_command_refuses_to_agree_to_an_incompatible_change(folder: Path) -> None:
    file = folder / "accounts.AccountCreated.v1.json"
    agreed = json.loads(file.read_text())
    agreed["properties"]["nickname"] = {"type": "string"}
    file.write_text(json.dumps(agreed))
    code, said = run(folder)
    assert code == 1
    assert "accounts.AccountCreated.v1: event.nickname: removed" in said
    assert "nickname" in file.read_text()
    assert run(folder, "--replace-incompatible")[0] == 0
    assert "nickname" not in file.read_text()
