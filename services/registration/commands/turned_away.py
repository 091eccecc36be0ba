"""A save that came to nothing by our fault (decision 0014): the last such instant is kept on the row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.gateway_logs.keeping import NotKnownYet
from services.chassis.gateway_logs.lines import TurnedAway
from services.contracts.stages import Stage
from services.registration.commands import rows
from services.registration.domain.errors import Erased, TooSlow, Unknown
from services.registration.domain.window import kept_from_saving
from services.registration.queries import current_session, session_of
from services.registration.settings import Settings


async def put(conn: Connection, turned: TurnedAway, candidate_id: UUID) -> None:
    """What a gateway turned away: of who is erased nothing is kept.

    Raises:
        NotKnownYet: no session is known here.
    """
    try:
        await _keep(conn, candidate_id, turned.arrived_at)
    except Erased:
        return
    except Unknown:
        raise NotKnownYet from None


@asynccontextmanager
async def kept_in_mind(
    ctx: Context[Settings], candidate_id: UUID, arrived_at: datetime
) -> AsyncIterator[None]:
    """A request to the form, of which `TooSlow` says that it came in time and that we did not end it in time.

    It is answered, so that no gateway tells of it.

    Raises:
        TooSlow, as it was; Erased, Unknown (the session) in its place.
    """
    try:
        yield
    except TooSlow:
        async with ctx.database.transaction() as conn:
            await _keep(conn, candidate_id, arrived_at)
        raise


async def _keep(conn: Connection, candidate_id: UUID, arrived_at: datetime) -> None:
    """No fact: no stage changes.

    Whose account was not heard of gets a row, as by a save: a login says that it is activated.
    """
    current = await current_session(conn, arrived_at)
    row = await rows.lock_or_create(conn, candidate_id, current.session_id, Stage.ACTIVATED)
    calendar = await session_of(conn, row.session_id)
    faulty = kept_from_saving(row, arrived_at, timedelta(seconds=calendar.fault_window_seconds))
    if faulty is not None:
        await rows.write(conn, faulty)
