"""The open dead letters of this service, in its database: what is open holds the candidate.

Opening and closing run the service's hook in the same transaction, with the number of the candidate's dead
letters then open in this database, all consumers together. An advisory lock per candidate makes that number
true when two consumers open and close at once; it is taken before the hook locks the candidate's row.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from services.chassis.database import Connection
from services.chassis.dlq import DeadLetter, State

OnQuarantine = Callable[[Connection, UUID, int], Awaitable[None]]
"""`(conn, candidate_id, open_dead_letters)`; a candidate is held while the number is not 0."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('quarantine:' || $1::text, 0))"
_OPEN = """
INSERT INTO quarantine
       (consumer, dead_letter_id, candidate_id, topic, partition, record_offset, error, sqlstate)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (consumer, dead_letter_id) DO UPDATE SET
    failures = quarantine.failures + 1, error = excluded.error, sqlstate = excluded.sqlstate,
    closed_at = NULL, outcome = NULL
"""
_CLOSED = """
SELECT outcome FROM quarantine
WHERE consumer = $1 AND dead_letter_id = $2 AND candidate_id IS NOT DISTINCT FROM $3::uuid
"""
_FIND = "SELECT candidate_id, outcome FROM quarantine WHERE consumer = $1 AND dead_letter_id = $2"
_CLOSE = """
UPDATE quarantine SET closed_at = clock_timestamp(), outcome = $3
WHERE consumer = $1 AND dead_letter_id = $2 AND closed_at IS NULL
"""
_COUNT = "SELECT count(*) FROM quarantine WHERE candidate_id = $1 AND closed_at IS NULL"
_COUNT_ALL = "SELECT consumer, count(*) AS open FROM quarantine WHERE closed_at IS NULL GROUP BY consumer"


async def open_dead_letter(conn: Connection, letter: DeadLetter, hook: OnQuarantine | None) -> State | None:
    """Record that `letter` is open, once, and hold its candidate. Returns how it is closed, if it was.

    What an operator or its effect has ended stays so, however often its record is delivered: else a discard
    would be undone by the next reading of the topic. A record without a `ce_id` is known by its place; that
    of another candidate at this place is another one, of a topic that was made anew.
    """
    record = letter.record
    candidate_id = record.candidate_id
    await _lock(conn, candidate_id)
    closed = await conn.fetchval(_CLOSED, letter.consumer, letter.id, candidate_id)
    if closed is not None:
        return State(closed)
    await conn.execute(
        _OPEN,
        letter.consumer,
        letter.id,
        candidate_id,
        record.topic,
        record.partition,
        record.offset,
        letter.error,
        letter.sqlstate,
    )
    await _tell(conn, candidate_id, hook)
    return None


async def close_dead_letter(
    conn: Connection, consumer: str, dead_letter_id: UUID, outcome: State, hook: OnQuarantine | None
) -> State | None:
    """Record that it is closed, and say how; None if it never was open.

    The candidate stays held for their others. Closed before, it stays as it was: who closed it may have been
    killed before the topic was told.
    """
    found = await conn.fetchrow(_FIND, consumer, dead_letter_id)
    if found is None:
        return None
    if found["outcome"] is not None:
        return State(found["outcome"])
    await _lock(conn, found["candidate_id"])
    await conn.execute(_CLOSE, consumer, dead_letter_id, outcome.value)
    await _tell(conn, found["candidate_id"], hook)
    return outcome


async def count_open(conn: Connection) -> dict[str, int]:
    """Consumer → its open dead letters."""
    return {row["consumer"]: row["open"] for row in await conn.fetch(_COUNT_ALL)}


async def count_open_of(conn: Connection, candidate_id: UUID) -> int:
    """The candidate's open dead letters, under the lock: for whoever makes the row that the hook writes to.

    Ask before the row is locked: the hook takes the two in this order.
    """
    await _lock(conn, candidate_id)
    found: int = await conn.fetchval(_COUNT, candidate_id)
    return found


async def _lock(conn: Connection, candidate_id: UUID | None) -> None:
    if candidate_id is not None:
        await conn.execute(_LOCK, str(candidate_id))


async def _tell(conn: Connection, candidate_id: UUID | None, hook: OnQuarantine | None) -> None:
    if candidate_id is not None and hook is not None:
        await hook(conn, candidate_id, await conn.fetchval(_COUNT, candidate_id))
