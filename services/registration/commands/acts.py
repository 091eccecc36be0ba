"""An officer's acts on one candidature: row, journal with the reason, and fact together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.context import Context
from services.contracts.events import Calendar
from services.registration.commands import rows
from services.registration.domain import acts
from services.registration.domain.candidature import Candidature, Step
from services.registration.domain.errors import Changed
from services.registration.queries import session_of
from services.registration.settings import Settings


@dataclass(frozen=True, slots=True)
class By:
    """Which officer acts, and why: kept in the journal. `seen` names the state the officer looked at."""

    officer: str
    reason: str
    seen: str

    @property
    def actor(self) -> str:
        return f"officer:{self.officer}"


async def hold(ctx: Context[Settings], candidate_id: UUID, by: By) -> Candidature:
    return await _act(ctx, candidate_id, by, lambda row, now, _: acts.held(row, now, by.reason))


async def release(
    ctx: Context[Settings],
    candidate_id: UUID,
    by: By,
    deadline_at: datetime | None = None,
    *,
    settle_now: bool = False,
) -> Candidature:
    """End a hold; after the deadline with a new one, or settled at once when that is said."""
    return await _act(
        ctx,
        candidate_id,
        by,
        lambda row, now, _: acts.released(
            row, now, notice=_notice(ctx), deadline_at=deadline_at, settle_now=settle_now
        ),
    )


async def cancel(ctx: Context[Settings], candidate_id: UUID, by: By) -> Candidature:
    return await _act(ctx, candidate_id, by, lambda row, now, _: acts.cancelled(row, now, by.reason))


async def uphold(ctx: Context[Settings], candidate_id: UUID, by: By) -> Candidature:
    return await _act(ctx, candidate_id, by, lambda row, now, _: acts.upheld(row))


async def reinstate(
    ctx: Context[Settings], candidate_id: UUID, by: By, deadline_at: datetime | None
) -> Candidature:
    return await _act(
        ctx, candidate_id, by, lambda row, now, _: acts.reinstated(row, now, deadline_at, _notice(ctx))
    )


async def open_form(
    ctx: Context[Settings], candidate_id: UUID, by: By, closes_at: datetime, deadline_at: datetime | None
) -> Candidature:
    """To one candidate, of whom the window's end found nothing saved."""
    return await _act(
        ctx,
        candidate_id,
        by,
        lambda row, now, calendar: acts.form_opened(row, now, calendar, closes_at, deadline_at, _notice(ctx)),
    )


async def move_deadline(
    ctx: Context[Settings], candidate_id: UUID, by: By, deadline_at: datetime
) -> Candidature:
    return await _act(
        ctx, candidate_id, by, lambda row, now, _: acts.deadline_moved(row, now, deadline_at, _notice(ctx))
    )


def _notice(ctx: Context[Settings]) -> timedelta:
    return timedelta(days=ctx.settings.configuration.rules.deadline.earliest_notice_days)


async def _act(
    ctx: Context[Settings],
    candidate_id: UUID,
    by: By,
    transition: Callable[[Candidature, datetime, Calendar], Step],
) -> Candidature:
    """Raises Changed; Refused, see the transitions in `domain.acts`; Erased, Unknown."""
    async with ctx.database.transaction() as conn:
        row = await rows.lock(conn, candidate_id)
        if row.seen != by.seen:
            raise Changed(row)
        calendar = await session_of(conn, row.session_id)
        now = await ctx.clock.now(conn)
        step = transition(row, now, calendar)
        if step.candidature.deadline_at != row.deadline_at:
            acts.check_within_session(step.candidature.deadline_at, calendar.ends_at)
        return await rows.take(conn, step, at=now, actor=by.actor, reason=by.reason)
