"""The parts that are not ours, killed and started again; the broker without its data, too."""

import asyncio
import shutil
from random import Random

from tests.faults.stage import Stage
from tests.faults.strikes import Strike, Timeline

RELAYS, OPERATOR = "relays", "operator"
BROKER, WIPED, POSTGRES, TEMPORAL = "broker", "broker-wiped", "postgres", "temporal"
_PART = {BROKER: "kafka", WIPED: "kafka", POSTGRES: "postgres", TEMPORAL: "temporal"}

_REFILL_TRIES, _AGAIN_SECONDS = 5, 3.0


class RefillFailed(Exception):
    """The command did not fill the topics again; it says why."""


def plan_broker(chance: Random, timeline: Timeline) -> list[Strike]:
    return [
        Strike(chance.uniform(3, timeline.closes), BROKER, seconds=chance.uniform(0.5, 5)),
        Strike(timeline.deadline - chance.uniform(0, 6), BROKER, seconds=chance.uniform(0.5, 8)),
    ]


def plan_wiped(chance: Random, timeline: Timeline) -> list[Strike]:
    """Once: while lives are played, at the deadline, or when all is decided.

    It is refilled by the relays that notice, or by an operator as well.
    """
    at = chance.choice([chance.uniform(5, timeline.closes), timeline.deadline - 1, timeline.decided + 3])
    seconds = chance.uniform(0.5, 4)
    return [Strike(at, WIPED, seconds=seconds, how={"by": chance.choice([RELAYS, OPERATOR])})]


def plan_postgres(chance: Random, timeline: Timeline) -> list[Strike]:
    return [
        Strike(chance.uniform(3, timeline.closes), POSTGRES, seconds=chance.uniform(0.2, 4)),
        Strike(timeline.deadline - chance.uniform(-2, 4), POSTGRES, seconds=chance.uniform(0.2, 6)),
    ]


def plan_temporal(chance: Random, timeline: Timeline) -> list[Strike]:
    """Down before the window closes or before the deadline, and back long after it (a second is hours)."""
    early = chance.random() < 0.3
    at = (timeline.closes if early else timeline.deadline) - chance.uniform(1, 4)
    return [Strike(at, TEMPORAL, seconds=timeline.decided - at + chance.uniform(4, 12))]


async def kill(stage: Stage, strike: Strike) -> str:
    """SIGKILL, away for a while, back with the data that it had, or without where that is the strike."""
    part = _PART[strike.fault]

    async def wipe() -> None:
        shutil.rmtree(stage.root / "stack" / "kafka" / "data")

    before = wipe if strike.fault == WIPED else None
    await stage.supervisor.kill(part, away=strike.seconds, before=before)
    await stage.supervisor.back(part)
    return ""


async def refill(stage: Stage, by: str) -> str:
    """Topics made anew, which the relays fill from the event logs; the operator has them do it once more."""
    await stage.stack.restart("topics")
    if by == RELAYS:
        return ""
    for _ in range(_REFILL_TRIES):
        await stage.supervisor.whole()  # the operator begins when all else is mended
        code, said = await stage.command(
            "refill", "--addresses", str(stage.addresses.root / "addresses.json")
        )
        if code == 0:
            return f"refilled: {' '.join(said.split())}"
        await asyncio.sleep(_AGAIN_SECONDS)
    raise RefillFailed(said)
