"""A whole stack of this folder's own, whose parts are made to hang and whose processes are told to go."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from deploy.local.processes import DEPLOYABLES
from tests.e2e.house import NO_DEADLINE_COMES, House, running_house

LATE_SECONDS = 4
NOTICE_SECONDS = 1
ATTEMPT_SECONDS = 10
"""Really 60, and so much longer the worker of `notifications` may take to go (`leaves_seconds`)."""


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    told = {
        "KAFKA_LATE_SECONDS": str(LATE_SECONDS),
        "SHUTDOWN_NOTICE_SECONDS": str(NOTICE_SECONDS),
        "ATTEMPT_SECONDS": str(ATTEMPT_SECONDS),
    }
    settings = {each.name: told | NO_DEADLINE_COMES.get(each.name, {}) for each in DEPLOYABLES}
    async with running_house(settings) as found:
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "processes":
            item.add_marker(pytest.mark.stack)


@contextmanager
def hanging(house: House, *names: str) -> Iterator[None]:
    """The parts are there and answer nothing: every process of them is stopped, the children too."""
    stopped = [
        process
        for name in names
        for parent in (psutil.Process(house.stack.child(name).pid),)
        for process in (parent, *parent.children(recursive=True))
    ]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            process.resume()


async def reasons(house: House, name: str) -> dict[str, str]:
    """Why the process says that it is not ready; empty when it says that it is."""
    async with httpx.AsyncClient(timeout=10, verify=False) as client:
        answer = await client.get(house.addresses.health[name])
    found: dict[str, str] = answer.json()["reasons"]
    assert (answer.status_code == 200) == (not found)
    return found


async def alive_seconds(house: House, name: str) -> float:
    """How long the process takes to say that it is alive."""
    began = asyncio.get_running_loop().time()
    async with httpx.AsyncClient(timeout=10, verify=False) as client:
        answer = await client.get(house.addresses.health[name].replace("/ready", "/live"))
    assert answer.status_code == 200
    return asyncio.get_running_loop().time() - began
