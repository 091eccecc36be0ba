"""What the clock asks for: settle, remind, judge. Each is decided by one conditional statement."""

from datetime import timedelta
from uuid import UUID

from services.chassis import outbox
from services.chassis.context import Context
from services.chassis.peers import PeerGone, PeerNotFound
from services.contracts.events import ReminderDue
from services.contracts.internal import Standing
from services.contracts.life import BatchResult
from services.documents.commands import rows
from services.documents.commands.hearing import standing_fetched
from services.documents.domain.candidate import Candidate
from services.documents.domain.errors import Erased, Refused
from services.documents.domain.reminders import next_reminder
from services.documents.settings import Settings
from services.documents.statements import candidate_of, read_seen, sql


async def settle(ctx: Context[Settings], candidate_id: UUID) -> bool:
    """Give one candidate's verdict if it is due."""
    async with ctx.database.transaction() as conn:
        now, seen = await ctx.clock.now(conn), await read_seen(conn)
        record = await sql.settle_one(conn, candidate_id=candidate_id, now=now, **seen.values)
        if record is not None:
            await outbox.append(conn, rows.verdict_of(candidate_of(record)))
        return record is not None


async def settle_batch(ctx: Context[Settings], session_id: str, limit: int) -> BatchResult:
    """Give up to `limit` verdicts; `remaining` is a plain count, rows held by others included."""
    async with ctx.database.transaction() as conn:
        now, seen = await ctx.clock.now(conn), await read_seen(conn)
        due = {"session_id": session_id, "now": now, **seen.values}
        settled = [candidate_of(record) async for record in sql.settle_batch(conn, **due, limit=limit)]
        await outbox.append_many(conn, [rows.verdict_of(row) for row in settled])
    async with ctx.database.connection() as conn:
        counted = await sql.count_due(conn, **due)
    return BatchResult(decided=len(settled), remaining=counted["due"])


async def remind(ctx: Context[Settings], candidate_id: UUID) -> bool:
    """Decide the latest due reminder, once for (kind, deadline)."""
    async with ctx.database.transaction() as conn:
        try:
            row = await rows.lock(conn, candidate_id)
        except Refused:
            return False
        now = await ctx.clock.now(conn)
        calendar = await rows.calendar_of(conn, row.session_id)
        reminder = next_reminder(calendar, row.deadline_at, row.reminded, row.last_reminded_at, now)
        if reminder is None or reminder.at > now:
            return False
        record = await sql.remind(
            conn,
            candidate_id=candidate_id,
            cause=reminder.cause,
            deadline_at=reminder.deadline_at,
            gap=timedelta(seconds=calendar.reminder_gap_seconds),
            now=now,
        )
        if record is None:
            return False
        await outbox.append(conn, _reminder_due(candidate_of(record), reminder.kind))
        return True


async def judge(ctx: Context[Settings], candidate_id: UUID) -> bool:
    """Ask `registration` for the deadline in force and judge the files that wait for it.

    Raises:
        httpx.HTTPError: it is still away.
    """
    try:
        found = await ctx.peers.get("registration", f"candidates/{candidate_id}/standing", Standing)
    except (PeerGone, PeerNotFound):
        return False
    async with ctx.database.transaction() as conn:
        try:
            await standing_fetched(conn, found, ctx.clock)
        except Erased:
            return False
    return True


def _reminder_due(row: Candidate, kind: str) -> ReminderDue:
    return rows.fact(ReminderDue, row, kind=kind, deadline_at=row.deadline_at)
