"""The repairs that reconciliation asks for: the copy learned anew, the evidence counted and judged anew."""

from dataclasses import replace

from services.chassis.context import Context
from services.chassis.peers import PeerGone, PeerNotFound
from services.chassis.quarantine import count_open_of
from services.contracts.events import ReachabilityChanged
from services.contracts.internal import Checklist, Standing
from services.contracts.recovery import RepairItem
from services.documents.commands import hearing, rows
from services.documents.settings import Settings
from services.documents.statements import sql


class Repairs:
    """Each is one transaction, of this service's own commands."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx

    async def learn(self, item: RepairItem) -> None:
        """The candidature as its owner has it, and the checklist in force; the row is made if there is none.

        Nothing told later is undone: both are taken in by their revision. At the same revision the owner is
        believed, since only a defect or another's hand can have made the copy differ.
        """
        path = f"candidates/{item.key}"
        try:
            standing = await self._ctx.peers.get("registration", f"{path}/standing", Standing)
            checklist = None
            if standing.registration_version:
                checklist = await self._ctx.peers.get("registration", f"{path}/checklist", Checklist)
        except (PeerGone, PeerNotFound):
            return
        async with self._ctx.database.transaction() as conn:
            row = await rows.lock_or_create(conn, standing.candidate_id, standing.session_id)
            if row.registration_revision == standing.revision:
                await rows.write(conn, replace(row, registration_revision=standing.revision - 1))
            if checklist is not None and row.registration_version != checklist.version:
                if row.checklist_revision == checklist.revision:
                    locked = await rows.lock(conn, item.key)
                    await rows.write(conn, replace(locked, checklist_revision=checklist.revision - 1))
                await hearing.checklist_fetched(conn, checklist, self._ctx.clock)
            await hearing.standing_fetched(conn, standing, self._ctx.clock)

    async def again(self, item: RepairItem) -> None:
        """Count the evidence anew and let it be settled again: a verdict was wrong, lacking or not heard."""
        async with self._ctx.database.transaction() as conn:
            await sql.share_outages(conn)
            row = await rows.lock(conn, item.key)
            await rows.take(conn, row, row.new_evidence(), self._ctx.clock)

    async def erase(self, item: RepairItem) -> None:
        """`accounts` has the person's tombstone."""
        async with self._ctx.database.transaction() as conn:
            await hearing.account_deleted(conn, item.key)

    async def hear_account(self, item: RepairItem) -> None:
        """A row from what `accounts` says, where `registration` has nothing to tell yet."""
        session_id = item.said("session_id")
        async with self._ctx.database.transaction() as conn:
            await hearing.account_known(conn, item.key, session_id)

    async def hear_reachability(self, item: RepairItem) -> None:
        event = ReachabilityChanged(
            candidate_id=item.key,
            revision=item.revision,
            state="unreachable" if item.said("state") == "unreachable" else "reachable",
        )
        async with self._ctx.database.transaction() as conn:
            await hearing.reachability_changed(conn, event, self._ctx.clock)

    async def hear_warnings(self, item: RepairItem) -> None:
        """Of which deadlines `notifications` has a reminder that was taken in time."""
        async with self._ctx.database.transaction() as conn:
            await hearing.reminders_taken(conn, item.key, item.deadlines, self._ctx.clock)

    async def recount_dead_letters(self, item: RepairItem) -> None:
        async with self._ctx.database.transaction() as conn:
            counted = await count_open_of(conn, item.key)
            await rows.count_dead_letters(conn, item.key, counted)
