"""The relay loses nothing, keeps each key's order, and is one: on real PostgreSQL and Kafka."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from deploy.local import LocalStack
from services.chassis import refill
from services.chassis.database import Connection, Database
from services.chassis.dlq import Record
from services.chassis.kafka import KafkaSettings
from services.chassis.outbox import append, append_many
from services.chassis.readiness import Readiness
from services.chassis.relay import _LOCK, Relay
from services.contracts.envelope import decode
from services.contracts.topics import DOCUMENTS
from tests.integration.messaging.support import Door, eventually, read_all, running, uploaded

MakeRelay = Callable[..., Relay]


@pytest.fixture
def make_relay(kafka: KafkaSettings, readiness: Readiness) -> MakeRelay:
    def make(url: str, **options: float) -> Relay:
        return Relay(
            service="documents",
            database_url=url,
            kafka=kafka,
            readiness=readiness,
            **({"poll_seconds": 0.2, "stalled_seconds": 0.5} | options),  # type: ignore[arg-type]
        )

    return make


_GATE_BEFORE_MARKS = """
CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
CREATE TRIGGER gate BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION gate();
"""


async def pending(database: Database) -> int:
    async with database.connection() as conn:
        found: int = await conn.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return found


async def all_published(database: Database) -> bool:
    return await pending(database) == 0


async def published(kafka: KafkaSettings, *candidates: UUID) -> dict[UUID, list[Record]]:
    found: dict[UUID, list[Record]] = defaultdict(list)
    for record in await read_all(kafka, DOCUMENTS.name):
        if record.candidate_id in candidates:
            found[record.candidate_id].append(record)
    return found


def revisions(records: list[Record]) -> list[int]:
    return [decode(record.value, list(record.headers)).event.revision for record in records]


async def test_events_of_a_candidate_are_published_in_their_order(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    candidates = [uuid4() for _ in range(40)]
    async with running(make_relay(url, batch_size=50)):
        for revision in range(1, 11):
            async with database.transaction() as conn:
                await append_many(conn, [uploaded(candidate, revision) for candidate in candidates])
        await eventually(lambda: all_published(database))
    found = await published(kafka, *candidates)
    assert {candidate: revisions(records) for candidate, records in found.items()} == {
        candidate: list(range(1, 11)) for candidate in candidates
    }


async def test_row_committed_late_with_a_lower_id_is_published(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    early, late = uuid4(), uuid4()
    async with running(make_relay(url)):
        async with database.transaction() as slow:
            await append(slow, uploaded(early))
            async with database.transaction() as fast:
                await append(fast, uploaded(late))
            await eventually(lambda: all_published(database))
            assert list(await published(kafka, early, late)) == [late]
        await eventually(lambda: all_published(database))
    found = await published(kafka, early, late)
    assert {key: len(records) for key, records in found.items()} == {early: 1, late: 1}


async def test_fact_of_a_rolled_back_transaction_is_never_published(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    never, after = uuid4(), uuid4()
    async with running(make_relay(url)):
        async with database.connection() as conn:
            undone = conn.transaction()
            await undone.start()
            await append(conn, uploaded(never))
            await undone.rollback()
        async with database.transaction() as conn:
            await append(conn, uploaded(after))
        await eventually(lambda: all_published(database))
    assert list(await published(kafka, never, after)) == [after]


async def test_relay_that_dies_between_broker_and_mark_publishes_twice_with_the_same_id(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    candidate = uuid4()
    relay = make_relay(url)
    async with running(relay):
        await eventually(lambda: _works(relay))
        async with database.connection() as gate:
            await gate.execute(_GATE_BEFORE_MARKS)
            await gate.execute("SELECT pg_advisory_lock(1)")
            async with database.transaction() as conn:
                await append(conn, uploaded(candidate))
            await eventually(lambda: _on_topic(kafka, candidate, 1))
            assert await pending(database) == 1
            await gate.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'documents-relay' AND datname = current_database()"
            )
            await gate.execute("SELECT pg_advisory_unlock(1)")
        await eventually(lambda: _on_topic(kafka, candidate, 2))
        await eventually(lambda: all_published(database))
    first, second = (await published(kafka, candidate))[candidate]
    assert first.header("ce_id") == second.header("ce_id")
    assert first.value == second.value


async def _on_topic(kafka: KafkaSettings, candidate: UUID, count: int) -> bool:
    return len((await published(kafka, candidate))[candidate]) >= count


async def _works(relay: Relay) -> bool:
    return relay.working


async def test_of_two_relays_one_works_and_the_other_takes_over(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    first, second = make_relay(url), make_relay(url)
    candidate = uuid4()
    async with running(second):
        async with running(first):
            await eventually(lambda: _one_works(first, second))
            for revision in range(1, 30):
                async with database.transaction() as conn:
                    await append(conn, uploaded(candidate, revision))
            await eventually(lambda: all_published(database))
            assert first.working != second.working
        await eventually(lambda: _works(second))
        async with database.transaction() as conn:
            await append(conn, uploaded(candidate, 30))
        await eventually(lambda: all_published(database))
    assert revisions((await published(kafka, candidate))[candidate]) == list(range(1, 31))


async def _one_works(first: Relay, second: Relay) -> bool:
    return first.working or second.working


async def test_relay_whose_connection_is_cut_gives_the_lock_up_and_goes_on_later(
    url: str, database: Database, kafka: KafkaSettings, door: Door, make_relay: MakeRelay
) -> None:
    candidate = uuid4()
    relay = make_relay(door.url, poll_seconds=25)
    async with running(relay):
        await eventually(lambda: _works(relay))
        await door.shut()
        await eventually(lambda: _works_not(relay))
        async with database.transaction() as conn:
            await append(conn, uploaded(candidate))
        await door.open()
        await eventually(lambda: all_published(database))
    assert len((await published(kafka, candidate))[candidate]) == 1


async def _works_not(relay: Relay) -> bool:
    return not relay.working


async def test_row_that_the_broker_refuses_stops_only_its_key(
    url: str, database: Database, kafka: KafkaSettings, readiness: Readiness
) -> None:
    stopped, others = uuid4(), [uuid4() for _ in range(20)]
    generous = kafka.model_copy(update={"max_request_bytes": 4_000_000})
    relay = Relay(
        service="documents", database_url=url, kafka=generous, readiness=readiness, poll_seconds=0.2
    )
    async with database.transaction() as conn:
        await append(conn, uploaded(stopped, 1))
        # More than the broker takes (message.max.bytes, 1 MiB), less than the producer lets pass.
        await conn.execute("UPDATE outbox SET payload = $1", os.urandom(2_000_000))
        await append(conn, uploaded(stopped, 2))
        await append_many(conn, [uploaded(other) for other in others])
    async with running(relay):
        await eventually(lambda: _pending_is(database, 2))
        found = await published(kafka, stopped, *others)
        assert sorted(found) == sorted(others)
        async with database.connection() as conn:
            blocked = await conn.fetchrow("SELECT key, last_error FROM outbox WHERE retry_at IS NOT NULL")
        assert blocked is not None
        assert (blocked["key"], blocked["last_error"]) == (stopped, "MessageSizeTooLargeError")
        async with database.transaction() as conn:
            await append(conn, uploaded(others[0], 2))
        await eventually(lambda: _pending_is(database, 2))
        assert await readiness.reasons() == {}

        payload = uploaded(stopped, 1).model_dump_json().encode()
        async with database.connection() as conn:
            await conn.execute(
                "UPDATE outbox SET payload = $1, retry_at = now() WHERE retry_at IS NOT NULL", payload
            )
        await eventually(lambda: all_published(database))
    found = await published(kafka, stopped, *others)
    assert revisions(found[stopped]) == [1, 2]
    assert all(len(found[other]) == (2 if other == others[0] else 1) for other in others)


async def _pending_is(database: Database, count: int) -> bool:
    return await pending(database) == count


async def test_broker_away_is_waited_for_not_ready_and_nothing_is_lost(
    parts: LocalStack,
    url: str,
    database: Database,
    kafka: KafkaSettings,
    readiness: Readiness,
    make_relay: MakeRelay,
) -> None:
    candidate = uuid4()
    relay = make_relay(url)
    async with running(relay):
        await eventually(lambda: _works(relay))
        async with database.transaction() as conn:
            await append(conn, uploaded(candidate, 1))
        await eventually(lambda: all_published(database))
        await parts.stop("kafka")
        try:
            async with database.transaction() as conn:
                await append_many(conn, [uploaded(candidate, revision) for revision in (2, 3, 4)])
            await eventually(lambda: _says_not_ready(readiness))
            assert await pending(database) == 3
        finally:
            await parts.restart("kafka")
        await eventually(lambda: all_published(database), 60)
        await eventually(lambda: _says_ready(readiness))
    assert revisions((await published(kafka, candidate))[candidate]) == [1, 2, 3, 4]


async def _says_not_ready(readiness: Readiness) -> bool:
    return "relay" in await readiness.reasons()


async def _says_ready(readiness: Readiness) -> bool:
    return "relay" not in await readiness.reasons()


async def _refilled(database: Database, refill_id: UUID, count: int) -> bool:
    async with database.connection() as conn:
        return await refill.state(conn, refill_id) == (count, True)


async def test_the_log_is_published_again_byte_for_byte(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    candidate = uuid4()
    async with running(make_relay(url)):
        async with database.transaction() as conn:
            await append_many(conn, [uploaded(candidate, revision) for revision in (1, 2, 3)])
        await eventually(lambda: all_published(database))
        again = uuid4()
        async with database.transaction() as conn:
            await refill.ask(conn, again)
        await eventually(lambda: _refilled(database, again, 3))
    found = (await published(kafka, candidate))[candidate]
    as_sent = [(record.value, record.headers) for record in found]
    assert len(as_sent) == 6
    assert as_sent[:3] == as_sent[3:]


async def test_row_of_a_month_without_partition_is_kept_and_moved_to_its_partition(
    database: Database,
) -> None:
    later = datetime.now(UTC) + timedelta(days=150)
    async with database.transaction() as conn:
        await append(conn, uploaded(uuid4()))
        await append(conn, uploaded(uuid4()))
        # An update that changes the partition moves the row.
        await conn.execute("UPDATE outbox SET created_at = $1 WHERE id = (SELECT max(id) FROM outbox)", later)
        assert await _where(conn) == sorted(["outbox_default", f"outbox_{datetime.now(UTC):%Y_%m}"])
        assert await conn.fetchval("SELECT outbox_upkeep(6)") > 0
        assert await conn.fetchval("SELECT outbox_upkeep(6)") == 0
        assert await _where(conn) == sorted([f"outbox_{later:%Y_%m}", f"outbox_{datetime.now(UTC):%Y_%m}"])
        await append(conn, uploaded(uuid4()))
        assert await conn.fetchval("SELECT count(DISTINCT id) FROM outbox") == 3


async def _where(conn: Connection) -> list[str]:
    rows = await conn.fetch("SELECT tableoid::regclass::text AS part FROM outbox")
    return sorted(row["part"] for row in rows)


async def test_an_append_wakes_the_relay_before_its_poll(
    url: str, database: Database, kafka: KafkaSettings, readiness: Readiness
) -> None:
    relay = Relay(service="documents", database_url=url, kafka=kafka, readiness=readiness, poll_seconds=30)
    async with running(relay):
        await eventually(lambda: _works(relay))
        await asyncio.sleep(0.5)
        async with database.transaction() as conn:
            await append(conn, uploaded(uuid4()))
        await eventually(lambda: all_published(database), 5)


async def test_relay_that_waits_for_the_lock_says_when_nobody_publishes(
    url: str, database: Database, kafka: KafkaSettings, readiness: Readiness
) -> None:
    """The one that holds it may hang. With the lock held elsewhere by one that works, nothing is said."""
    impatient = kafka.model_copy(update={"late_seconds": 1.0})
    relay = Relay(
        service="documents", database_url=url, kafka=impatient, readiness=readiness, poll_seconds=0.2
    )
    async with database.connection() as holder, running(relay):
        await holder.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await asyncio.sleep(0.5)
        assert await readiness.reasons() == {}
        async with database.transaction() as conn:
            await append(conn, uploaded(uuid4()))

        async def late() -> bool:
            return await readiness.reasons() == {"outbox": "late"}

        await eventually(late)
        await holder.execute("SELECT pg_advisory_unlock($1)", _LOCK)
        await eventually(lambda: all_published(database))

        async def ready() -> bool:
            return await readiness.reasons() == {}

        await eventually(ready)


async def test_relay_told_to_go_while_it_marks_marks_to_the_end_and_publishes_nothing_again(
    url: str, database: Database, kafka: KafkaSettings, make_relay: MakeRelay
) -> None:
    candidate = uuid4()
    relay = make_relay(url)
    going = asyncio.create_task(relay.run())
    await eventually(lambda: _works(relay))
    async with database.connection() as gate:
        await gate.execute(_GATE_BEFORE_MARKS)
        await gate.execute("SELECT pg_advisory_lock(1)")
        async with database.transaction() as conn:
            await append(conn, uploaded(candidate))
        await eventually(lambda: _on_topic(kafka, candidate, 1))
        going.cancel()
        await asyncio.sleep(0.3)
        assert not going.done()
        await gate.execute("SELECT pg_advisory_unlock(1)")
        await asyncio.wait({going}, timeout=10)
    assert going.cancelled()
    assert await pending(database) == 0
