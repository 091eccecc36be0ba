"""Once all rounds are over: whether anything of one has changed since its audit looked.

An audit looks when all is at rest, and the next round begins at once. A mail that leaves twice when a lease
is over, or an outcome that another verdict changes, would come later than anybody looked.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.ledger.audit.evidence import Evidence
from tests.faults.ledger.mailbag import Log
from tests.faults.ledger.rounds import Round
from tests.faults.stage import Stage

_STAGES = "SELECT candidate_id, stage FROM candidature WHERE candidate_id = ANY($1)"


async def changed_since(stage: Stage, folder: Path) -> list[str]:
    """What is otherwise than the round's last audit saw it; nothing of a round without one."""
    kept = [one for one in (folder / "reconciled", folder) if (one / "evidence.json").exists()]
    if not kept:
        return []
    text = await asyncio.to_thread((kept[0] / "evidence.json").read_text)
    seen = Evidence.model_validate_json(text)
    of_round = Round.read(folder / "round.json")
    whom = [one.candidate_id for one in seen.tables.candidatures]
    stages = {row["candidate_id"]: row["stage"] for row in await stage.rows("registration", _STAGES, whom)}
    mails = [mail for mail, _ in await asyncio.to_thread(Log(stage.mails, of_round.mail_domain).read_on)]
    return [*_of_stages(seen, stages), *_of_mails(seen, Counter(m.message_id for m in mails if m.accepted))]


def _of_stages(seen: Evidence, stages: dict[Any, str]) -> list[str]:
    return [
        f"later: {one.candidate_id} was {one.stage} and is {stages.get(one.candidate_id, 'gone')}"
        for one in seen.tables.candidatures
        if stages.get(one.candidate_id) != one.stage
    ]


def _of_mails(seen: Evidence, accepted: Counter[str]) -> list[str]:
    before = Counter(mail.message_id for mail in seen.mails if mail.accepted)
    return [
        f"later: {times - before[message_id]} more of the mail {message_id}"
        for message_id, times in accepted.items()
        if times > before[message_id]
    ]


def keep_small(folder: Path) -> None:
    """The evidence without its indents: it can be judged again by `python -m tests.faults.ledger judge`."""
    for path in folder.rglob("evidence.json"):
        path.write_text(json.dumps(json.loads(path.read_text()), separators=(",", ":")))
