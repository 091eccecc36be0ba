"""The mail server: 451, 550, no answer, cut after DATA, a return of the mail later."""

import asyncio
import json
from pathlib import Path
from random import Random

from tests.faults.smtp import HOST, Control
from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

SMTP = "smtp"
_COMES_BACK_SECONDS = 2.0
_ANSWERS = {"later": 451, "never": 550, "hang": "hung", "drop": "dropped", "bounce": "returned"}
"""Way → what the server's log says of a mail that met it."""
_SHARE = {"later": 0.8, "never": 0.3, "hang": 0.7, "drop": 0.8, "bounce": 0.4}


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    """Each way of failing for a while, one after the other, in an order of chance."""
    ways = list(_SHARE)
    chance.shuffle(ways)
    each = timeline.decided / len(ways)
    return [
        Strike(
            place * each + chance.uniform(0, 1), SMTP, seconds=chance.uniform(2, each - 1), how={"way": way}
        )
        for place, way in enumerate(ways)
    ]


async def strike(stage: Stage, strike: Strike) -> str:
    way = strike.how["way"]
    returns = _returns(stage) if way == "bounce" else ""
    if way == "bounce" and not returns:
        raise Missed("no intake for returned mails")
    before = await asyncio.to_thread(_met, stage.mails, way)
    Control(mode=way, share=_SHARE[way], bounce_to=returns).write(stage.mail_control)
    try:
        await asyncio.sleep(strike.seconds)
    finally:
        Control().write(stage.mail_control)
    if way == "bounce":
        await asyncio.sleep(_COMES_BACK_SECONDS)
    met = await asyncio.to_thread(_met, stage.mails, way) - before
    if not met:
        raise Missed("no mail met it")
    return f"{met} mails"


def _met(log: Path, way: str) -> int:
    """How many mails were answered so, by the server's log."""
    answer = f'"answer": {json.dumps(_ANSWERS[way])}'
    return log.read_text().count(answer) if log.exists() else 0


def _returns(stage: Stage) -> str:
    ports: dict[str, int] = json.loads((stage.root / "stack" / "ports.json").read_text())
    return f"{HOST}:{ports['bounces']}" if "bounces" in ports else ""
