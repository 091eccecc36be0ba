"""Waits until all has come to rest, or the bound is over, and then looks everywhere once."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
from temporalio.service import RPCError

from tests.faults.ledger import mailbag
from tests.faults.ledger.audit import clocks, site, tables, topics
from tests.faults.ledger.audit.cases import docket, owners
from tests.faults.ledger.audit.evidence import Evidence, Tables
from tests.faults.ledger.audit.unresolved import unresolved, waits
from tests.faults.ledger.record import LifeRecord
from tests.faults.ledger.rounds import Round

_POLL_SECONDS = 0.5
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RPCError, RuntimeError)


async def gather(
    of_round: Round, lives: Sequence[LifeRecord], *, healed_at: datetime, bound_seconds: float
) -> Evidence:
    """All that is to be found. It settles from the last fault's end or, if later, the time of decision."""
    due_at = of_round.session.deadline_at + of_round.session.grace
    since = max(healed_at, due_at)
    await asyncio.sleep(max(0.0, (since - datetime.now(UTC)).total_seconds()))
    until = since + timedelta(seconds=bound_seconds)
    settled = await _settle(of_round, lives, since, until)
    whom, evidence = await _glance(of_round, lives)
    evidence.clocks = await clocks.look(of_round.temporal, of_round.temporal_namespace, whom)
    evidence.told = await topics.look(of_round.kafka, whom)
    evidence.sites = await site.look(of_round, lives)
    evidence.mails = mailbag.read(of_round.mail_log, of_round.mail_domain)
    evidence.settled_seconds = settled
    return evidence


async def _settle(
    of_round: Round, lives: Sequence[LifeRecord], since: datetime, until: datetime
) -> float | None:
    """Seconds until nothing waited any more; None where the bound was over before."""
    while True:
        began = time.monotonic()
        try:
            seen_at = datetime.now(UTC)
            if await _at_rest(of_round, lives):
                return max(0.0, (seen_at - since).total_seconds())
        except _AWAY:
            pass  # a part that is still away: ask again
        if datetime.now(UTC) >= until:
            return None
        # As long as it took to look: a look at many lives must not be the load that keeps them waiting.
        await asyncio.sleep(max(_POLL_SECONDS, time.monotonic() - began))


async def _at_rest(of_round: Round, lives: Sequence[LifeRecord]) -> bool:
    whom, evidence = await _glance(of_round, lives)
    if any(True for case in docket(of_round, lives, evidence).cases for _ in waits(case)):
        return False
    evidence.clocks = await clocks.look(of_round.temporal, of_round.temporal_namespace, whom)
    return not any(True for _ in unresolved(docket(of_round, lives, evidence)))


async def _glance(of_round: Round, lives: Sequence[LifeRecord]) -> tuple[list[UUID], Evidence]:
    """The tables and the mails alone: cheap enough to be looked at again and again."""
    mails = mailbag.read(of_round.mail_log, of_round.mail_domain)
    found: Tables = await tables.look(of_round, owners(lives, mails))
    return list(owners(lives, mails, found)), Evidence(tables=found, mails=mails)
