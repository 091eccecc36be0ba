"""The real parts, started once per test session and only if a test asks.

    parts           a running `LocalStack` with postgres, kafka, topics, temporal, mailbox: `parts.addresses`
                    has the URLs, `parts.kill/stop/restart/pause/resume(name)` break it
                    (a test that breaks a part restarts it before it ends)
    stack_root      an empty folder, for a test that runs a stack of its own
    fresh_database  `url = await fresh_database("accounts")`: a new, migrated database of that service's role

Tests that use them are marked `stack`, by themselves.
"""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from deploy import communes
from deploy.local import LocalStack, StackSettings
from tests.side_by_side import ByHouse

FreshDatabase = Callable[[str], Awaitable[str]]
_PARTS = ("postgres", "kafka", "topics", "temporal", "mailbox")
_NEED_PARTS = frozenset({"parts", "fresh_database", "stack_root"})

# No test asserts a time: these machines are shared.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_sessionstart() -> None:
    """The communes are built, not committed; nothing is done where they stand."""
    communes.ensure()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByHouse:
    return ByHouse(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _NEED_PARTS & set(item.fixturenames):
            item.add_marker(pytest.mark.stack)


@contextmanager
def new_root() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="candidat-libre-tests-"))
    root.chmod(0o711)  # as root the database server runs as another user
    try:
        yield root
    finally:
        shutil.rmtree(root)


@pytest.fixture
def stack_root() -> Iterator[Path]:
    """A folder for a stack of one test's own."""
    with new_root() as root:
        yield root


@pytest.fixture(scope="session")
def _parts_root() -> Iterator[Path]:
    """New, so that no test sees what an earlier run left."""
    with new_root() as root:
        yield root


@pytest.fixture(scope="session")
async def parts(_parts_root: Path) -> AsyncIterator[LocalStack]:
    thrown_away = StackSettings(database_fsync=False)
    async with LocalStack(_parts_root, only=_PARTS, usual_ports=False, settings=thrown_away) as stack:
        yield stack


@pytest.fixture(scope="session")
def fresh_database(parts: LocalStack) -> FreshDatabase:
    numbers = itertools.count(1)

    async def make(service: str) -> str:
        return await parts.fresh_database(service, f"test_{service}_{next(numbers)}")

    return make
