"""That the store has lost an object, or has it again: what counted by it counts no more, or does."""

from collections.abc import Collection
from uuid import UUID

from services.chassis.context import Context
from services.documents.commands import rows
from services.documents.domain.errors import Erased, Unknown
from services.documents.settings import Settings
from services.documents.statements import sql


async def note_objects(
    ctx: Context[Settings], candidate_id: UUID, *, gone: Collection[str], found: Collection[str]
) -> None:
    """Note which keys of one candidate's files are gone, and which are there again and count again.

    Whoever lacks a piece by it is held, not confirmed and not cancelled (ours 7). Nothing of the erased.
    """
    async with ctx.database.transaction() as conn:
        try:
            before = await rows.lock(conn, candidate_id)
        except (Erased, Unknown):
            return
        whose = {"candidate_id": candidate_id}
        await sql.lose_objects(conn, **whose, keys=list(gone), now=await ctx.clock.now(conn))
        await sql.find_objects(conn, **whose, keys=list(found))
        row = await rows.counted(conn, before)
        if row != before:
            await rows.take(conn, before, row.new_evidence(), ctx.clock)
