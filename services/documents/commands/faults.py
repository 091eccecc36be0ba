"""Faults of uploads and put-backs that left no trace: written afterwards, tried until they are (ours 7)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.telemetry import describe, log
from services.documents.commands import rows
from services.documents.commands.judging import last_success
from services.documents.domain.candidate import Candidate, fault_begun, fault_told, hindered
from services.documents.domain.errors import Refused, Unknown
from services.documents.settings import Settings
from services.documents.statements import sql

_MOST = 10_000
_WAITS = (0.2, 5.0)
_UNKNOWN_TRIES = 720
_CLOSING_SECONDS = 5


@dataclass(frozen=True)
class Fault:
    """An upload that arrived and could not begin, or a put-back that failed, for a reason that is ours.

    `piece`: of an upload, empty where it is not known; that of a put-back is its file's. `by`: who tells,
    where it is not this service. `asked`: the digest of the address, where that is all there is to know the
    piece by.
    """

    attempt: UUID
    candidate_id: UUID
    arrived_at: datetime
    piece: str = ""
    file_id: UUID | None = None
    by: str | None = None
    asked: str = ""


class Unwritten:
    """The faults this process still has to write. What a crash loses, the watch over the service may see."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, fault: Fault) -> None:
        """Write it in the background. At most ten thousand wait: more, and the whole service is away."""
        if len(self._tasks) >= _MOST:
            log.error("fault dropped: too many wait to be written", attempt=str(fault.attempt))
            return
        task = asyncio.create_task(self._until_written(fault))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give what waits a last moment; what is lost then is told."""
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=_CLOSING_SECONDS)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            log.error("faults not written", count=len(left))

    async def _until_written(self, fault: Fault) -> None:
        """Whom this service does not know yet, it may hear of within the hour."""
        wait, longest = _WAITS
        unknown = 0
        while unknown < _UNKNOWN_TRIES:
            try:
                await write_fault(self._ctx, fault)
            except Unknown:
                unknown += 1
            except Refused:
                return
            except Exception as error:  # noqa: BLE001 - whatever hinders it, the fault stays ours
                log.warning("fault not written yet", attempt=str(fault.attempt), **describe(error))
            else:
                return
            await asyncio.sleep(wait)
            wait = min(wait * 2, longest)


async def write_fault(ctx: Context[Settings], fault: Fault) -> None:
    """`put_fault` in a transaction of its own, which waits for the row as long as it takes."""
    async with ctx.database.transaction() as conn:
        await conn.execute("SET LOCAL lock_timeout = 0")
        await put_fault(conn, ctx.clock, fault)


async def put_fault(conn: Connection, clock: Clock, fault: Fault) -> None:
    """Once for each attempt; not where a later success on the piece made up for it meanwhile.

    What is told of an arrival that stands there already marks it (`fault_told`). A verdict that was given
    without it is to be given again.

    Raises:
        Refused: Erased, Unknown.
    """
    before = await rows.lock(conn, fault.candidate_id)
    piece = await _still_without(conn, before, fault)
    if piece is None:
        return
    told = fault_told(before, piece, fault.arrived_at, fault.by) if fault.by and piece else None
    if told is not None:
        await rows.write(conn, told)
        return
    row = fault_begun(before, fault.attempt, piece, fault.arrived_at, by=fault.by, asked=fault.asked)
    if row.fault_at != before.fault_at and before.settled_rev == before.evidence_rev:
        row = row.new_evidence()
    await rows.take(conn, before, row, clock)


async def put_wait(
    conn: Connection, ctx: Context[Settings], candidate_id: UUID, arrived_at: datetime, ended_at: datetime
) -> None:
    """How long a request got no answer, whatever made up for it afterwards.

    Raises:
        Refused: Erased, Unknown.
    """
    before = await rows.lock(conn, candidate_id)
    row = hindered(before, arrived_at, ended_at, **ctx.settings.waits)
    if row != before:
        await rows.take(conn, before, row, ctx.clock)


async def _still_without(conn: Connection, row: Candidate, fault: Fault) -> str | None:
    """The piece it was for; None where nothing is lacking by it: it was made up for, or had no file.

    The same content that waits to be judged makes up for nothing yet.
    """
    piece = fault.piece
    if fault.file_id is not None:
        file = await sql.read_any_file(conn, candidate_id=fault.candidate_id, file_id=fault.file_id)
        if file is None or file["state"] != "removed":
            return None
        piece = file["piece"]
        there = {"candidate_id": fault.candidate_id, "piece": piece}
        same = await sql.find_same(conn, **there, sha256=file["sha256"])
        if same is not None and same["state"] != "to_judge":
            return None
    succeeded_at = await last_success(conn, row, piece)
    return None if succeeded_at is not None and fault.arrived_at <= succeeded_at else piece
