"""What the metrics say of verdicts that wait: the same in every worker, whenever it was started."""

from datetime import datetime, timedelta

from prometheus_client import REGISTRY

from services.documents.commands.clockwork import settle
from services.documents.commands.pausing import pause_settling
from services.documents.figures import Figures
from tests.integration.documents.world import AFTER_DEADLINE, World
from tests.unit.documents.rows import CLOSES, DEADLINE, GRACE, TICK

MINUTE = timedelta(minutes=1)


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"candidat_libre_{name}", labels)


async def waiting(world: World, session: str) -> dict[str, float | None]:
    """As a worker says it that has just been started."""
    await Figures(world.ctx).read()
    return {
        why: value("verdicts_waiting", session=session, why=why)
        for why in ("paused", "not_seen_up", "logs_not_read", "due")
    }


async def pause(world: World, session: str, at: datetime, *, paused: bool = True) -> None:
    world.clock.instant = at
    await pause_settling(world.ctx, session, paused=paused, reason="Vérification.", actor="chef")


async def test_the_last_beat_is_the_databases(world: World) -> None:
    await world.seen_up_at(DEADLINE)
    await Figures(world.ctx).read()
    assert value("seen_up_seconds") == DEADLINE.timestamp()
    await world.seen_up_at(None)
    await Figures(world.ctx).read()
    assert value("seen_up_seconds") == 0


async def test_a_pause_shows_since_when_until_it_ends(world: World) -> None:
    session = await world.session()
    for at, paused in ((CLOSES - MINUTE, True), (CLOSES, False), (CLOSES + MINUTE, True)):
        await pause(world, session, at, paused=paused)
    await pause(world, session, CLOSES + 2 * MINUTE)
    await Figures(world.ctx).read()
    since = value("settling_paused_since_seconds", session=session)
    assert since == (CLOSES + MINUTE).timestamp()
    await pause(world, session, CLOSES + 3 * MINUTE, paused=False)
    await Figures(world.ctx).read()
    assert value("settling_paused_since_seconds", session=session) is None


async def test_the_complete_that_a_pause_keeps_back_show_from_the_windows_close(world: World) -> None:
    session = await world.session()
    candidate = await world.saved(session_id=session)
    await world.complete(candidate)
    await pause(world, session, CLOSES)
    world.clock.instant = CLOSES + GRACE - TICK
    assert await waiting(world, session) == {"paused": 0, "not_seen_up": 0, "logs_not_read": 0, "due": 0}
    world.clock.instant = CLOSES + GRACE
    assert await waiting(world, session) == {"paused": 1, "not_seen_up": 0, "logs_not_read": 0, "due": 0}
    await pause(world, session, CLOSES + GRACE, paused=False)
    assert await waiting(world, session) == {"paused": 0, "not_seen_up": 0, "logs_not_read": 0, "due": 1}
    assert await settle(world.ctx, candidate)
    assert await waiting(world, session) == {"paused": 0, "not_seen_up": 0, "logs_not_read": 0, "due": 0}


async def test_the_incomplete_that_wait_for_a_beat_show(world: World) -> None:
    session = await world.session()
    await world.saved(session_id=session)
    await world.seen_up_at(DEADLINE - TICK)
    world.clock.instant = AFTER_DEADLINE
    assert await waiting(world, session) == {"paused": 0, "not_seen_up": 1, "logs_not_read": 0, "due": 0}
    await world.seen_up_at(DEADLINE)
    assert await waiting(world, session) == {"paused": 0, "not_seen_up": 0, "logs_not_read": 0, "due": 1}


async def test_objects_that_were_spared_show(world: World) -> None:
    async with world.ctx.database.transaction() as conn:
        await conn.execute("DELETE FROM unnamed_sweep")
        await conn.execute("INSERT INTO unnamed_sweep (began_at, spared) VALUES ($1, 21)", DEADLINE)
    await Figures(world.ctx).read()
    assert value("unnamed_objects_spared") == 21
