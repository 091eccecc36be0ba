"""Telling `documents` whether a candidate can be thought warned of the deadline (domain, ours 7).

Both causes are told from here: reminders that all failed, and events that are dead letters of this service,
for a mail may be lacking then. A reminder that the mail server took and returned later (`intake.py`) is a
failed one.
"""

from uuid import UUID

from services.chassis.database import Connection
from services.chassis.outbox import append
from services.contracts.events import ReachabilityChanged
from services.notifications.statements import SQL


async def tell_reachability(conn: Connection, candidate_id: UUID) -> None:
    """Publish it if it changed, in the transaction that holds the candidate's row; never of the deleted."""
    if await SQL.is_buried(conn, candidate_id=candidate_id):
        return
    changed = await SQL.tell_reachability(conn, candidate_id=candidate_id)
    if changed is not None:
        state = "reachable" if changed["reachable"] else "unreachable"
        await append(
            conn, ReachabilityChanged(candidate_id=candidate_id, revision=changed["revision"], state=state)
        )


async def count_dead_letters(conn: Connection, candidate_id: UUID, open_dead_letters: int) -> None:
    """The quarantine's hook. Of a candidate not heard of yet nothing is written: `lock_candidate` counts."""
    known = await SQL.count_dead_letters(conn, candidate_id=candidate_id, open_dead_letters=open_dead_letters)
    if known is not None:
        await tell_reachability(conn, candidate_id)
