"""What a save that a gateway turned away is here (decision 0014): the last such instant, on the row."""

from datetime import timedelta
from uuid import UUID

from services.chassis.database import Connection
from services.chassis.gateway_logs.keeping import NotKnownYet
from services.chassis.gateway_logs.lines import TurnedAway
from services.contracts.stages import Stage
from services.registration.commands import rows
from services.registration.domain.errors import Erased, Unknown
from services.registration.domain.window import kept_from_saving
from services.registration.queries import current_session, session_of


async def put(conn: Connection, turned: TurnedAway, candidate_id: UUID) -> None:
    """No fact: no stage changes.

    Whose account was not heard of gets a row, as by a save: a login says that it is activated.
    """
    try:
        current = await current_session(conn, turned.arrived_at)
        row = await rows.lock_or_create(conn, candidate_id, current.session_id, Stage.ACTIVATED)
    except Erased:
        return
    except Unknown:
        raise NotKnownYet from None
    calendar = await session_of(conn, row.session_id)
    faulty = kept_from_saving(row, turned.arrived_at, timedelta(seconds=calendar.fault_window_seconds))
    if faulty is not None:
        await rows.write(conn, faulty)
