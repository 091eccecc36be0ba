"""The inbox: an event has its effect once per consumer, however often it is delivered.

With the claim it keeps the highest revision taken in of each key, by which an owner restored from a backup is
noticed (`services.chassis.recovery`).
"""

from uuid import UUID

from services.chassis.database import Connection

_CLAIM = "INSERT INTO inbox (consumer, ce_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_HEAR = """
INSERT INTO heard (consumer, key, revision) VALUES ($1, $2, $3)
ON CONFLICT (consumer, key) DO UPDATE SET revision = excluded.revision
WHERE heard.revision < excluded.revision
"""


async def claim(conn: Connection, consumer: str, ce_id: UUID) -> bool:
    """Take `ce_id` for `consumer`, inside the effect's transaction; False when it had its effect before.

    A claim of the same event by a transaction still running is waited for: its rollback gives True here.
    """
    return await conn.execute(_CLAIM, consumer, ce_id) == "INSERT 0 1"


async def hear(conn: Connection, consumer: str, key: UUID, revision: int) -> None:
    """Keep that `consumer` has taken in this revision of the key, in the same transaction."""
    await conn.execute(_HEAR, consumer, key, revision)
