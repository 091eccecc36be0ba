"""Wall clocks of our processes up to five minutes off, each by its own offset; the gateway's stays true."""

import asyncio
from datetime import timedelta
from random import Random

from deploy.local.processes import DEPLOYABLES
from tests.clocks import wrong_clock
from tests.faults.stage import CALENDAR_PART, Stage
from tests.faults.strikes import Strike, Timeline

CLOCKS = "clocks"
_OFF_SECONDS = (-300, -300, -120, 0, 120, 300, 300)
_SETTINGS = frozenset(wrong_clock(timedelta()))


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    """Before the round begins: a clock is wrong for good, until the round is judged."""
    return [
        Strike(
            float("-inf"), CLOCKS, how={each.name: str(chance.choice(_OFF_SECONDS)) for each in DEPLOYABLES}
        )
    ]


async def prepare(stage: Stage, strikes: list[Strike]) -> None:
    """Start those processes anew whose clock is to change; one is started with each session anyway."""
    wanted: dict[str, str] = {}
    for one in strikes:
        wanted |= one.how
    changed = [each.name for each in DEPLOYABLES if _set(stage, each.name, int(wanted.get(each.name, "0")))]
    await asyncio.gather(*(stage.stack.restart(name) for name in changed if name != CALENDAR_PART))


def _set(stage: Stage, name: str, seconds: int) -> bool:
    """Whether that changes anything."""
    settings = stage.environment[name]
    kept = {key: value for key, value in settings.items() if key not in _SETTINGS}
    new = kept | (wrong_clock(timedelta(seconds=seconds)) if seconds else {})
    stage.environment[name] = new
    return new != settings
