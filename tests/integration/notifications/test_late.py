"""What is tried and never taken is seen: as late, by its age, and by a worker that is not ready."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import UndefinedError
from prometheus_client import REGISTRY

from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.office import load_office
from services.chassis.readiness import Readiness
from services.contracts.recovery import Page
from services.notifications.attempt import Failed, Later, Moot, Sent
from services.notifications.lateness import Lateness
from services.notifications.letters import Writer
from services.notifications.mail_server import MailServer as Judge
from services.notifications.recovery import tell
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.integration.notifications.conftest import MailServer, Sending, until_ended
from tests.integration.notifications.test_ahead import running, scheduled
from tests.integration.notifications.test_hearing import created, hear
from tests.integration.notifications.test_sending import make_due
from tests.unit.notifications.samples import CALENDAR, CANDIDATE, SITE

QUOTA = "550 5.4.5 quota exceeded"
PATIENT = timedelta(0)


async def late(database: Database) -> tuple[str, ...]:
    """The kinds that reconciliation is told to be late."""
    page = Page(candidate_ids=(CANDIDATE,))
    async with database.connection() as conn:
        (line,) = (await tell(conn, page)).lines
    return line.late


async def queued_since(database: Database, ago: timedelta) -> None:
    async with database.connection() as conn:
        await conn.execute(
            "UPDATE mail SET created_at = created_at - $1::interval, due_at = due_at - $1::interval", ago
        )


async def tried(database: Database, attempts: int) -> None:
    """Until each mail was tried so often and waits for the next time."""
    query = "SELECT bool_and(attempts >= $1 AND state = 'queued') FROM mail"
    async with asyncio.timeout(8):
        while True:
            async with database.connection() as conn:
                if await conn.fetchval(query, attempts):
                    return
            await asyncio.sleep(0.02)


async def test_a_mail_that_is_tried_for_an_hour_and_never_taken_is_late(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_answer = ["451 later"] * 9
    await hear(database, created())
    await queued_since(database, timedelta(minutes=59))
    async with sending():
        await tried(database, 1)
        assert await late(database) == ()
        await queued_since(database, timedelta(minutes=2))
        await tried(database, 2)
        assert await late(database) == ("activation",)
        mail_server.to_answer.clear()
        await make_due(database)
        await until_ended(database)
    assert await late(database) == ()


async def test_a_letter_that_cannot_be_written_is_late_after_an_hour(
    database: Database, context: Context[NotificationsSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def undefined(*_: object) -> None:
        raise UndefinedError("'content' has no attribute 'link'")

    writer = Writer(load_office(), SITE)
    monkeypatch.setattr(writer, "write", undefined)
    await hear(database, created())
    await queued_since(database, timedelta(hours=2))
    task = asyncio.create_task(Sender(context, writer).run())
    try:
        await tried(database, 2)
        assert await late(database) == ("activation",)
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_a_reminder_queued_ahead_is_not_late_before_its_time(
    database: Database, sending: Sending
) -> None:
    still_open = CALENDAR.model_copy(update={"closes_at": datetime.now(UTC) + timedelta(days=3)})
    await hear(database, scheduled(still_open), created(), running(3600 * 48))
    await queued_since(database, timedelta(hours=2))
    async with sending():
        await until_ended(database)
        await asyncio.sleep(0.3)
    assert await late(database) == ()
    query = "SELECT due_at, next_attempt_at FROM mail WHERE kind = 'activation_reminder'"
    async with database.connection() as conn:
        found = await conn.fetchrow(query)
    assert found is not None
    due, next_attempt = found
    assert due == next_attempt > datetime.now(UTC) + timedelta(hours=23)


async def test_the_oldest_due_mail_has_an_age_however_often_it_is_tried(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer, sending: Sending
) -> None:
    lateness = Lateness(context, Judge(context.readiness))
    mail_server.to_answer = ["451 later"]
    await hear(database, created())
    await queued_since(database, timedelta(minutes=20))
    async with sending():
        await tried(database, 1)
        await lateness.look()
        assert 1200 <= oldest_due() < 1300
        await until_ended(database)
    await lateness.look()
    assert oldest_due() == 0


def oldest_due() -> float:
    found = REGISTRY.get_sample_value("notifications_oldest_due_mail_seconds")
    assert found is not None
    return found


async def test_a_worker_whose_every_mail_is_refused_says_so_until_one_is_taken(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer
) -> None:
    sender = Sender(context, Writer(load_office(), SITE))
    sender.mail_server = Judge(context.readiness, timedelta(seconds=1))
    mail_server.to_recipient = [QUOTA] * 3
    await hear(database, created())
    task = asyncio.create_task(sender.run())
    try:
        await tried(database, 1)
        assert await context.readiness.reasons() == {}, "one refusal may be about one mail"
        await tried(database, 3)
        await asyncio.sleep(0.1)
        assert await context.readiness.reasons() == {"mail server": "refuses"}
        await make_due(database)
        await until_ended(database)
        await asyncio.sleep(0.1)
        assert await context.readiness.reasons() == {}
    finally:
        task.cancel()
        await asyncio.wait({task})
    refused = {"status": "550", "error": "5.4.5"}
    assert REGISTRY.get_sample_value("notifications_mail_server_refusals_total", refused)


async def test_a_refused_mail_that_no_longer_has_to_leave_keeps_no_worker_from_being_ready(
    database: Database, context: Context[NotificationsSettings]
) -> None:
    judge = Judge(context.readiness, PATIENT)
    lateness = Lateness(context, judge)
    await hear(database, created())
    judge.answered(Later("5.4.5", by_server=True, status=550))
    await lateness.look()
    assert await context.readiness.reasons() == {"mail server": "refuses"}
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET state = 'moot', ended_at = clock_timestamp()")
    await lateness.look()
    assert await context.readiness.reasons() == {}


async def test_only_what_the_server_says_of_a_recipient_shows_that_it_takes_mails() -> None:
    readiness = Readiness()
    judge = Judge(readiness, PATIENT)
    judge.answered(Later("5.4.5", by_server=True, status=550))
    for silent in (Moot("person_gone"), Later("owner_behind"), Failed("UnusableAddress")):
        judge.answered(silent)
        assert await readiness.reasons() == {"mail server": "refuses"}
    judge.answered(Failed("5.4.5", 550, given_up=True))
    assert await readiness.reasons() == {"mail server": "refuses"}
    judge.answered(Later("SMTPConnectError", by_server=True))
    assert await readiness.reasons() == {"mail server": "SMTPConnectError"}
    judge.answered(Failed("5.1.1", 550))
    assert await readiness.reasons() == {}
    judge.answered(Sent(0.0))
    assert await readiness.reasons() == {}
