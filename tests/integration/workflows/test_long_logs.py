"""Reconciliation on the real Temporal, which takes no answer above 2 MiB, and what a real outbox tells it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from temporalio.client import Client

from services.chassis.database import Database
from services.chassis.recovery import messaging_of
from services.contracts.recovery import DocumentsLine, Line, NotificationsLine
from tests.conftest import FreshDatabase
from tests.workflow.recovering import Services, reconciled
from tests.workflow.test_reconciliation import agreed
from workflows.recovery.shapes import Scope

_TELL = """
INSERT INTO outbox (ce_id, key, topic, type, payload, headers, published_at)
SELECT gen_random_uuid(), key, 'documents.events', 'documents.DocumentUploaded.v1', '', '{}', now()
FROM unnest($1::uuid[]) AS told (key), generate_series(1, $2)
"""
LARGEST = 2 * 1024 * 1024
PAGE = 200


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    found = await Database.connect(await fresh_database("documents"), max_size=2)
    yield found
    await found.close()


async def tell(database: Database, keys: list[UUID], each: int) -> list[UUID]:
    """Facts about each, published. Returns their ids, oldest first."""
    async with database.connection() as conn:
        await conn.execute(_TELL, keys, each)
        return [row["ce_id"] for row in await conn.fetch("SELECT ce_id FROM outbox ORDER BY id")]


async def lines(database: Database, keys: list[UUID]) -> dict[UUID, Line]:
    async with database.connection() as conn:
        found = await messaging_of(conn, keys, None)
    return {key: DocumentsLine(candidate_id=key, **found[key]) for key in keys}


async def test_who_saved_without_end_keeps_nobody_from_being_reconciled(
    client: Client, database: Database
) -> None:
    tireless, other = UUID(int=1), UUID(int=2)
    services = Services()
    for one in (tireless, other):
        agreed(services, one)
    told = await tell(database, [tireless], 60_000)
    line = (await lines(database, [tireless]))[tireless]
    services.lines["documents"][tireless] = services.lines["documents"][tireless].model_copy(
        update={"facts": line.facts, "facts_left_out": line.facts_left_out}
    )
    services.lost["notifications.documents"] = {told[-1]}
    services.lines["notifications"][other] = NotificationsLine(
        candidate_id=other, revision=7, reachable=False
    )
    services.mend = lambda _service, _asked: None
    async with asyncio.timeout(60):
        report = await reconciled(client, services, Scope(patience_seconds=0.1))
    assert report.left_by_kind == {"facts_of_documents_unheard": 1, "reachability_unheard": 1}
    assert report.uncompared == line.facts_left_out > 0
    assert sum(map(len, line.facts.values())) + line.facts_left_out == 60_000


async def test_a_page_of_those_who_all_have_many_facts_is_small_enough(database: Database) -> None:
    keys = [uuid4() for _ in range(PAGE)]
    await tell(database, keys, 300)
    found = await lines(database, keys)
    assert sum(len(line.model_dump_json()) for line in found.values()) < LARGEST * 0.7
    shown = {sum(map(len, line.facts.values())) for line in found.values()}
    assert len(shown) == 1
    assert {line.facts_left_out for line in found.values()} == {300 - shown.pop()}


async def test_the_newest_facts_are_told_and_all_of_them_where_they_are_few(database: Database) -> None:
    few, many = uuid4(), uuid4()
    told = await tell(database, [many], 20_000)
    also = (await tell(database, [few], 3))[-3:]
    found = await lines(database, [few, many])
    (shown,) = found[many].facts.values()
    assert set(shown) == set(told[-len(shown) :])
    assert [set(ids) for ids in found[few].facts.values()] == [set(also)]
    assert found[few].facts_left_out == 0


async def test_facts_of_a_page_of_nobody_are_none(database: Database) -> None:
    async with database.connection() as conn:
        assert await messaging_of(conn, [], datetime(2020, 12, 1, tzinfo=UTC)) == {}
