"""`audit`: from a round's file and its ledger to lines on the screen and an exit code."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.ledger.audit.cases import docket
from tests.faults.ledger.audit.evidence import Evidence
from tests.faults.ledger.audit.gathering import Gathering
from tests.faults.ledger.audit.report import Report, judge
from tests.faults.ledger.mailbag import Log
from tests.faults.ledger.record import mails_begin_at, read
from tests.faults.ledger.rounds import Round

_LOOK_AGAIN_SECONDS = 3.0


async def audit(
    of_round: Round,
    ledger: Path,
    *,
    healed_at: datetime,
    bound_seconds: float,
    report: Path | None = None,
    evidence: Path | None = None,
) -> int:
    """Print every violation and the sum; 1 if there is any, 2 if the round was played in another session."""
    lives = read(ledger)
    mails = Log(of_round.mail_log, of_round.mail_domain, mails_begin_at(ledger))
    looks = Gathering(of_round, lives, mails)
    found = await looks.gather(healed_at=healed_at, bound_seconds=bound_seconds)
    until = max(healed_at, of_round.session.deadline_at) + timedelta(seconds=bound_seconds)
    # A fact between the topic and its reader waits in no table: what lacks may still come, until the bound.
    while _only_lost(judge(docket(of_round, lives, found))) and datetime.now(UTC) < until:
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        found = await looks.gather(healed_at=healed_at, bound_seconds=bound_seconds)
    if evidence is not None:
        await asyncio.to_thread(evidence.write_text, found.model_dump_json(indent=1))
    if elsewhere := {account.session_id for account in found.tables.accounts} - {of_round.session.session_id}:
        # Of several open windows an account belongs to the one that closes first: another's limits held here.
        sys.stderr.write(f"not this round's session: {', '.join(sorted(elsewhere))}\n")
        return 2
    judged = judge(docket(of_round, lives, found))
    if report is not None:
        judged.write(report)
    kinds = {life.life: life.kind for life in lives}
    sys.stdout.write("\n".join(judged.lines(kinds)) + "\n")
    return 0 if judged.clean else 1


def judge_again(of_round: Round, ledger: Path, evidence: Path) -> int:
    """Print what today's judges say of what was found; 1 if there is any violation."""
    lives = read(ledger)
    judged = judge(docket(of_round, lives, Evidence.model_validate_json(evidence.read_text())))
    sys.stdout.write("\n".join(judged.lines({life.life: life.kind for life in lives})) + "\n")
    return 0 if judged.clean else 1


def _only_lost(judged: Report) -> bool:
    return bool(judged.violations) and all(found.kind == "lost" for found in judged.violations)
