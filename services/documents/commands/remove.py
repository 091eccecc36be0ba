"""The candidate takes a file back, until the deadline by arrival. Nothing else ever removes one.

It may be put back (`services.documents.commands.put_back`).
"""

from datetime import datetime
from uuid import UUID

from services.chassis.context import Context
from services.contracts.events import DocumentRemoved
from services.documents.commands import rows
from services.documents.domain.errors import Unknown
from services.documents.domain.uploading import check_removable
from services.documents.settings import Settings
from services.documents.statements import sql


async def remove(ctx: Context[Settings], candidate_id: UUID, file_id: UUID, arrived_at: datetime) -> None:
    """Remove one file; the object stays until the session's end, as the file may be asked about.

    Raises:
        Refused: Unknown, Filed, TooLate, Decided, NotRegistered, Erased.
    """
    async with ctx.database.transaction() as conn:
        row = await rows.lock(conn, candidate_id)
        check_removable(row, arrived_at)
        if await sql.read_file(conn, candidate_id=candidate_id, file_id=file_id) is None:
            raise Unknown("file")
        await sql.remove_file(conn, file_id=file_id)
        await rows.take(
            conn,
            row,
            row.new_evidence(),
            ctx.clock,
            lambda row: rows.fact(DocumentRemoved, row, file_id=file_id),
        )
