"""A database that is away between the mail server's 250 and the commit that says so doubles no mail."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from services.chassis.context import Context
from services.chassis.database import Connection, Database
from services.chassis.office import load_office
from services.contracts.events import MailSent
from services.notifications.letters import Writer
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.integration.messaging.support import Door
from tests.integration.notifications.conftest import MailServer, rows, until_ended
from tests.integration.notifications.test_hearing import created, hear
from tests.integration.notifications.test_sending import published
from tests.unit.notifications.samples import SITE

AWAY_SECONDS = float(os.environ.get("TEST_AWAY_SECONDS", "20"))
LEASE = timedelta(seconds=3)  # longer than an attempt, and over long before the database is back


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with Door(database_url) as found:
        yield found


@asynccontextmanager
async def sender_behind(context: Context[NotificationsSettings], door: Door) -> AsyncIterator[None]:
    """A process of its own, as far as the database can tell."""
    database = await Database.connect(door.url)
    settings = context.settings.model_copy(update={"database_url": SecretStr(door.url)})
    sender = Sender(
        replace(context, settings=settings, database=database), Writer(load_office(), SITE), lease=LEASE
    )
    task = asyncio.create_task(sender.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        await database.close()


async def taken(mail_server: MailServer) -> None:
    async with asyncio.timeout(5):
        await mail_server.arrived.wait()


async def test_a_mail_leaves_once_though_the_database_is_away_for_long_after_the_250(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer, door: Door
) -> None:
    mail_server.hang = asyncio.Event()
    await hear(database, created())
    async with sender_behind(context, door):
        await taken(mail_server)
        await door.shut()
        mail_server.hang.set()
        await asyncio.sleep(AWAY_SECONDS)
        await door.open()
        (row,) = await until_ended(database, seconds=20)
        await asyncio.sleep(LEASE.total_seconds() + 1)
    assert (row["state"], row["attempts"], row["last_status"]) == ("sent", 1, 250)
    assert len(mail_server.received) == 1
    assert [type(one) for one in await published(database)] == [MailSent]


async def test_another_sender_does_not_inherit_what_the_outage_kept_from_being_written(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer, door: Door
) -> None:
    mail_server.hang = asyncio.Event()
    await hear(database, created())
    async with sender_behind(context, door), sender_behind(context, door):
        await taken(mail_server)
        await door.shut()
        mail_server.hang.set()
        await asyncio.sleep(2 * LEASE.total_seconds())
        await door.open()
        (row,) = await until_ended(database, seconds=20)
        await asyncio.sleep(LEASE.total_seconds() + 1)
    assert (row["state"], row["attempts"]) == ("sent", 1)
    assert len(mail_server.received) == 1


async def test_mails_go_on_leaving_once_the_database_is_back(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer, door: Door
) -> None:
    async with sender_behind(context, door):
        await asyncio.sleep(0.2)
        await door.shut()
        await asyncio.sleep(1)
        await door.open()
        await hear(database, created())
        await until_ended(database, seconds=20)
    assert len(mail_server.received) == 1
    assert await context.readiness.reasons() == {}


async def test_a_mail_that_left_is_not_sent_again_for_a_defect_in_writing_that_down(
    database: Database,
    database_url: str,
    context: Context[NotificationsSettings],
    mail_server: MailServer,
) -> None:
    settings = context.settings.model_copy(update={"shutdown_seconds": 0.1})
    refuse = (
        "ALTER TABLE mail ADD CONSTRAINT defect CHECK (state <> 'sent')",
        "ALTER TABLE mail DROP CONSTRAINT defect",
    )
    conn: Connection = await asyncpg.connect(database_url)
    await conn.execute(refuse[0])
    sender = Sender(replace(context, settings=settings), Writer(load_office(), SITE), lease=LEASE)
    task = asyncio.create_task(sender.run())
    try:
        await hear(database, created())
        await taken(mail_server)
        await asyncio.sleep(LEASE.total_seconds() + 1)
        assert await context.readiness.reasons() == {"mail endings": "CheckViolationError"}
        async with database.connection() as reader:
            assert [row["state"] for row in await rows(reader)] == ["sending"]
    finally:
        await conn.execute(refuse[1])
        await conn.close()
        task.cancel()
        await asyncio.wait({task}, timeout=20)
    assert len(mail_server.received) == 1
