"""What a save that a gateway turned away is here (decision 0014): the last such instant, on the row."""

from dataclasses import replace
from uuid import UUID

from services.chassis.database import Connection
from services.chassis.gateway_logs.keeping import NotKnownYet
from services.chassis.gateway_logs.lines import TurnedAway
from services.registration.commands import rows
from services.registration.domain.errors import Erased, Unknown


async def put(conn: Connection, turned: TurnedAway, candidate_id: UUID) -> None:
    """Only what arrived in the candidate's window counts (R5). No stage changes, so nothing is told."""
    try:
        row = await rows.lock(conn, candidate_id)
    except Erased:
        return
    except Unknown:
        raise NotKnownYet from None
    last = row.save_fault_at
    if turned.arrived_at < row.closes_at and (last is None or last < turned.arrived_at):
        await rows.write(conn, replace(row, save_fault_at=turned.arrived_at))
