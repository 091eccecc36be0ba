"""The calendar of an exam session: installed once from a file, changed by an officer's act alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

import asyncpg

from services.chassis import outbox
from services.chassis.context import Context
from services.contracts.events import (
    Calendar,
    CandidatureReinstated,
    CandidatureReleased,
    DeadlineMoved,
    SessionScheduled,
)
from services.registration.commands import rows
from services.registration.commands.acts import By
from services.registration.domain.acts import check_deadline, check_within_session
from services.registration.domain.candidature import Candidature, Kinds, Step, facts
from services.registration.domain.errors import CalendarChanged, Unknown
from services.registration.settings import Settings
from services.registration.statements import candidature_of, sql

_SESSIONS = UUID("1c1f7c4e-41d6-5c7b-9f0a-9d5f5f0c2b10")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows a session's new deadline touched, how many of them it reinstated or released."""

    calendar: Calendar
    revision: int
    touched: int
    reinstated: int
    released: int


def session_key(session_id: str) -> UUID:
    """The Kafka key of a session's facts."""
    return uuid5(_SESSIONS, session_id)


async def install(ctx: Context[Settings], calendar: Calendar) -> bool:
    """Make the session known; False when it is already, whatever the file says now."""
    async with ctx.database.transaction() as conn:
        key = session_key(calendar.session_id)
        revision = await sql.install_session(
            conn,
            session_id=calendar.session_id,
            session_key=key,
            calendar=calendar.model_dump(mode="json"),
            opens_at=calendar.opens_at,
            closes_at=calendar.closes_at,
            deadline_at=calendar.deadline_at,
            grace_seconds=calendar.grace_seconds,
        )
        if revision is None:
            return False
        await outbox.append(conn, SessionScheduled(revision=revision, session_key=key, calendar=calendar))
        return True


async def move_deadline(ctx: Context[Settings], session_id: str, by: By, deadline_at: datetime) -> Moved:
    """Move the session's deadline: its calendar and every touched row, in one transaction.

    Those cancelled by a verdict under the earlier one are reinstated, and those held by a fault of ours wait
    for documents again unless the new one is nearer than the notice. A longer deadline of one's own stays.

    Raises:
        Unknown (session), CalendarChanged, DeadlineRefused.
    """
    notice = timedelta(days=ctx.settings.configuration.rules.deadline.earliest_notice_days)
    async with ctx.database.transaction() as conn:
        session = await sql.lock_session(conn, session_id=session_id)
        if session is None:
            raise Unknown("session")
        calendar = Calendar.model_validate(session["calendar"])
        if str(session["revision"]) != by.seen:
            raise CalendarChanged(calendar, session["revision"])
        now = await ctx.clock.now(conn)
        check_deadline(
            deadline_at,
            current=calendar.deadline_at,
            closes_at=calendar.closes_at,
            now=now,
            notice=notice,
        )
        check_within_session(deadline_at, calendar.ends_at)
        moved = calendar.model_copy(update={"deadline_at": deadline_at})
        revision = session["revision"] + 1
        await sql.move_session(
            conn,
            session_id=session_id,
            revision=revision,
            calendar=moved.model_dump(mode="json"),
            deadline_at=deadline_at,
        )
        records = [
            record
            async for record in sql.move_deadlines(
                conn, session_id=session_id, deadline_at=deadline_at, now=now, notice=notice
            )
        ]
        steps = [_step(candidature_of(record), record) for record in records]
        reinstated = sum(1 for record in records if record["reinstated"])
        released = sum(1 for record in records if record["released"])
        await rows.note(conn, steps, at=now, actor=by.actor, reason=by.reason)
        await sql.write_session_journal(
            conn,
            session_id=session_id,
            at=now,
            actor=by.actor,
            act="deadline_moved",
            reason=by.reason,
            facts={
                "from": calendar.deadline_at.isoformat(),
                "to": deadline_at.isoformat(),
                "touched": len(steps),
                "reinstated": reinstated,
                "released": released,
            },
        )
        await outbox.append(
            conn, SessionScheduled(revision=revision, session_key=session["session_key"], calendar=moved)
        )
        await outbox.append_many(conn, [event for step in steps for event in step.events])
    return Moved(moved, revision, len(steps), reinstated, released)


def _step(row: Candidature, touched: asyncpg.Record) -> Step:
    moved = partial(DeadlineMoved, scope="session")
    kinds: Kinds = (moved,)
    if touched["reinstated"]:
        kinds = (CandidatureReinstated, partial(moved, because="reinstatement"))
    elif touched["released"]:
        released = partial(CandidatureReleased, releases=row.releases, released_at=row.released_at)
        kinds = (released, partial(moved, because="release"))
    return Step(row, "deadline_moved", facts(row, kinds))
