"""Verdicts that are withheld: paused by the direction, or the service not seen up since the deadline.

Neither the lives nor the session's closing gets round it, neither spins, and both go on by themselves.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.conftest import FreshDatabase
from tests.workflow.calendar_2021 import DEADLINE, GRACE, SPREAD
from tests.workflow.house import House, open_house
from tests.workflow.people import DIRECTION, Person
from tests.workflow.timekeeping import REAL

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SHORTLY_BEFORE = DEADLINE - 2 * DAY

pytestmark = pytest.mark.skipif(REAL, reason="a real server cannot skip days; make test runs it")


@pytest.fixture
async def house(
    env: WorkflowEnvironment,
    fresh_database: FreshDatabase,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[House]:
    """The last day of the window."""
    starts_at = DEADLINE - 16 * DAY
    async with open_house(env, fresh_database, monkeypatch, tmp_path, starts_at) as found:
        yield found


async def settling(house: House, act: str) -> None:
    path, body = f"/sessions/2021/settling/{act}", {"reason": "Vérification."}
    response = await house.ask("POST", "documents", path, who=DIRECTION, json=body)
    assert response.is_success, response.text


async def history_length(person: Person) -> int:
    return (await person.life.describe()).history_length


async def test_nobody_is_decided_while_settling_is_paused_and_all_are_afterwards(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    await house.sleep_until(SHORTLY_BEFORE)
    await settling(house, "pause")
    await house.sleep_until(DEADLINE + GRACE + SPREAD + MINUTE)
    before = await history_length(lou)
    await house.sleep_until(DEADLINE + DAY)
    assert await lou.stage() == "awaiting_documents"
    assert await history_length(lou) - before < 24 * 30, "the life spins"
    await settling(house, "resume")
    await house.sleep_until(DEADLINE + DAY + HOUR + MINUTE)
    assert await lou.stage() == "cancelled"
    assert await lou.is_over()


async def test_nobody_is_cancelled_before_the_service_was_seen_up_after_the_deadline(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    await house.sleep_until(SHORTLY_BEFORE)
    async with house.documents.database.connection() as conn:
        await conn.execute("UPDATE service_beat SET beat_at = $1", DEADLINE - MINUTE)
    await house.sleep_until(DEADLINE + GRACE + SPREAD + HOUR)
    assert await lou.stage() == "awaiting_documents"
    async with house.documents.database.connection() as conn:
        await conn.execute("UPDATE service_beat SET beat_at = $1", DEADLINE + MINUTE)
    await house.sleep_until(DEADLINE + GRACE + SPREAD + HOUR + 10 * MINUTE)
    assert await lou.stage() == "cancelled"
