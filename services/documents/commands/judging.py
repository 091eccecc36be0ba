"""What is in time for the deadline in force, and what a file that came through makes up for (ours 2, 7).

Under the candidate's row's lock. Until it is judged in time, a file that came after the deadline makes up for
nothing: judged late, it would have wiped out the fault of an upload that was in time, and cancelled for it.
"""

from datetime import datetime

import asyncpg

from services.chassis.database import Connection
from services.documents.domain.candidate import Candidate, fault_healed
from services.documents.statements import sql

_NONE = "UPDATE 0"


async def judge_files(conn: Connection, row: Candidate) -> Candidate:
    """Judge by the row's deadline what waits for it, and again what came too late for an earlier one."""
    late = await sql.find_late(conn, candidate_id=row.candidate_id, deadline_at=row.deadline_at)
    judged = await count_in_time(conn, row)
    return judged.new_evidence() if late != _NONE else judged


async def count_in_time(conn: Connection, row: Candidate) -> Candidate:
    """Let count what is in time for the row's deadline, and make up for what it would have if stored at once.

    What is not stays as it is: where the deadline is not its owner's yet, nothing is found late by it.
    """
    counted = await sql.count_in_time(conn, candidate_id=row.candidate_id, deadline_at=row.deadline_at)
    return row if counted == _NONE else (await _made_up_for(conn, row)).new_evidence()


async def met(
    conn: Connection, row: Candidate, same: asyncpg.Record, arrived_at: datetime, *, in_time: bool
) -> tuple[asyncpg.Record, Candidate]:
    """The file that stands for the same content that came again, and the row: its earliest arrival judges it.

    Whoever is told that the content is there already is not to lose by it: what is there may be a later try
    that was stored first, and nothing else keeps an arrival in time.

    Args:
        in_time: what arrived then needs no judging.
    """
    earlier = await sql.arrived_earlier(conn, file_id=same["file_id"], arrived_at=arrived_at, in_time=in_time)
    return (same, row) if earlier is None else (earlier, row.new_evidence())


async def last_success(conn: Connection, row: Candidate, piece: str) -> datetime | None:
    """The arrival of the last file of the piece that came through; what failed until then it made up for."""
    found: datetime | None = await sql.last_success(
        conn,
        candidate_id=row.candidate_id,
        piece=piece,
        deadline_at=row.deadline_at,
        version=row.registration_version,
        version_saved_at=row.version_saved_at,
    )
    return found


async def _made_up_for(conn: Connection, row: Candidate) -> Candidate:
    for piece in sorted({fault["piece"] for fault in row.faults.values()}):
        succeeded_at = await last_success(conn, row, piece)
        if succeeded_at is not None:
            row = fault_healed(row, piece, succeeded_at)
    return row
