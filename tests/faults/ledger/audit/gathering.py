"""Waits until all has come to rest, or the bound is over, and then looks everywhere once."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
from temporalio.service import RPCError

from tests.faults.ledger.audit import clocks, site, tables, topics
from tests.faults.ledger.audit.cases import Docket, docket, owners
from tests.faults.ledger.audit.evidence import Evidence, Tables
from tests.faults.ledger.audit.lost import untold
from tests.faults.ledger.audit.unresolved import of_clock, unresolved, waits
from tests.faults.ledger.mailbag import Log, Mail
from tests.faults.ledger.record import LifeRecord
from tests.faults.ledger.rounds import Round

_POLL_SECONDS = 0.5
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RPCError, RuntimeError)


class Gathering:
    """The looks at one round, one after another."""

    def __init__(self, of_round: Round, lives: Sequence[LifeRecord], mails: Log) -> None:
        self._round = of_round
        self._lives = lives
        self._log = mails
        self._mails: list[Mail] = []

    async def gather(self, *, healed_at: datetime, bound_seconds: float) -> Evidence:
        """All that is to be found. It settles from the end of the faults or, if later, the decision."""
        due_at = self._round.session.deadline_at + self._round.session.grace
        since = max(healed_at, due_at)
        await asyncio.sleep(max(0.0, (since - datetime.now(UTC)).total_seconds()))
        until = since + timedelta(seconds=bound_seconds)
        settled = await self._settle(since, until)
        if await self._wait_for_topics(until):
            settled = await self._settle(since, until)  # what was refilled is heard once more
        looked_at = datetime.now(UTC)
        whom, evidence = await self._glance()
        if await self._look_at_clocks(whom, evidence, until) and settled is not None:
            settled = (datetime.now(UTC) - since).total_seconds()
        evidence.told = await topics.look(self._round.kafka, whom)
        evidence.sites = await site.look(self._round, self._lives)
        # What came back after the look at the tables cannot be in them.
        mails = await self._read_mails()
        evidence.mails = [mail for mail in mails if not mail.returned or mail.at < looked_at]
        evidence.settled_seconds = settled
        return evidence

    async def _settle(self, since: datetime, until: datetime) -> float | None:
        """Seconds until nothing waited any more; None where the bound was over before."""
        while True:
            began = time.monotonic()
            try:
                seen_at = datetime.now(UTC)
                if await self._at_rest():
                    return max(0.0, (seen_at - since).total_seconds())
            except _AWAY:
                pass  # a part that is still away: ask again
            if datetime.now(UTC) >= until:
                return None
            # As long as it took to look: looking must not be the load that keeps the others waiting.
            await asyncio.sleep(max(_POLL_SECONDS, time.monotonic() - began))

    async def _at_rest(self) -> bool:
        whom, evidence = await self._glance()
        if moves(docket(self._round, self._lives, evidence)):
            return False
        evidence.clocks = await clocks.look(self._round.temporal, self._round.temporal_namespace, whom)
        return not any(True for _ in unresolved(docket(self._round, self._lives, evidence)))

    async def _wait_for_topics(self, until: datetime) -> bool:
        """True where it had to be waited: a broker that lost its data is refilled once the relays notice.

        By the tables alone all is at rest before that, where it was lost after the last fact.
        """
        waited = False
        while True:
            whom, evidence = await self._glance()
            told = {one.ce_id for one in await topics.look(self._round.kafka, whom)}
            full = all(fact.ce_id in told for fact in evidence.tables.facts if fact.published)
            if full or datetime.now(UTC) >= until:
                return waited
            waited = True
            await asyncio.sleep(_POLL_SECONDS)

    async def _look_at_clocks(self, whom: list[UUID], evidence: Evidence, until: datetime) -> bool:
        """True where it had to be looked again: a fact that is read once more wakes a life that is over.

        It asks its owners once and ends.
        """
        again = False
        while True:
            evidence.clocks = await clocks.look(self._round.temporal, self._round.temporal_namespace, whom)
            cases = docket(self._round, self._lives, evidence).cases
            if datetime.now(UTC) >= until or not any(True for case in cases for _ in of_clock(case)):
                return again
            again = True
            await asyncio.sleep(_POLL_SECONDS)

    async def _glance(self) -> tuple[list[UUID], Evidence]:
        """The tables and the mails alone: cheap enough to be looked at again and again."""
        mails = await self._read_mails()
        found: Tables = await tables.look(self._round, owners(self._lives, mails))
        return list(owners(self._lives, mails, found)), Evidence(tables=found, mails=mails)

    async def _read_mails(self) -> list[Mail]:
        self._mails += [mail for mail, _ in await asyncio.to_thread(self._log.read_on)]
        return list(self._mails)


def moves(seen: Docket) -> bool:
    """Whether anything is still to come, by the tables and the mails alone.

    A fact that its reader has not heard yet waits in no table, but the mail it asks for is missed.
    """
    return any(True for case in seen.cases for _ in (*waits(case), *untold(seen, case)))
