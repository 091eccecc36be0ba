"""What registration tells reconciliation of itself, and the repairs that are its own commands."""

from datetime import datetime, timedelta

import asyncpg

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.quarantine import count_open_of
from services.chassis.recovery import Recovery, gather
from services.contracts.events import AccountActivated, AccountCreated
from services.contracts.recovery import Page, RegistrationLine, RegistrationLines, RepairItem
from services.contracts.stages import AccountState, Stage
from services.registration.commands import rows
from services.registration.commands.accounts import account_activated, account_created, erase
from services.registration.commands.sessions import session_key
from services.registration.domain.candidature import Candidature
from services.registration.domain.life import next_step, share
from services.registration.domain.outcome import hold_unheeded, judged, save_unheeded
from services.registration.settings import Settings
from services.registration.statements import candidature_of, sql

_UNDECIDED = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS})


def recovery(ctx: Context[Settings], kafka: KafkaSettings) -> Recovery:
    acts = Repairs(ctx)

    async def lines(page: Page) -> RegistrationLines:
        async with ctx.database.connection() as conn:
            return await tell(conn, await ctx.clock.now(conn), page)

    return Recovery(
        "registration",
        ctx.database,
        kafka,
        lines,
        {
            "hear_account": acts.hear_account,
            "erase": acts.erase,
            "judge": acts.judge,
            "recount_dead_letters": acts.recount_dead_letters,
        },
    )


async def tell(conn: Connection, now: datetime, page: Page) -> RegistrationLines:
    found = await gather(conn, sql, page)
    lines = [
        _line(record, now, found.messaging[record["candidate_id"]])
        async for record in sql.recovery_rows(conn, candidate_ids=found.ids)
    ]
    return RegistrationLines(
        at=now,
        more=found.more,
        sessions=found.sessions,
        session_keys={session_id: session_key(session_id) for session_id in found.sessions},
        lines=(*found.buried(RegistrationLine), *lines),
    )


def _line(record: asyncpg.Record, now: datetime, messaging: dict[str, object]) -> RegistrationLine:
    row, spread = candidature_of(record), record["spread_seconds"]
    step = next_step(row, now, spread)
    act_at = row.closing_at + share(row.candidate_id) * timedelta(seconds=spread)
    shown = {
        "candidate_id": row.candidate_id,
        "session_id": row.session_id,
        "revision": row.revision,
        "dead_letters_noted": row.open_dead_letters,
        "ended": step.ended,
        "act_at": act_at if step.action else None,
        "limit_at": step.due_at,
        "stage": row.stage,
        "version": row.version,
        "closes_at": row.closes_at,
        "deadline_at": row.deadline_at,
        "releases": row.releases,
        "verdict_evidence_rev": row.verdict_evidence_rev,
        "accounts_revision": row.accounts_revision,
        "judgeable": judged(row, now) is not None,
        "hold_unheeded": hold_unheeded(row),
        "save_unheeded": save_unheeded(row),
        "undecided_seconds": _undecided(row, now),
    }
    return RegistrationLine.model_validate(shown | messaging)


def _undecided(row: Candidature, now: datetime) -> float:
    due = row.deadline_at + timedelta(seconds=row.grace_seconds)
    return max(0.0, (now - due).total_seconds()) if row.stage in _UNDECIDED else 0.0


class Repairs:
    """Each is one transaction, and one of this service's own commands."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx

    async def hear_account(self, item: RepairItem) -> None:
        """As `accounts` has it now; its facts did not arrive."""
        session_id, state = item.said("session_id"), item.said("state")
        told = {"candidate_id": item.key, "session_id": session_id, "revision": item.revision}
        async with self._ctx.database.transaction() as conn:
            if state == AccountState.ACTIVATED:
                event = AccountActivated(state=AccountState.ACTIVATED, **told)
                await account_activated(conn, event, self._ctx.clock)
            else:
                await account_created(conn, AccountCreated(state=AccountState.AWAITING_ACTIVATION, **told))

    async def erase(self, item: RepairItem) -> None:
        """`accounts` has the person's tombstone."""
        async with self._ctx.database.transaction() as conn:
            await erase(conn, item.key)

    async def judge(self, item: RepairItem) -> None:
        """Apply the verdict that is kept."""
        async with self._ctx.database.transaction() as conn:
            row = await rows.lock(conn, item.key)
            now = await self._ctx.clock.now(conn)
            step = judged(row, now)
            if step is not None:
                await rows.take(conn, step, at=now, actor=rows.SYSTEM)

    async def recount_dead_letters(self, item: RepairItem) -> None:
        async with self._ctx.database.transaction() as conn:
            counted = await count_open_of(conn, item.key)
            await rows.count_dead_letters(conn, item.key, counted)
