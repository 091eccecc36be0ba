"""The parts that are not ours, killed and started again; the broker without its data, too."""

import shutil
from random import Random

import asyncpg

from services.chassis.kafka import KafkaSettings, Publisher
from services.chassis.relay import republish
from tests.faults.stage import Stage
from tests.faults.strikes import Strike, Timeline

BROKER, WIPED, POSTGRES, TEMPORAL = "broker", "broker-wiped", "postgres", "temporal"
_PART = {BROKER: "kafka", WIPED: "kafka", POSTGRES: "postgres", TEMPORAL: "temporal"}


def plan_broker(chance: Random, timeline: Timeline) -> list[Strike]:
    return [
        Strike(chance.uniform(3, timeline.closes), BROKER, seconds=chance.uniform(0.5, 5)),
        Strike(timeline.deadline - chance.uniform(0, 6), BROKER, seconds=chance.uniform(0.5, 8)),
    ]


def plan_wiped(chance: Random, timeline: Timeline) -> list[Strike]:
    """Once: while lives are played, at the deadline, or when all is decided."""
    at = chance.choice([chance.uniform(5, timeline.closes), timeline.deadline - 1, timeline.decided + 3])
    return [Strike(at, WIPED, seconds=chance.uniform(0.5, 4))]


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
    await stage.stack.kill(part)

    async def wipe() -> None:
        shutil.rmtree(stage.root / "stack" / "kafka" / "data")

    before = wipe if strike.fault == WIPED else None
    stage.supervisor.start_again(part, away=strike.seconds, before=before)
    await stage.supervisor.back(part)
    return await _refill(stage) if strike.fault == WIPED else ""


async def _refill(stage: Stage) -> str:
    """Topics made anew, then filled from the services' event logs."""
    await stage.stack.restart("topics")
    code, said = await stage.command("refill", "--help")
    if code == 0:
        code, said = await stage.command(
            "refill", "--addresses", str(stage.addresses.root / "addresses.json")
        )
        if code != 0:
            raise RuntimeError(f"refill: {said}")
        return "refilled by its command"
    count = 0
    publisher = Publisher(KafkaSettings(bootstrap_servers=stage.addresses.kafka))
    try:
        for url in stage.addresses.databases.values():
            conn = await asyncpg.connect(url)
            try:
                count += await republish(conn, publisher)
            finally:
                await conn.close()
    finally:
        await publisher.close()
    return f"{count} facts published again"
