"""A worker that is told to go: what the mail server is about to take leaves once, the rest waits."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import uvicorn

from services.chassis.clock import DatabaseClock
from services.chassis.context import Context
from services.chassis.database import Connection, Database
from services.chassis.office import load_office
from services.notifications.letters import Writer
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.integration.notifications.conftest import MailServer, Owners, Sending, rows, until_ended
from tests.integration.notifications.test_hearing import created, hear
from tests.unit.notifications.samples import SITE

SHUTDOWN_SECONDS, ATTEMPT_SECONDS = 6, 20
SERVER_THINKS_SECONDS = 8
"""Longer than the process has for all else, and no longer than the server has for its 250."""
GOES_WITHIN_SECONDS = ATTEMPT_SECONDS + 15
NOWHERE = "127.0.0.1:1"


@pytest.fixture
async def owners_url(owners: Owners) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(owners.app(), port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def worker(database_url: str, mail_server: MailServer, owners_url: str) -> asyncio.subprocess.Process:
    """The worker of this service, as a platform starts it; Kafka and Temporal are away."""
    names = ("ACCOUNTS", "SESSIONS", "REGISTRATION", "DOCUMENTS", "NOTIFICATIONS")
    told = {f"{name}_URL": owners_url for name in names} | {
        "SERVICE_NAME": "notifications",
        "SERVICE_SECRET": "secret",
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": NOWHERE,
        "TEMPORAL_ADDRESS": NOWHERE,
        "PUBLIC_URL": SITE,
        "HEALTH_PORT": "0",
        "SMTP_PORT": str(mail_server.port),
        "SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
        "ATTEMPT_SECONDS": str(ATTEMPT_SECONDS),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.notifications.main",
        "worker",
        cwd=Path(__file__).parents[3],
        env=os.environ | told,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def test_a_planned_restart_doubles_no_mail_though_the_server_takes_long_to_answer(
    database: Database, database_url: str, mail_server: MailServer, owners_url: str, sending: Sending
) -> None:
    mail_server.hang = asyncio.Event()
    await hear(database, created())
    process = await worker(database_url, mail_server, owners_url)
    try:
        async with asyncio.timeout(30):
            await mail_server.arrived.wait()
        process.send_signal(signal.SIGTERM)
        asyncio.get_running_loop().call_later(SERVER_THINKS_SECONDS, mail_server.hang.set)
        code = await asyncio.wait_for(process.wait(), GOES_WITHIN_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    async with database.connection() as conn:
        (row,) = await rows(conn)
    assert (code, row["state"]) == (0, "sent")
    async with sending():
        await until_ended(database)
    assert len(mail_server.received) == 1


class Slow(DatabaseClock):
    """Stands for an owner that takes long: the process is told to go while it is waited for."""

    def __init__(self) -> None:
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def now(self, conn: Connection) -> datetime:
        self.asked.set()
        await self.answers.wait()
        return await super().now(conn)


async def test_a_worker_that_is_told_to_go_hands_no_mail_over_any_more(
    database: Database,
    context: Context[NotificationsSettings],
    mail_server: MailServer,
    sending: Sending,
) -> None:
    slow = Slow()
    task = asyncio.create_task(Sender(replace(context, clock=slow), Writer(load_office(), SITE)).run())
    await hear(database, created())
    async with asyncio.timeout(5):
        await slow.asked.wait()
    task.cancel()
    await asyncio.sleep(0.05)
    slow.answers.set()
    await asyncio.wait({task})
    async with database.connection() as conn:
        (row,) = await rows(conn)
    assert (row["state"], row["last_error"]) == ("queued", "process_ends")
    assert mail_server.received == []
    async with sending():
        await until_ended(database)
    assert len(mail_server.received) == 1, "the next worker need not wait for a lease"
