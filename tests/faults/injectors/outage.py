"""What is needed to hand something in, away across the deadline, long enough to be an outage (ours 7).

Whoever is incomplete then must be held: who could not be reached may not be blamed for what did not arrive.
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


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    at = timeline.deadline - chance.uniform(*_BEFORE)
    return [Strike(at, OUTAGE, chance.choice(_WHO), seconds=chance.uniform(*_AWAY))]


async def strike(stage: Stage, strike: Strike) -> str:
    await stage.supervisor.kill(strike.whom, away=strike.seconds)
    await stage.supervisor.back(strike.whom)
    return ""
