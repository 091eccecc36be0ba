"""`kill -9` of our own processes: at any moment, and at failpoints between two of their steps."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from deploy.local.processes import DEPLOYABLES
from services.chassis.failpoints import Failpoint
from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

KILL, FAILPOINT = "kill", "failpoint"
REACHED = "reached"
_KILLS = 6
_POLL_SECONDS = 0.1
_RELAYS = ("accounts-worker", "registration-worker", "documents-worker", "notifications-worker")
_OWNERS = _RELAYS[:3]
_WHO_PASSES: dict[Failpoint, tuple[str, ...]] = {
    Failpoint.RELAY_BEFORE_SEND: _RELAYS,
    Failpoint.RELAY_BEFORE_MARK: _RELAYS,
    Failpoint.CONSUMER_BEFORE_ACK: _RELAYS,
    Failpoint.MAIL_BEFORE_SMTP: ("notifications-worker",),
    Failpoint.MAIL_AFTER_250: ("notifications-worker",),
    Failpoint.ACTIVITY_BEFORE_COMPLETION: _OWNERS,
    Failpoint.BRIDGE_BEFORE_ACK: ("workflows-bridge",),
    Failpoint.UPLOAD_BEFORE_COMMIT: ("documents-http",),
    Failpoint.UPLOAD_BEFORE_ANSWER: ("documents-http",),
    Failpoint.WORKFLOW_BEFORE_ACTIVITY: ("workflows-worker",),
}

_WHO_ANSWERS: dict[Failpoint, tuple[str, float]] = {
    Failpoint.ACTIVATION_BEFORE_ANSWER: ("accounts-http", 0.2),
    Failpoint.SAVE_BEFORE_ANSWER: ("registration-http", 0.6),
    Failpoint.ERASURE_BEFORE_ANSWER: ("accounts-http", 0.6),
}
"""Who answers a candidate there, and by which part of the window to ask for it: later nobody may pass."""
_DECIDING = ("registration-worker", "documents-worker")
_WHO_DECIDES: dict[Failpoint, tuple[str, ...]] = {
    Failpoint.RELAY_BEFORE_SEND: _DECIDING,
    Failpoint.RELAY_BEFORE_MARK: _DECIDING,
    Failpoint.CONSUMER_BEFORE_ACK: ("registration-worker", "notifications-worker"),
    Failpoint.MAIL_BEFORE_SMTP: ("notifications-worker",),
    Failpoint.MAIL_AFTER_250: ("notifications-worker",),
    Failpoint.ACTIVITY_BEFORE_COMPLETION: ("documents-worker",),
    Failpoint.BRIDGE_BEFORE_ACK: ("workflows-bridge",),
    Failpoint.WORKFLOW_BEFORE_ACTIVITY: ("workflows-worker",),
}
"""Who passes there once the deadline is over."""
_AT_THE_DECISION = 4
_REACHED_WITHIN_SECONDS = 30.0


def plan_kills(chance: Random, timeline: Timeline) -> list[Strike]:
    """Anybody at any moment, more often about the limits."""
    moments = [chance.uniform(1, timeline.decided + 4) for _ in range(_KILLS - 2)]
    moments += [timeline.closes + chance.uniform(-1, 3), timeline.deadline + chance.uniform(-2, 4)]
    return [Strike(at, KILL, chance.choice(DEPLOYABLES).name) for at in sorted(moments)]


def plan_failpoints(chance: Random, timeline: Timeline) -> list[Strike]:
    """Each of them once while lives are played, and some when it is decided: verdict, outcome, its mail."""
    found = [
        Strike(
            chance.uniform(*_moments(failpoint, timeline)),
            FAILPOINT,
            chance.choice(who),
            seconds=timeline.decided,
            how={"at": failpoint.value},
        )
        for failpoint, who in _WHO_PASSES.items()
    ]
    found += [
        Strike(
            chance.uniform(timeline.deadline - 1, timeline.decided + 1),
            FAILPOINT,
            chance.choice(_WHO_DECIDES[failpoint]),
            seconds=_REACHED_WITHIN_SECONDS,
            how={"at": failpoint.value},
        )
        for failpoint in chance.sample(sorted(_WHO_DECIDES), _AT_THE_DECISION)
    ]
    return found + [
        Strike(
            chance.uniform(0, part * timeline.closes),
            FAILPOINT,
            who,
            seconds=timeline.decided,
            how={"at": failpoint.value},
        )
        for failpoint, (who, part) in _WHO_ANSWERS.items()
    ]


def _moments(failpoint: Failpoint, timeline: Timeline) -> tuple[float, float]:
    """A sender killed at once leaves the first mails leased, and hardly anybody would get in."""
    if failpoint in (Failpoint.MAIL_BEFORE_SMTP, Failpoint.MAIL_AFTER_250):
        return 0.6 * timeline.closes, timeline.closes
    return 0.1 * timeline.closes, 0.9 * timeline.closes


async def kill(stage: Stage, strike: Strike) -> str:
    await stage.supervisor.kill(strike.whom)
    return ""


async def let_die(stage: Stage, strike: Strike) -> str:
    """Ask for a death at the failpoint and wait for it; the supervisor sees to the rest."""
    wanted = stage.failpoints(strike.whom) / strike.how["at"]
    await asyncio.to_thread(wanted.touch)
    still_there_at = datetime.now(UTC)
    try:
        for _ in range(round(strike.seconds / _POLL_SECONDS)):
            asked_at = datetime.now(UTC)
            if not await asyncio.to_thread(wanted.exists):
                break
            still_there_at = asked_at
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        reached = not _taken_back(wanted)
    if not reached:
        raise Missed("not reached")
    await stage.supervisor.saw_fall(strike.whom, still_there_at)
    return REACHED


def _taken_back(wanted: Path) -> bool:
    try:
        wanted.unlink()
    except FileNotFoundError:
        return False
    return True
