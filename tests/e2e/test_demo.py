"""The demo's scenario as one end-to-end test: real parts, compressed calendar, the public API alone.

The command is run as a newcomer runs it; the tests then read what it reported and what it left on disk.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import new_root

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

# What only the played persons have: address domain, name, birth date, street, phones, password. Each is long
# enough not to turn up in binary files by chance.
PERSONAL_MARKS = (
    "courriel.example",
    "Durand",
    "1994-05-17",
    "rue des Lilas",
    "98 76 54 32",
    "698765432",
    "chaque-jour-une-page",
)


@dataclass(frozen=True)
class Run:
    root: Path
    exit_code: int
    output: str
    report: dict[str, Any]
    left_behind: list[str]

    def candidate(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.report["candidates"] if one["key"] == key)
        return found


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with new_root() as folder:
        yield _play(folder / "stack", folder / "demo.json")


def _play(root: Path, report: Path) -> Run:
    command = [sys.executable, "-m", "deploy.cli.main", "demo", "--root", str(root), "--report", str(report)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        output, _ = process.communicate(timeout=500)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    assert report.exists(), output
    return Run(root, process.returncode, output, json.loads(report.read_text()), _processes_of(root))


def _processes_of(root: Path) -> list[str]:
    """Processes that still name the stack's folder in their command line or stand in it."""
    found = []
    for process in psutil.process_iter(["pid", "name", "cmdline", "cwd"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(root) in words or str(process.info["cwd"] or "").startswith(str(root)):
            found.append(f"{process.info['pid']} {process.info['name']}")
    return found


def test_everything_goes_as_the_notice_says(run: Run) -> None:
    outcomes = {one["key"]: (one["outcome"], one["deviations"]) for one in run.report["candidates"]}
    assert outcomes == {
        "confirmed": ("confirmed", []),
        "never-activates": ("deleted", []),
        "starts-again": ("confirmed", []),
        "never-saves": ("not_registered", []),
        "one-missing": ("cancelled", []),
        "last-second": ("confirmed", []),
        "too-late": ("cancelled", []),
    }
    assert run.exit_code == 0, run.output


def test_no_process_is_left_behind(run: Run) -> None:
    assert run.left_behind == []


def test_a_deleted_address_starts_again_as_another_candidate(run: Run) -> None:
    first, second = run.candidate("never-activates"), run.candidate("starts-again")
    assert first["id"] is not None
    assert first["id"] != second["id"]


def test_no_decision_comes_before_its_limit_and_grace(run: Run) -> None:
    session = run.report["session"]
    grace = timedelta(seconds=session["grace_seconds"])
    closes = datetime.fromisoformat(session["closes_at"]) + grace
    for key in ("one-missing", "too-late"):
        candidate = run.candidate(key)
        deadline = datetime.fromisoformat(candidate["deadline_at"]) + grace
        assert datetime.fromisoformat(candidate["decided_at"]) >= deadline, key
    for key in ("confirmed", "starts-again", "never-saves", "last-second"):
        assert datetime.fromisoformat(run.candidate(key)["decided_at"]) >= closes, key


def test_a_complete_candidature_is_confirmed_at_the_close_of_the_window(run: Run) -> None:
    deadline = datetime.fromisoformat(run.report["session"]["deadline_at"])
    assert datetime.fromisoformat(run.candidate("confirmed")["decided_at"]) < deadline


def test_the_late_are_refused_with_a_stable_type(run: Run) -> None:
    refusals = [(one["status"], one["type"]) for one in run.candidate("too-late")["refusals"]]
    assert refusals == [(409, "fenetre-fermee"), (409, "echeance-passee")]


def test_the_reminders_leave_for_the_incomplete_alone(run: Run) -> None:
    def reminders(key: str) -> int:
        return sum(mail["kind"] == "reminder" for mail in run.candidate(key)["mails"])

    assert reminders("one-missing") >= 1
    assert reminders("confirmed") == 0


def test_each_cause_has_one_mail(run: Run) -> None:
    seen = _mailbox(run.root)
    identifiers = [mail["message_id"] for mail in seen]
    assert len(identifiers) == len(set(identifiers)) > 0
    for key in ("confirmed", "one-missing"):
        outcome = run.candidate(key)["outcome"]
        kinds = [mail["kind"] for mail in run.candidate(key)["mails"] if mail["state"] == "sent"]
        assert kinds.count(outcome) == 1
        assert kinds.count("activation") == 1


def _mailbox(root: Path) -> list[dict[str, Any]]:
    file = next(root.rglob("*.jsonl"))
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize("where", ["kafka", "temporal", "logs"])
def test_no_topic_history_or_log_tells_who_the_person_is(run: Run, where: str) -> None:
    """The files themselves are read: records and histories are neither compressed nor encrypted."""
    files = [path for path in (run.root / where).rglob("*") if path.is_file()]
    content = {path: path.read_bytes() for path in files}
    control = run.candidate("confirmed")["id"].encode()
    assert any(control in data for data in content.values()), "the search must find the bare id"
    marks = [mark.encode() for mark in PERSONAL_MARKS]
    found = [(path.name, mark) for path, data in content.items() for mark in marks if mark in data]
    assert found == []
