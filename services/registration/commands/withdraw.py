"""The candidate withdraws (ours 9)."""

from uuid import UUID

from services.chassis.context import Context
from services.registration.commands import rows
from services.registration.domain.candidature import Candidature
from services.registration.domain.saving import withdrawn
from services.registration.settings import Settings


async def withdraw(ctx: Context[Settings], candidate_id: UUID, reason: str | None = None) -> Candidature:
    """The candidate gives the candidature up; saying it twice changes nothing. `reason` is the candidate's.

    Raises:
        NothingSaved, NotAllowed, Erased, Unknown.
    """
    async with ctx.database.transaction() as conn:
        row = await rows.lock(conn, candidate_id)
        now = await ctx.clock.now(conn)
        step = withdrawn(row, now)
        if step is None:
            return row
        return await rows.take(conn, step, at=now, actor=rows.CANDIDATE, reason=reason)
