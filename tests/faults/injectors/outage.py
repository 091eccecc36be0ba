"""What is needed to hand something in or to save, away across a limit.

The deadline, long enough to be an outage (ours 7): whoever is incomplete then must be held, since who could
not be reached may not be blamed for what did not arrive. The window's close: whoever has nothing saved is not
registered, and an officer must be told of each who tried (decision 0014).
"""

from random import Random

from tests.faults.stage import Stage
from tests.faults.strikes import Strike, Timeline

OUTAGE = "outage"
_WHO = ("accounts-http", "registration-http", "documents-http", "postgres")
"""Where one logs in, prints the confirmation, uploads; and what all of them stand on."""
_BEFORE = (6.0, 14.0)
_AWAY = (26.0, 32.0)
"""Longer than the `OUTAGE_SECONDS` of the stage, whatever the pace, and over only after the deadline."""
_TO_SAVE = ("registration-http", "accounts-sessions", "postgres")
"""The form; who says whose it is; what both stand on."""
_BEFORE_THE_CLOSE = (4.0, 6.0)
_AFTER_IT = (1.0, 4.0)


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    at = timeline.deadline - chance.uniform(*_BEFORE)
    return [Strike(at, OUTAGE, chance.choice(_WHO), seconds=chance.uniform(*_AWAY))]


def plan_closing(chance: Random, timeline: Timeline) -> list[Strike]:
    before, after = chance.uniform(*_BEFORE_THE_CLOSE), chance.uniform(*_AFTER_IT)
    return [Strike(timeline.closes - before, OUTAGE, chance.choice(_TO_SAVE), seconds=before + after)]


async def strike(stage: Stage, strike: Strike) -> str:
    await stage.supervisor.kill(strike.whom, away=strike.seconds)
    await stage.supervisor.back(strike.whom)
    return ""
