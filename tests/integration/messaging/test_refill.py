"""Some candidates' facts published again: once, in their order, and the others need not wait."""

from uuid import UUID, uuid4

import pytest

from services.chassis import refill
from services.chassis.database import Database
from services.chassis.kafka import KafkaSettings
from services.chassis.outbox import append, append_many
from services.chassis.readiness import Readiness
from services.chassis.recovery import REPUBLISH, Recovery, messaging_of
from services.chassis.relay import Relay
from services.contracts.envelope import decode
from services.contracts.recovery import Repair, RepairItem
from services.contracts.topics import DOCUMENTS
from tests.integration.messaging.support import eventually, no_lines, read_all, running, uploaded


@pytest.fixture
def relay(url: str, kafka: KafkaSettings, readiness: Readiness) -> Relay:
    return Relay(
        service="documents",
        database_url=url,
        kafka=kafka,
        readiness=readiness,
        batch_size=1,
        poll_seconds=0.2,
        stalled_seconds=0.5,
    )


async def _nothing_waits(database: Database) -> bool:
    async with database.connection() as conn:
        open_ones = await conn.fetchval("SELECT count(*) FROM refill WHERE done_at IS NULL")
        pending = await conn.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return (open_ones, pending) == (0, 0)


async def _revisions(kafka: KafkaSettings, key: UUID) -> list[int]:
    return [
        decode(record.value, list(record.headers)).event.revision
        for record in await read_all(kafka, DOCUMENTS.name)
        if record.candidate_id == key
    ]


async def test_a_repair_of_many_is_one_refill_and_the_others_move_on_meanwhile(
    database: Database, kafka: KafkaSettings, relay: Relay
) -> None:
    missed = [uuid4(), uuid4()]
    other = uuid4()
    recovery = Recovery("documents", database, kafka, no_lines, {})
    repair = Repair(repair_id=uuid4(), act=REPUBLISH, items=tuple(RepairItem(key=one) for one in missed))
    async with running(relay):
        async with database.transaction() as conn:
            for revision in range(1, 6):
                await append_many(conn, [uploaded(one, revision) for one in missed])
        await eventually(lambda: _nothing_waits(database))
    for _ in range(2):  # an activity that is tried again asks for no more
        await recovery.repair(repair)
    async with database.transaction() as conn:
        await append_many(conn, [uploaded(one, 6) for one in missed])
        await append(conn, uploaded(other, 1))
        told = await messaging_of(conn, missed, None)
    assert [told[one]["facts"] for one in missed] == [{}, {}], "they are on their way"
    async with running(relay):
        await eventually(lambda: _nothing_waits(database))
    for one in missed:
        assert await _revisions(kafka, one) == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]
    async with database.connection() as conn:
        (row,) = await conn.fetch("SELECT * FROM refill")
        published = "SELECT min(published_at) FROM outbox WHERE key = $1 AND published_at > $2"
        assert row["republished"] == 10
        assert await conn.fetchval(published, other, row["asked_at"]) < row["done_at"]
        for one in missed:
            assert await conn.fetchval(published, one, row["asked_at"]) > row["done_at"]


async def test_a_refill_of_everybody_goes_first(database: Database) -> None:
    """Nothing new may leave before it, and a refill of some lets others leave."""
    async with database.transaction() as conn:
        await refill.ask(conn, uuid4(), keys=[uuid4()])
        everybody = uuid4()
        await refill.ask(conn, everybody, lost=True)
        found = await refill.open_refill(conn)
    assert found is not None
    assert found.refill_id == everybody
