"""One database for this folder: each test has candidates, and where it counts a session, of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.documents.inspecting import Inspectors
from tests.conftest import FreshDatabase
from tests.integration.documents.world import Site, World, open_world, serve


@pytest.fixture(scope="package")
async def database_url(fresh_database: FreshDatabase) -> str:
    return await fresh_database("documents")


@pytest.fixture(scope="package")
async def running_inspectors() -> AsyncIterator[Inspectors]:
    """The same for all sites: to start one takes most of the time of an upload's test."""
    async with Inspectors(at_once=2, seconds=30) as opened:
        yield opened


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def site(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running_inspectors: Inspectors
) -> AsyncIterator[Site]:
    async with serve(database_url, tmp_path, monkeypatch, running_inspectors) as served:
        yield served
