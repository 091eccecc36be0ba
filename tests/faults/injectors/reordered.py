"""Facts that overtake one another on the way: a key's last one is delivered first.

A relay keeps the order of each key, and so does the broker; whoever published beside it (another relay, a
refill by hand) would not. So a relay is killed, and before it is back, what waits in its outbox is published
backwards. The one that comes back publishes it once more, in its order.
"""

from collections import defaultdict
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer

from services.chassis.relay import Row
from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

REORDERED = "reordered"
_OF_THE_WINDOW, _OF_THE_PIECES = ("accounts-worker", "registration-worker"), "documents-worker"
_WAITING = """
SELECT id, created_at, key, type, topic, payload, headers::text AS headers FROM outbox
WHERE published_at IS NULL ORDER BY id DESC
"""


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    """While accounts are opened and forms saved, and when most pieces are sent: until some did two things."""
    left = timeline.deadline - timeline.closes
    early = chance.uniform(4, 0.7 * timeline.closes)
    late = timeline.closes + chance.uniform(-0.1, 0.2) * left
    return [
        Strike(early, REORDERED, chance.choice(_OF_THE_WINDOW), seconds=chance.uniform(4, 8)),
        Strike(late, REORDERED, _OF_THE_PIECES, seconds=chance.uniform(4, 8)),
    ]


async def strike(stage: Stage, strike: Strike) -> str:
    overtaken: list[int] = []

    async def overtake() -> None:
        overtaken.append(await _backwards(stage, strike.whom.removesuffix("-worker")))

    await stage.supervisor.kill(strike.whom, away=strike.seconds, before=overtake)
    await stage.supervisor.back(strike.whom)
    if not sum(overtaken):
        raise Missed("nobody had two facts waiting")
    return f"{sum(overtaken)} facts overtaken"


async def _backwards(stage: Stage, service: str) -> int:
    """How many facts were published after a later one of their key."""
    waiting: dict[Any, list[Row]] = defaultdict(list)
    for record in await stage.rows(service, _WAITING):
        row = Row.of(record)  # type: ignore[arg-type]
        waiting[row.key].append(row)
    several = [rows for rows in waiting.values() if len(rows) > 1]
    if not several:
        return 0
    producer = AIOKafkaProducer(bootstrap_servers=stage.addresses.kafka, acks="all")
    try:
        await producer.start()
        for one in [row.message for rows in several for row in rows]:
            await producer.send_and_wait(one.topic, one.value, one.key, headers=one.headers)
    finally:
        await producer.stop()
    return sum(len(rows) - 1 for rows in several)
