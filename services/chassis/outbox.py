"""The outbox: a fact is written in the transaction that made it; the relay publishes it afterwards.

Invariant: the caller holds the lock of the key's row (the candidate's) before it appends. `id`s are handed
out before commit, so only that lock makes the order of ids the order of the facts of a key.

The rows stay as the service's event log.
"""

import json
import secrets
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.chassis.database import Connection
from services.contracts.envelope import headers_of, value_of
from services.contracts.events import Event

# jsonb goes as text, so that the statement needs no codec on the connection. `ce_time` is the database's: the
# process's clock may be wrong.
_INSERT = """
INSERT INTO outbox (ce_id, key, topic, type, payload, headers)
SELECT ce_id, key, topic, type, payload, headers::jsonb || jsonb_build_object(
    'ce_time', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::text[])
     WITH ORDINALITY AS e (ce_id, key, topic, type, payload, headers, place)
ORDER BY place
"""


async def append(conn: Connection, event: Event) -> None:
    """Write `event` into the outbox, inside the caller's transaction."""
    await append_many(conn, (event,))


async def append_many(conn: Connection, events: Iterable[Event]) -> None:
    """Write all `events` with one statement, in their order, inside the caller's transaction."""
    now = datetime.now(UTC)
    traceparent = current_traceparent()
    rows = [_row(event, now, traceparent) for event in events]
    if rows:
        await conn.execute(_INSERT, *map(list, zip(*rows, strict=True)))


def _row(event: Event, now: datetime, traceparent: str | None) -> tuple[UUID, UUID, str, str, bytes, str]:
    ce_id = new_ce_id()
    headers = {name: value.decode() for name, value in headers_of(event, ce_id, now, traceparent)}
    return ce_id, event.key, event.topic.name, event.type_name(), value_of(event), json.dumps(headers)


def current_traceparent() -> str | None:
    """The W3C `traceparent` of the current span, if there is one."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def new_ce_id() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): its time comes first, so inboxes grow at one end of their index."""
    milliseconds = time.time_ns() // 1_000_000
    noise = secrets.randbits(74)
    return UUID(
        int=(milliseconds & (2**48 - 1)) << 80
        | 0x7 << 76
        | (noise >> 62) << 64
        | 0b10 << 62
        | (noise & (2**62 - 1))
    )
