"""The ledger's lines: written before and after, read back as acts, whatever was cut off."""

import json
from pathlib import Path

from tests.faults.ledger.record import Recorder, read


def test_a_request_is_on_the_disk_before_its_answer(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with Recorder(ledger) as recorder:
        recorder.begins(3, "vie@essai", "complete", {"start": 1})
        number = recorder.sends(3, "save", {"expected": 0})
        (life,) = read(ledger)
        assert [(act.act, act.status, act.unknown) for act in life.acts] == [("save", None, True)]
        recorder.hears(number, 201, None, {"version": 1})
        (life,) = read(ledger)
        assert [(act.done, act.told) for act in life.acts] == [(True, {"version": 1})]
        assert life.acts[0].heard is not None
        assert life.acts[0].sent <= life.acts[0].heard
        assert life.ended is None


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with Recorder(ledger) as recorder:
        recorder.begins(3, "vie@essai", "complete", {})
        recorder.sends(3, "create", {})
    with ledger.open("a") as lines:
        lines.write(json.dumps({"n": 1, "heard": "2026-11-24T12:00:00+00:00", "status": 202})[:-5])
    (life,) = read(ledger)
    assert life.acts[0].status is None


def test_what_never_left_is_told_from_what_may_have_arrived(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with Recorder(ledger) as recorder:
        recorder.begins(0, "vie@essai", "complete", {})
        recorder.fails(recorder.sends(0, "create", {}), "ConnectError", reached=False)
        recorder.fails(recorder.sends(0, "create", {}), "ReadTimeout", reached=True)
        recorder.hears(recorder.sends(0, "create", {}), 503, "momentanement-indisponible", {})
        recorder.hears(recorder.sends(0, "create", {}), 409, "inscription-close", {})
        recorder.ends(0, "")
    (life,) = read(ledger)
    assert [(act.unknown, act.refused) for act in life.acts] == [
        (False, False),
        (True, False),
        (True, False),
        (False, True),
    ]
    assert life.ended is not None
