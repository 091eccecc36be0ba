from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.conftest import FreshDatabase
from tests.integration.accounts.world import Served, World, open_calendar, open_world, serve
from tests.unit.accounts.calendars import session_2021

NOW = datetime(2020, 11, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
async def world(fresh_database: FreshDatabase) -> AsyncIterator[World]:
    """Session 2021 is known, its window is open."""
    async with open_world(await fresh_database("accounts"), NOW) as opened:
        await opened.schedule(session_2021())
        yield opened


@pytest.fixture
async def site(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """Both applications; a session is open now."""
    url = await fresh_database("accounts")
    async with open_world(url, NOW) as opened:
        await opened.schedule(open_calendar(session_2021()))
    async with serve(url, monkeypatch) as served:
        yield served
