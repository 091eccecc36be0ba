"""The candidate puts back a removed file, until the deadline by arrival: the undo of a removal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.context import Context
from services.chassis.failures import PartUnavailable
from services.contracts.events import DocumentUploaded
from services.documents.commands import rows
from services.documents.commands.learning import learn
from services.documents.domain.errors import NotAsked, RefusedBefore, TooMany, Unknown
from services.documents.domain.uploading import FILES_PER_PIECE, check_open
from services.documents.settings import Settings
from services.documents.statements import sql


async def put_back(ctx: Context[Settings], candidate_id: UUID, file_id: UUID, arrived_at: datetime) -> Any:
    """The file's row as it stands again. One that is there, or whose content is, changes nothing.

    It counts by its own arrival: nothing becomes earlier or later by taking it back and putting it back.

    Raises:
        Refused: Unknown, NotAsked, RefusedBefore, TooMany, TooLate, Decided, NotRegistered, Erased.
        PartUnavailable: too late here, and the owner of the deadline cannot be asked.
    """
    async with ctx.database.connection() as conn:
        wanted = await sql.read_any_file(conn, candidate_id=candidate_id, file_id=file_id)
    if wanted is None:
        raise Unknown("file")
    if await learn(ctx, candidate_id, wanted["piece"], arrived_at):
        raise PartUnavailable("registration")
    there = {"candidate_id": candidate_id, "piece": wanted["piece"]}
    async with ctx.database.transaction() as conn:
        row = await rows.lock(conn, candidate_id)
        check_open(row, arrived_at)
        file = await sql.read_any_file(conn, candidate_id=candidate_id, file_id=file_id)
        if file["state"] != "removed":
            return file
        asked = await sql.read_piece(conn, **there)
        if not asked["due"]:
            raise NotAsked
        same = await sql.find_same(conn, **there, sha256=file["sha256"])
        if same is not None:
            return same
        if (reason := await sql.refused_before(conn, **there, sha256=file["sha256"])) is not None:
            raise RefusedBefore(reason)
        if await sql.count_files(conn, **there) >= FILES_PER_PIECE:
            raise TooMany(FILES_PER_PIECE)
        await sql.put_back_file(conn, file_id=file_id, deadline_at=row.deadline_at)
        await rows.take(
            conn,
            row,
            row.new_evidence(),
            ctx.clock,
            lambda row: rows.fact(DocumentUploaded, row, file_id=file_id),
        )
        return await sql.read_any_file(conn, candidate_id=candidate_id, file_id=file_id)
