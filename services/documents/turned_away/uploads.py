"""What an upload or a put-back that a gateway turned away is here: a fault and a wait, before the verdict."""

from datetime import datetime
from functools import partial
from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.gateway_logs.keeping import NotKnownYet
from services.chassis.gateway_logs.lines import TurnedAway, What
from services.chassis.gateway_logs.reader import LogReader
from services.documents.commands.faults import Fault, put_fault, put_wait
from services.documents.domain.candidate import GATEWAY
from services.documents.domain.errors import Erased, Unknown
from services.documents.settings import Settings
from services.documents.statements import sql
from services.documents.turned_away.addresses import named


def log_reader(ctx: Context[Settings]) -> LogReader:
    """The part of the worker. While it cannot read, the verdicts on the incomplete wait."""
    return LogReader(ctx, What.UPLOAD, partial(put, ctx), Verdicts())


async def put(ctx: Context[Settings], conn: Connection, turned: TurnedAway, candidate_id: UUID) -> None:
    pieces = [(row["piece"], row["file_id"]) async for row in sql.asked_for(conn, candidate_id=candidate_id)]
    meant = named(turned.asked, pieces)
    fault = Fault(
        turned.attempt_id,
        candidate_id,
        turned.arrived_at,
        piece=meant.piece,
        file_id=meant.file_id,
        by=GATEWAY,
        asked=turned.asked,
    )
    try:
        await put_fault(conn, ctx.clock, fault)
        await put_wait(conn, ctx, candidate_id, turned.arrived_at, turned.ended_at)
    except Erased:
        return
    except Unknown:
        raise NotKnownYet from None


class Verdicts:
    """Those on the incomplete wait for the logs (`Waiting` of the chassis)."""

    async def begin(self, conn: Connection) -> None:
        await sql.begin_reading_logs(conn)

    async def read_none(self, conn: Connection) -> None:
        await sql.read_no_logs(conn)

    async def were_read(self, conn: Connection, until: datetime) -> None:
        await sql.logs_were_read(conn, read_at=until)
