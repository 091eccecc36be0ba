"""One whole house, and the story that is played in it once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import new_root
from tests.e2e.house import NO_DEADLINE_COMES, running_house
from tests.erasure.story import Story, played


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "story" in item.fixturenames:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="package")
async def story() -> AsyncIterator[Story]:
    with new_root() as folder:
        uploads = _made(folder / "uploads")
        settings = NO_DEADLINE_COMES | {"documents-http": {"UPLOAD_FOLDER": str(uploads)}}
        async with running_house(extra_environment=settings) as house:
            yield await played(house, uploads)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
