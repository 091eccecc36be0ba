"""The schedules of reconciliation in the real Temporal: there once, as the settings have them, or not."""

import time
from datetime import timedelta
from typing import Any

from prometheus_client import REGISTRY
from temporalio.client import Client, ScheduleActionStartWorkflow
from temporalio.service import RPCError, RPCStatusCode

from services.chassis.readiness import Readiness
from tests.integration.messaging.support import eventually, running
from workflows.recovery.lives import Lives
from workflows.recovery.shapes import Going, Report, Scope
from workflows.recovery.worker import ALL_FACTS, SCHEDULE, Schedules, see_to_schedules
from workflows.settings import Settings


async def schedules(client: Client) -> dict[str, tuple[timedelta, int]]:
    """Of each that is there: how often, and of which age it asks for facts.

    Asked for by name: the list still shows for a moment what was deleted.
    """
    found = {}
    for name in (SCHEDULE, ALL_FACTS):
        try:
            schedule = (await client.get_schedule_handle(name).describe()).schedule
        except RPCError as gone:
            if gone.status is not RPCStatusCode.NOT_FOUND:
                raise
            continue
        assert isinstance(schedule.action, ScheduleActionStartWorkflow)
        (going,) = await client.data_converter.decode(schedule.action.args, [Going])
        found[name] = (schedule.spec.intervals[0].every, going.scope.facts_seconds)
    return found


async def test_one_asks_for_recent_facts_often_and_one_for_all_of_them_every_day(
    client: Client, settings: Settings, environment: dict[str, Any]
) -> None:
    for _ in range(2):
        await see_to_schedules(client, settings)
    recent = (timedelta(minutes=15), 2 * 86_400)
    assert await schedules(client) == {SCHEDULE: recent, ALL_FACTS: (timedelta(days=1), 0)}
    await see_to_schedules(client, Settings(**environment, reconcile_all_facts_seconds=0))
    assert await schedules(client) == {SCHEDULE: recent}
    await see_to_schedules(client, Settings(**environment, reconcile_seconds=0))
    assert await schedules(client) == {}


async def test_schedules_that_are_lost_come_back_while_the_worker_runs(
    client: Client, environment: dict[str, Any]
) -> None:
    """Temporal was wiped, or somebody deleted them: nobody would be reconciled until a restart."""
    settings = Settings(**environment, schedules_seconds=0.5)

    async def there() -> bool:
        return set(await schedules(client)) == {SCHEDULE, ALL_FACTS}

    async with running(Schedules(settings, Readiness())):
        for _ in range(2):
            await eventually(there)
            for name in (SCHEDULE, ALL_FACTS):
                await client.get_schedule_handle(name).delete()
        await eventually(there)
    await see_to_schedules(client, Settings(**environment, reconcile_seconds=0))


async def test_what_an_operator_made_of_a_schedule_is_left_until_a_restart(
    client: Client, environment: dict[str, Any], settings: Settings
) -> None:
    await see_to_schedules(client, Settings(**environment, reconcile_seconds=60))
    await client.get_schedule_handle(SCHEDULE).pause()
    await see_to_schedules(client, settings, renew=False)
    assert (await schedules(client))[SCHEDULE][0] == timedelta(minutes=1)
    await see_to_schedules(client, settings)
    assert (await schedules(client))[SCHEDULE][0] == timedelta(minutes=15)
    assert (await client.get_schedule_handle(SCHEDULE).describe()).schedule.state.paused
    await see_to_schedules(client, Settings(**environment, reconcile_seconds=0))


async def test_the_metrics_tell_when_everybody_was_reconciled_last(client: Client) -> None:
    """Counts keep their last values: without it nobody sees that it stopped."""

    def last(facts: str) -> float:
        found = REGISTRY.get_sample_value("candidat_libre_reconciled_timestamp_seconds", {"facts": facts})
        return found or 0.0

    began = time.time()
    lives = Lives(client)
    await lives.tell(Scope(session_id="2021"), Report())
    assert last("recent") < began
    await lives.tell(Scope(), Report())
    assert last("recent") >= began
    assert last("all") < began
    await lives.tell(Scope(facts_seconds=0), Report())
    assert last("all") >= began
