"""Which session everybody is told of, and a first save is for, where calendars overlap."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.accounts.domain.errors import WindowNotOpen
from services.accounts.domain.window import open_session
from services.contracts.events import Calendar
from services.registration.commands.sessions import install
from services.registration.queries import current_session
from tests.integration.registration.world import CALENDAR, World

DAY = timedelta(days=1)
START = datetime.fromisoformat("2030-01-01T00:00:00Z")
OPEN = {"long": (0, 30), "short": (5, 10), "next": (40, 50)}
CALENDARS = [
    CALENDAR.model_copy(
        update={
            "session_id": name,
            "opens_at": START + opens * DAY,
            "closes_at": START + closes * DAY,
            "deadline_at": START + (closes + 15) * DAY,
        }
    )
    for name, (opens, closes) in OPEN.items()
]


@pytest.mark.parametrize(
    ("day", "current"),
    [
        (-1, "long"),  # none open: the next to open
        (0, "long"),
        (4.999, "long"),
        (5, "short"),  # of the open ones the one that closes first, though both are open
        (9.999, "short"),
        (10, "long"),  # the one opened last is over
        (29.999, "long"),
        (30, "next"),
        (49.999, "next"),
        (50, "next"),  # none to come: the one opened last
    ],
)
async def test_the_open_session_that_closes_first_is_current(world: World, day: float, current: str) -> None:
    for calendar in CALENDARS:
        await install(world.ctx, calendar)
    now = START + day * DAY
    async with world.ctx.database.connection() as conn:
        assert (await current_session(conn, now)).session_id == current
    assert _accounts_session(now) in (current, None)


async def test_a_first_save_is_for_the_open_session_that_closes_first(world: World) -> None:
    for calendar in CALENDARS:
        await install(world.ctx, calendar)
    world.clock.instant = START + 6 * DAY
    candidate = uuid4()
    await world.save(candidate, arrived_at=world.clock.instant)
    assert (await world.row(candidate)).session_id == "short"


def _accounts_session(now: datetime) -> str | None:
    """Where `accounts` opens an account now; none where no window is open."""
    known: list[Calendar] = [CALENDAR, *CALENDARS]
    try:
        return open_session(known, now).session_id
    except WindowNotOpen:
        return None
