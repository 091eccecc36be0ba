"""Keeps some lives of a round that was really played and audited, for the judges to be tried on.

    python -m tests.unit.faults.recording ROUND.json LEDGER.jsonl EVIDENCE.json LIFE…

writes `recorded/`: addresses and passwords of the parts are left out.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.faults.ledger.audit.cases import owners
from tests.faults.ledger.audit.evidence import Evidence
from tests.faults.ledger.record import LifeRecord, read
from tests.faults.ledger.rounds import Round

RECORDED = Path(__file__).parent / "recorded"


def recorded() -> tuple[Round, list[LifeRecord], Evidence]:
    """The round as it was kept."""
    return (
        Round.read(RECORDED / "round.json"),
        read(RECORDED / "ledger.jsonl"),
        Evidence.model_validate_json((RECORDED / "evidence.json").read_text()),
    )


def keep(of_round: Path, ledger: Path, evidence: Path, lives: set[int]) -> None:
    plain = {"gateway": "", "mail_log": "", "databases": {}, "kafka": "", "temporal": "", "object_store": ""}
    kept = json.loads(of_round.read_text()) | plain | {"lives": len(lives)}
    (RECORDED / "round.json").write_text(json.dumps(kept, indent=1) + "\n")
    whose = {line["n"]: line["life"] for line in _lines(ledger) if "n" in line and "life" in line}
    mine = [line for line in _lines(ledger) if line.get("life", whose.get(line.get("n", 0))) in lives]
    (RECORDED / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in mine))
    found = _only(Evidence.model_validate_json(evidence.read_text()), read(RECORDED / "ledger.jsonl"))
    (RECORDED / "evidence.json").write_text(found.model_dump_json() + "\n")


def _lines(ledger: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.read_text().splitlines()]


def _only(found: Evidence, lives: list[LifeRecord]) -> Evidence:
    whom = owners(lives, found.mails, found.tables)
    addresses = {life.email for life in lives}
    tables = found.tables
    tables.accounts = [one for one in tables.accounts if one.id in whom]
    tables.farewells = [one for one in tables.farewells if one in whom]
    tables.buried = {name: [one for one in some if one in whom] for name, some in tables.buried.items()}
    tables.facts = [one for one in tables.facts if one.key in whom]
    tables.candidatures = [one for one in tables.candidatures if one.candidate_id in whom]
    tables.versions = [one for one in tables.versions if one.candidate_id in whom]
    tables.dossiers = [one for one in tables.dossiers if one.candidate_id in whom]
    tables.files = [one for one in tables.files if one.candidate_id in whom]
    tables.mails = [one for one in tables.mails if one.candidate_id in whom]
    tables.letters = [one for one in tables.letters if one.candidate_id in whom]
    found.told = [one for one in found.told if one.key in whom]
    found.clocks = {one: state for one, state in found.clocks.items() if one in whom}
    found.mails = [one for one in found.mails if addresses & set(one.to)]
    numbers = {life.life for life in lives}
    found.sites = {number: seen for number, seen in found.sites.items() if number in numbers}
    return found


if __name__ == "__main__":
    RECORDED.mkdir(exist_ok=True)
    keep(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), {int(number) for number in sys.argv[4:]})
