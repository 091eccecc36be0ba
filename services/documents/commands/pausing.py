"""Stopping every verdict of a session and letting them go on: an officer's act, with its reason."""

from services.chassis.context import Context
from services.documents.domain.errors import Unknown
from services.documents.settings import Settings
from services.documents.statements import sql


async def pause_settling(
    ctx: Context[Settings], session_id: str, *, paused: bool, reason: str, actor: str
) -> None:
    """Once this has committed, no verdict of the session is given until it is let go on; then all are.

    The session's row is written first: a candidate's row that is being made copies the flag from it.

    Raises:
        Refused: Unknown.
    """
    async with ctx.database.transaction() as conn:
        if await sql.pause_session(conn, session_id=session_id, paused=paused) is None:
            raise Unknown("session")
        await sql.pause_rows(conn, session_id=session_id, paused=paused)
        await sql.add_session_act(
            conn,
            session_id=session_id,
            act="settling_paused" if paused else "settling_resumed",
            outage_id=None,
            reason=reason,
            actor=actor,
            at=await ctx.clock.now(conn),
        )
