"""The candidate's row, which every write about a candidate locks first."""

from uuid import UUID

from services.chassis.database import Connection
from services.chassis.quarantine import count_open_of
from services.notifications.commands.reachability import tell_reachability
from services.notifications.statements import SQL


async def lock_candidate(conn: Connection, candidate_id: UUID) -> None:
    """Lock the row, made if needed with the dead letters that are open by then."""
    if await SQL.lock_candidate(conn, candidate_id=candidate_id) is not None:
        return
    open_dead_letters = await count_open_of(conn, candidate_id)
    await SQL.make_candidate(conn, candidate_id=candidate_id, open_dead_letters=open_dead_letters)
    await SQL.lock_candidate(conn, candidate_id=candidate_id)
    if open_dead_letters:
        await tell_reachability(conn, candidate_id)
