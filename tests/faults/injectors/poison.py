"""Records that nobody can take in, with a candidate's key; then what an operator does about them.

The candidate is held while one is open. Afterwards the operator discards the dead letters, and an officer
ends the holds of some: those are judged at once by what had arrived in time.
"""

import asyncio
import json
import time
from random import Random
from uuid import UUID

from aiokafka import AIOKafkaProducer

from services.contracts.topics import TOPICS
from tests.faults.stage import Stage
from tests.faults.strikes import Missed, Strike, Timeline

POISON = "poison"
_SIZES = {"near-limit": 990_000, "oversized": 1_040_000}
"""Bytes: on both sides of what a service may publish, so no dead letter has the value of the larger one."""
_LIMIT = 2_000_000
_HELD_FOR_US = """
SELECT candidate_id FROM candidature
WHERE candidate_id = ANY($1) AND stage = 'held' AND hold_cause = 'ours'
"""
_IN_QUARANTINE = "SELECT 1 FROM quarantine WHERE candidate_id = ANY($1) AND closed_at IS NULL LIMIT 1"
_KEEP_A_QUARANTINE = ("accounts", "registration", "documents", "notifications")
_SEEN_WITHIN_SECONDS = 40.0
_BACK_WITHIN_SECONDS = 100.0
"""Where the broker lost them meanwhile: two looks of who consumes, on a slow machine."""
_WAIT_SECONDS = "40"


def plan(chance: Random, timeline: Timeline) -> list[Strike]:
    """A few before the deadline; the operator comes when all is decided."""
    moments = [chance.uniform(8, timeline.closes), chance.uniform(timeline.closes, timeline.deadline)]
    return [
        Strike(
            at,
            POISON,
            chance.choice(TOPICS).name,
            seconds=timeline.decided + 6 - at,
            how={
                "what": chance.choice(["bytes", "near-limit", "oversized", "header"]),
                "seed": str(chance.randrange(10**6)),
            },
        )
        for at in moments
    ]


async def strike(stage: Stage, strike: Strike) -> str:
    chance = Random(strike.how["seed"])
    known = await stage.candidates()
    if not known:
        raise Missed("nobody there yet")
    whom = chance.sample(known, min(3, len(known)))
    began = time.monotonic()
    for candidate in whom:
        await _send(stage, strike.whom, candidate, _body(strike.how["what"], chance), strike.how["what"])
    await asyncio.sleep(max(0.0, strike.seconds - (time.monotonic() - began)))
    await stage.supervisor.whole()  # the operator comes when all else is mended
    letters = await _discard(stage, {str(one) for one in whom})
    released = await _release(stage, whom[: len(whom) // 2 + 1])
    if not letters:
        raise Missed("no dead letter came of it")
    return f"{len(whom)} candidates, {letters} dead letters discarded, {released} released"


def _body(what: str, chance: Random) -> bytes:
    return b"\xff\xfe" + chance.randbytes(_SIZES.get(what, 40))


async def _send(stage: Stage, topic: str, candidate: UUID, body: bytes, what: str) -> None:
    headers = [("ce_id", b"\xff not an id"), ("traceparent", b"\x00")] if what == "header" else []
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.addresses.kafka,
        acks="all",
        max_request_size=_LIMIT,
        request_timeout_ms=10_000,
    )
    try:
        await producer.start()
        await producer.send_and_wait(topic, body, str(candidate).encode(), headers=headers)
    finally:
        await producer.stop()


async def _open(stage: Stage, whom: set[str]) -> list[str]:
    code, said = await stage.command("dead-letters", "list", "--json")
    if code != 0:
        return []
    return [letter["id"] for letter in json.loads(said) if str(letter.get("candidate_id")) in whom]


async def _discard(stage: Stage, whom: set[str]) -> int:
    """Until none is left: a consumer that was behind may bring one more, or one that the broker lost."""
    done, began = 0, time.monotonic()
    while True:
        letters = await _open(stage, whom)
        if letters:
            await stage.command("dead-letters", "discard", "--wait", _WAIT_SECONDS, *letters)
            done += len(letters)
        else:
            waited = time.monotonic() - began
            if waited > _BACK_WITHIN_SECONDS:
                return done
            if (done or waited > _SEEN_WITHIN_SECONDS) and not await _in_quarantine(stage, whom):
                return done
        await asyncio.sleep(1)


async def _in_quarantine(stage: Stage, whom: set[str]) -> bool:
    candidates = [UUID(one) for one in whom]
    return any([await stage.rows(service, _IN_QUARANTINE, candidates) for service in _KEEP_A_QUARANTINE])


async def _release(stage: Stage, whom: list[UUID]) -> int:
    """Those held for our fault: releasing a failed eligibility would be the officer's own decision."""
    held = [row["candidate_id"] for row in await stage.rows("registration", _HELD_FOR_US, whom)]
    addresses = str(stage.addresses.root / "addresses.json")
    released = 0
    for candidate in held:
        words = ["release", str(candidate), "--reason", "événement écarté", "--settle-now"]
        code, _ = await stage.command("officer", "--addresses", addresses, *words)
        if code == 0:
            stage.released.append(candidate)
            released += 1
    return released
