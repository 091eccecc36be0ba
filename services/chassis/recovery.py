"""A service's part in reconciliation, replay and refill: the activities that are the same for all.

    Recovery("documents", ctx.database, kafka, lines, {"again": again, …}).queues()

`lines` (begun with `gather`) and the repairs are the service's own; `unheard`, `facts` and `refill` read the
chassis's tables. No repair writes otherwise than the service's commands do.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from temporalio import activity

from services.chassis import refill
from services.chassis.database import Connection, Database
from services.chassis.failures import is_infrastructure
from services.chassis.kafka import KafkaSettings
from services.chassis.taken import has_taken_all
from services.chassis.telemetry import describe, log
from services.chassis.temporal import closed_mouth
from services.contracts.events import CATALOGUE
from services.contracts.recovery import (
    Fact,
    Facts,
    FactsQuestion,
    Line,
    Lines,
    Page,
    RefillAsked,
    Refilled,
    Repair,
    Repaired,
    RepairItem,
    Unheard,
    UnheardFacts,
    recovery_queue,
)

L = TypeVar("L", bound=Line)
TellLines: TypeAlias = Callable[[Page], Awaitable[Lines]]
RepairOne: TypeAlias = Callable[[RepairItem], Awaitable[object]]

REPUBLISH = "republish"
"""The repair that every service has: its relay publishes the key's facts again."""

_POLL_SECONDS = 0.2
_UNHEARD = """
SELECT ce_id FROM unnest($2::uuid[]) AS told (ce_id)
WHERE NOT EXISTS (SELECT FROM inbox i WHERE i.consumer = $1 AND i.ce_id = told.ce_id)
"""
_FACTS = """
SELECT ce_id, type, created_at, published_at IS NOT NULL AS published, payload FROM outbox
WHERE key = $1 ORDER BY id
"""
_WAITING = """
SELECT key, min(created_at) AS since FROM outbox
WHERE key = ANY($1::uuid[]) AND published_at IS NULL GROUP BY key
"""
# What is being published again may be on its way: nothing is said of it until all of it is on its topic.
_TOLD = """
FROM outbox
WHERE key = asked.key AND published_at IS NOT NULL AND ($2::timestamptz IS NULL OR created_at >= $2)
  AND NOT EXISTS (SELECT FROM refill WHERE done_at IS NULL AND (keys IS NULL OR outbox.key = ANY(keys)))
"""
_NEWEST_TOLD = f"""
SELECT asked.key, newest.type, array_agg(newest.ce_id) AS facts
FROM unnest($1::uuid[]) AS asked (key)
CROSS JOIN LATERAL (SELECT type, ce_id {_TOLD} ORDER BY id DESC LIMIT $3) AS newest
GROUP BY asked.key, newest.type
"""
_COUNT_TOLD = f"""
SELECT asked.key, (SELECT count(*)::integer {_TOLD}) AS told FROM unnest($1::uuid[]) AS asked (key)
"""
_FACTS_A_PAGE = 25_000
"""About a mebibyte of ids. A page is one answer, of which Temporal takes two mebibytes: larger, it would be
asked for without end, and nobody after it would be reconciled."""
_HEARD = "SELECT key, consumer, revision FROM heard WHERE key = ANY($1::uuid[])"
_DEAD_LETTERS = """
SELECT candidate_id, count(*)::integer AS open FROM quarantine
WHERE candidate_id = ANY($1::uuid[]) AND closed_at IS NULL GROUP BY candidate_id
"""


async def messaging_of(
    conn: Connection, candidate_ids: Sequence[UUID], facts_since: datetime | None
) -> dict[UUID, dict[str, Any]]:
    """What the chassis's tables say of each: the members of `Line` that are the same in all services."""
    waiting = {row["key"]: row["since"] for row in await conn.fetch(_WAITING, list(candidate_ids))}
    told, left_out = await _told(conn, candidate_ids, facts_since)
    dead = {row["candidate_id"]: row["open"] for row in await conn.fetch(_DEAD_LETTERS, list(candidate_ids))}
    heard: dict[UUID, dict[str, int]] = {}
    for row in await conn.fetch(_HEARD, list(candidate_ids)):
        teller = row["consumer"].partition(".")[2]
        heard.setdefault(row["key"], {})[teller] = row["revision"]
    return {
        one: {
            "dead_letters": dead.get(one, 0),
            "unpublished_since": waiting.get(one),
            "facts": told.get(one, {}),
            "facts_left_out": left_out.get(one, 0),
            "heard": heard.get(one, {}),
        }
        for one in candidate_ids
    }


async def _told(
    conn: Connection, candidate_ids: Sequence[UUID], facts_since: datetime | None
) -> tuple[dict[UUID, dict[str, tuple[UUID, ...]]], dict[UUID, int]]:
    """The newest facts of each, by type, and how many older ones there are: a share of the page's room."""
    share = max(1, _FACTS_A_PAGE // max(1, len(candidate_ids)))
    told: dict[UUID, dict[str, tuple[UUID, ...]]] = {}
    for row in await conn.fetch(_NEWEST_TOLD, list(candidate_ids), facts_since, share):
        told.setdefault(row["key"], {})[row["type"]] = tuple(row["facts"])
    full = [one for one, facts in told.items() if sum(map(len, facts.values())) == share]
    counts = await conn.fetch(_COUNT_TOLD, full, facts_since) if full else []
    return told, {row["key"]: row["told"] - share for row in counts}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What every service tells of a page. `gone`: those of `ids` of whom only the tombstone is left."""

    ids: list[UUID]
    more: bool
    gone: frozenset[UUID]
    messaging: dict[UUID, dict[str, Any]]
    sessions: dict[str, int]

    def buried(self, shape: type[L]) -> list[L]:
        """The lines of those who are gone."""
        return [
            shape(candidate_id=one, gone=True, ended=True, **self.messaging[one])
            for one in self.ids
            if one in self.gone
        ]


async def gather(conn: Connection, sql: Any, page: Page) -> Gathered:
    """By the service's own `recovery_page`, `recovery_gone` and `recovery_sessions` (`sql/recovery.sql`)."""
    if page.candidate_ids is None:
        found = sql.recovery_page(conn, after=page.after, limit=page.limit, session_id=page.session_id)
        ids = [row["candidate_id"] async for row in found]
    else:
        ids = list(page.candidate_ids)
    return Gathered(
        ids=ids,
        more=page.candidate_ids is None and len(ids) >= page.limit,
        gone=frozenset([row["candidate_id"] async for row in sql.recovery_gone(conn, candidate_ids=ids)]),
        messaging=await messaging_of(conn, ids, page.facts_since),
        sessions={row["session_id"]: row["revision"] async for row in sql.recovery_sessions(conn)},
    )


class Recovery:
    """The activities of one service, on its queue of recovery."""

    def __init__(
        self,
        service: str,
        database: Database,
        kafka: KafkaSettings,
        lines: TellLines,
        repairs: Mapping[str, RepairOne],
    ) -> None:
        self._service = service
        self._database = database
        self._kafka = kafka
        self._lines = lines
        self._repairs = repairs

    def queues(self) -> dict[str, Sequence[Callable[..., Any]]]:
        """Task queue → activities."""
        return {recovery_queue(self._service): self._activities()}

    def _activities(self) -> list[Callable[..., Any]]:
        @activity.defn(name=f"{self._service}.lines")
        @closed_mouth
        async def lines(page: Page) -> Lines:
            return await self._lines(page)

        @activity.defn(name=f"{self._service}.unheard")
        @closed_mouth
        async def unheard(asked: Unheard) -> UnheardFacts:
            return await self.unheard(asked)

        @activity.defn(name=f"{self._service}.repair")
        @closed_mouth
        async def repair(asked: Repair) -> Repaired:
            return await self.repair(asked)

        @activity.defn(name=f"{self._service}.facts")
        @closed_mouth
        async def facts(question: FactsQuestion) -> Facts:
            async with self._database.connection() as conn:
                return Facts(facts=tuple(map(_fact, await conn.fetch(_FACTS, question.key))))

        @activity.defn(name=f"{self._service}.refill")
        @closed_mouth
        async def fill(asked: RefillAsked) -> Refilled:
            return await self._refill(asked)

        return [lines, unheard, repair, facts, fill]

    async def unheard(self, asked: Unheard) -> UnheardFacts:
        """What the inbox lacks although the consumer passed it.

        A consumer that is behind has lost nothing yet. A type that is not in the catalogue was left aside by
        it; once the catalogue has it, it is unheard like any other.
        """
        known = [ce_id for kind, ce_ids in asked.facts.items() if kind in CATALOGUE for ce_id in ce_ids]
        lacking = await self._lacking(asked.consumer, known)
        if not lacking:
            return UnheardFacts()
        if not await has_taken_all(self._kafka, asked.consumer, asked.topic):
            log.info("facts not taken in yet", consumer=asked.consumer, facts=len(lacking))
            return UnheardFacts()
        return UnheardFacts(ce_ids=tuple(await self._lacking(asked.consumer, lacking)))

    async def _lacking(self, consumer: str, ce_ids: Collection[UUID]) -> list[UUID]:
        async with self._database.connection() as conn:
            return [row["ce_id"] for row in await conn.fetch(_UNHEARD, consumer, list(ce_ids))]

    async def repair(self, asked: Repair) -> Repaired:
        if asked.act == REPUBLISH:
            return await self._republish(asked)
        act = self._repairs.get(asked.act)
        if act is None:
            return Repaired(failed=len(asked.items))
        done = 0
        for item in asked.items:
            _beat(done)
            try:
                await act(item)
            except Exception as error:
                if is_infrastructure(error):
                    raise
                log.warning("repair refused", act=asked.act, key=str(item.key), **describe(error))
            else:
                done += 1
        return Repaired(done=done, failed=len(asked.items) - done)

    async def _republish(self, asked: Repair) -> Repaired:
        """One request for all of them, and one however often this is tried."""
        async with self._database.transaction() as conn:
            await refill.ask(conn, asked.repair_id, keys=[item.key for item in asked.items])
        return Repaired(done=len(asked.items))

    async def _refill(self, asked: RefillAsked) -> Refilled:
        """Ask the relay and wait for it, as long as that takes."""
        async with self._database.transaction() as conn:
            keys = None if asked.key is None else [asked.key]
            await refill.ask(conn, asked.refill_id, keys=keys, since=asked.since)
        while True:
            async with self._database.connection() as conn:
                count, done = await refill.state(conn, asked.refill_id)
            if done:
                return Refilled(republished=count)
            _beat(count)
            await asyncio.sleep(_POLL_SECONDS)


def _beat(progress: int) -> None:
    if activity.in_activity():
        activity.heartbeat(progress)


def _fact(row: Any) -> Fact:
    event = json.loads(row["payload"])
    return Fact(
        ce_id=row["ce_id"],
        type=row["type"],
        at=row["created_at"],
        revision=event.get("revision", 0),
        published=row["published"],
        event=event,
    )
