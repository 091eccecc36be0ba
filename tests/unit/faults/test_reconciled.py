"""What reconciling after a round tells: its findings, and what a run without any changed all the same."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.conductor import Result
from tests.faults.reconciled import Expected, changes, findings, told
from tests.unit.faults.recording import RECORDED

_KEY = "0199aaaa-0000-7000-8000-000000000001"
_AGREED: dict[str, Any] = {"repaired_by_kind": {}, "left_by_kind": {}, "repaired": [], "left": []}


def test_every_kind_of_finding_is_told_whether_mended_or_left() -> None:
    report = _AGREED | {
        "repaired_by_kind": {"fact_unheard": 3},
        "left_by_kind": {"verdict_missing": 1},
        "repaired": [{"key": _KEY, "kind": "fact_unheard", "seen": "documents 4"}],
        "left": [{"key": _KEY, "kind": "verdict_missing", "seen": ""}],
    }
    assert told(report, Expected()) == [
        f"reconcile found 1 verdict_missing: {_KEY}",
        f"reconcile mended 3 fact_unheard: {_KEY} documents 4",
    ]
    assert told(_AGREED, Expected()) == []


def test_a_mail_that_the_server_refused_is_no_disagreement() -> None:
    """It is told to people, and the witness judges by itself whether it was refused."""
    refused = [{"key": _KEY, "kind": "mail_failed", "seen": ""}]
    assert told(_AGREED | {"left_by_kind": {"mail_failed": 1}, "left": refused}, Expected()) == []


def test_a_hold_that_comes_too_late_is_expected_only_where_mails_came_back() -> None:
    late = [{"key": _KEY, "kind": "cancelled_but_held", "seen": ""}]
    report = _AGREED | {"left_by_kind": {"cancelled_but_held": 1}, "left": late}
    assert told(report, Expected(bounces=True)) == []
    assert told(report, Expected()) == [f"reconcile found 1 cancelled_but_held: {_KEY}"]


@pytest.mark.parametrize(("found", "by_the_witness"), [(0, 1), (2, 1), (1, 0)])
def test_of_each_save_that_was_turned_away_reconciling_tells_and_of_no_other(
    found: int, by_the_witness: int
) -> None:
    left = [{"key": _KEY, "kind": "save_turned_away", "seen": "registration"}] * found
    report = _AGREED | {"left_by_kind": {"save_turned_away": found} if found else {}, "left": left}
    assert told(report, Expected(saves_turned_away=found)) == []
    assert told(report, Expected(saves_turned_away=by_the_witness)) == [
        f"reconcile found {found} save_turned_away, of {by_the_witness}"
    ]


async def test_a_run_that_does_not_end_is_told_and_ends_no_other_round(tmp_path: Path) -> None:
    async def hangs(*words: str, within: float) -> tuple[int, str]:
        raise TimeoutError

    stage: Any = SimpleNamespace(command=hangs, addresses=SimpleNamespace(root=tmp_path))
    (said,) = await findings(stage, "2021", Expected(), repair=False)
    assert "did not end within" in said


def test_a_finding_makes_a_round_unclean() -> None:
    counts = dict.fromkeys(("lost", "doubled", "unjust", "unresolved"), 0)
    clean = Result(
        "kill", 1, 40, 30, counts, held=0, mail_doubles=0, settle_seconds=3.0, said="", folder=Path()
    )
    assert clean.clean
    clean.disagreements.append("reconcile found 1 verdict_missing")
    assert not clean.clean


def _in_another_order(evidence: dict[str, Any]) -> None:
    evidence["tables"]["facts"].reverse()


def _with_a_mail_more(evidence: dict[str, Any]) -> None:
    evidence["mails"].append(evidence["mails"][-1])


def _with_an_event_more(evidence: dict[str, Any]) -> None:
    evidence["tables"]["facts"].append(evidence["tables"]["facts"][0] | {"ce_id": _KEY})


def _with_a_stage_changed(evidence: dict[str, Any]) -> None:
    evidence["tables"]["candidatures"][0]["stage"] = "held"


def _with_a_tombstone_more(evidence: dict[str, Any]) -> None:
    evidence["tables"]["buried"]["documents"].append(_KEY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_in_another_order, []),
        (_with_a_mail_more, ["the mails that left: 1 rows"]),
        (_with_an_event_more, ["facts: 1 rows"]),
        (_with_a_stage_changed, ["candidatures: 2 rows"]),
        (_with_a_tombstone_more, ["buried: 1 rows"]),
    ],
)
async def test_what_changed_between_two_audits_is_told(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], said: list[str]
) -> None:
    before, after = RECORDED / "evidence.json", tmp_path / "evidence.json"
    evidence = json.loads(before.read_text())
    change(evidence)
    after.write_text(json.dumps(evidence))
    found = await changes(before, after)
    assert [one.removeprefix("a repairing run without findings changed ") for one in found] == said
