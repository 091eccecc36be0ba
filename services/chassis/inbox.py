"""The inbox: an event has its effect once per consumer, however often it is delivered."""

from uuid import UUID

from services.chassis.database import Connection

_CLAIM = "INSERT INTO inbox (consumer, ce_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"


async def claim(conn: Connection, consumer: str, ce_id: UUID) -> bool:
    """Take `ce_id` for `consumer`, inside the effect's transaction; False when it had its effect before.

    A claim of the same event by a transaction still running is waited for: its rollback gives True here.
    """
    return await conn.execute(_CLAIM, consumer, ce_id) == "INSERT 0 1"
