"""Time in the workflow tests: the real calendar's instants, on a server that skips time.

Neither server can be told what day it is, and the workflows sleep by durations of the owners' clock. So a
`Timeline` is the server's time, moved so that the test begins at the instant it wants.

On the real development server (`CANDIDAT_LIBRE_TEST_TEMPORAL=dev-server`) time cannot be skipped: it is run
faster for the owners, and what they say to wait is divided by the same factor.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from workflows.search_attributes import ALL

REAL = os.environ.get("CANDIDAT_LIBRE_TEST_TEMPORAL") == "dev-server"
SPEED = 86_400.0 if REAL else 1.0
"""Seconds of the owners' time in one second of the server's: on the real server, a day."""

_HOP_SECONDS = 3_600.0
"""The longest sleep asked of the server at once: the SDK's core gives up a call after 30 s of real time."""

_BIN = Path(sys.executable).parent
_KINDS = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


@asynccontextmanager
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """The time-skipping server, or the real development server."""
    if REAL:
        async with await dev_server() as env:
            yield env
        return
    env = await WorkflowEnvironment.start_time_skipping(
        data_converter=pydantic_data_converter,
        test_server_existing_path=str(_BIN / "temporal-test-server"),
        identity="tests",
    )
    async with env:
        await _declare(env.client)
        yield env


async def dev_server(*arguments: str) -> WorkflowEnvironment:
    return await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=str(_BIN / "temporal"),
        dev_server_extra_args=list(arguments),
        dev_server_startup_timeout=timedelta(seconds=60),
        search_attributes=ALL,
    )


async def _declare(client: Client) -> None:
    kinds = {key.name: _KINDS[key._metadata_type] for key in ALL}
    await client.operator_service.add_search_attributes(AddSearchAttributesRequest(search_attributes=kinds))


class Timeline:
    """The owners' time of one test."""

    def __init__(self, env: WorkflowEnvironment, began: datetime, starts_at: datetime) -> None:
        self._env = env
        self._began = began
        self._starts_at = starts_at

    @classmethod
    async def starting_at(cls, env: WorkflowEnvironment, starts_at: datetime) -> "Timeline":
        return cls(env, await env.get_current_time(), starts_at)

    async def now(self) -> datetime:
        return self._starts_at + (await self._env.get_current_time() - self._began) * SPEED

    def wait(self, owners_seconds: float) -> float:
        """An owner's wait as the server counts it."""
        return max(1.0, owners_seconds / SPEED)

    async def sleep_until(self, instant: datetime) -> None:
        """Let everything due before `instant` happen."""
        while (left := (instant - await self.now()).total_seconds() / SPEED) > 0:
            await self._env.sleep(min(left, _HOP_SECONDS))

    @property
    def slack(self) -> timedelta:
        """How much later than it was due something may have happened: some seconds of the server's."""
        return timedelta(seconds=5 * SPEED)


async def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait, in real time, for what the workers are doing to show."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for is told by no event
            await asyncio.sleep(0.02)
