"""`python -m tests.faults.ledger play ROUND.json LEDGER.jsonl` plays; `audit` compares afterwards.

`judge ROUND.json LEDGER.jsonl EVIDENCE.json` has what an audit kept judged again, by today's judges.
"""

import argparse
import asyncio
import sys
from datetime import datetime
from pathlib import Path

from tests.faults.ledger.audit import audit, judge_again
from tests.faults.ledger.player import play
from tests.faults.ledger.rounds import Round


def main() -> int:
    asked = _arguments()
    of_round = Round.read(asked.round)
    if asked.command == "play":
        asyncio.run(play(of_round, asked.ledger))
        return 0
    if asked.command == "judge":
        return judge_again(of_round, asked.ledger, asked.evidence)
    return asyncio.run(
        audit(
            of_round,
            asked.ledger,
            healed_at=asked.healed_at,
            bound_seconds=asked.bound,
            report=asked.report,
            evidence=asked.evidence,
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.ledger", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("play", "judge", "audit"):
        command = commands.add_parser(name)
        command.add_argument("round", type=Path)
        command.add_argument("ledger", type=Path)
    commands.choices["judge"].add_argument("evidence", type=Path)
    command.add_argument("--healed-at", required=True, type=datetime.fromisoformat)
    command.add_argument("--bound", required=True, type=float, metavar="SECONDS")
    command.add_argument("--report", type=Path, metavar="FILE.json")
    command.add_argument("--evidence", type=Path, metavar="FILE.json", help="keep what was found, for tests")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
