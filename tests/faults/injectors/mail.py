"""The mail server: 451, 550, no answer, cut after DATA, a return of the mail later."""

import asyncio
import json
from random import Random

from tests.faults.smtp import HOST, Control
from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

SMTP = "smtp"
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
    Control(mode=way, share=_SHARE[way], bounce_to=returns).write(stage.mail_control)
    try:
        await asyncio.sleep(strike.seconds)
    finally:
        Control().write(stage.mail_control)
    return ""


def _returns(stage: Stage) -> str:
    ports: dict[str, int] = json.loads((stage.root / "stack" / "ports.json").read_text())
    return f"{HOST}:{ports['bounces']}" if "bounces" in ports else ""
