"""A world on a new database for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import FreshDatabase
from tests.integration.registration.world import Site, World, open_world, serve


@pytest.fixture
async def world(fresh_database: FreshDatabase) -> AsyncIterator[World]:
    async with open_world(await fresh_database("registration")) as opened:
        yield opened


@pytest.fixture
async def site(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    async with serve(await fresh_database("registration"), monkeypatch) as served:
        yield served
