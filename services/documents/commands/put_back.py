"""The candidate puts back a removed file, until the deadline by arrival: the undo of a removal.

A put-back that fails through us is kept by its caller (`services.documents.receiving`), like an upload.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.failures import PartUnavailable
from services.contracts.events import DocumentUploaded
from services.documents.commands import rows
from services.documents.commands.judging import met
from services.documents.commands.learning import learn
from services.documents.domain.candidate import Candidate, fault_healed
from services.documents.domain.errors import NotAsked, RefusedBefore, TooMany, Unknown
from services.documents.domain.uploading import FILES_PER_PIECE, check_open
from services.documents.settings import Settings
from services.documents.statements import sql


async def put_back(ctx: Context[Settings], candidate_id: UUID, file_id: UUID, arrived_at: datetime) -> Any:
    """The file's row as it stands again. One that is there, or whose content is, changes nothing.

    It counts by its own arrival: nothing becomes earlier or later by taking it back and putting it back. So
    does the same content that waits to be judged, which stands in for it. Where it counts, it makes up for
    what failed before on its piece.

    Raises:
        Refused: Unknown, NotAsked, RefusedBefore, TooMany, TooLate, Decided, NotRegistered, Erased.
        PartUnavailable: too late or decided here, and the owner of the deadline cannot be asked.
    """
    async with ctx.database.connection() as conn:
        wanted = await sql.read_any_file(conn, candidate_id=candidate_id, file_id=file_id)
    if wanted is None:
        raise Unknown("file")
    if await learn(ctx, candidate_id, wanted["piece"], arrived_at):
        raise PartUnavailable("registration")
    there = {"candidate_id": candidate_id, "piece": wanted["piece"]}
    async with ctx.database.transaction() as conn:
        before = await rows.lock(conn, candidate_id)
        check_open(before, arrived_at)
        file = await sql.read_any_file(conn, candidate_id=candidate_id, file_id=file_id)
        same = await sql.find_same(conn, **there, sha256=file["sha256"])
        if same is not None:
            in_time = file["arrived_at"] < before.deadline_at
            same, row = await met(conn, before, same, file["arrived_at"], in_time=in_time)
            await rows.take(conn, before, await _healed(conn, row, same, arrived_at), ctx.clock)
            return same
        if file["state"] != "removed":
            return file
        asked = await sql.read_piece(conn, **there)
        if not asked["due"]:
            raise NotAsked
        if (refused := await sql.refused_before(conn, **there, parts=file["parts"])) is not None:
            raise RefusedBefore(refused["reason"])
        if await sql.count_files(conn, **there) >= FILES_PER_PIECE:
            raise TooMany(FILES_PER_PIECE)
        await sql.put_back_file(conn, file_id=file_id, deadline_at=before.deadline_at)
        file = await sql.read_any_file(conn, candidate_id=candidate_id, file_id=file_id)
        row = await _healed(conn, before, file, arrived_at)
        await rows.take(
            conn,
            before,
            row.new_evidence(),
            ctx.clock,
            lambda row: rows.fact(DocumentUploaded, row, file_id=file_id),
        )
        return file


async def _healed(conn: Connection, row: Candidate, file: asyncpg.Record, arrived_at: datetime) -> Candidate:
    """A late file, or a confirmation signed for an older version, makes up for nothing."""
    counts = await sql.file_counts(
        conn,
        file_id=file["file_id"],
        version=row.registration_version,
        version_saved_at=row.version_saved_at,
    )
    return fault_healed(row, file["piece"], arrived_at) if counts else row
