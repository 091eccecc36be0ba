"""Reminders queued ahead: they wait for their time, and go away when what they ask for is done."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.chassis.database import Database
from services.contracts import events
from services.contracts.events import Calendar, Event, SessionScheduled
from services.contracts.stages import AccountState, Stage
from tests.integration.notifications.conftest import MailServer, Owners, Sending, until_ended
from tests.integration.notifications.test_hearing import created, hear
from tests.unit.notifications.samples import CALENDAR, CANDIDATE
from tests.unit.notifications.test_causes import ACCOUNT, CANDIDATURE, event


def calendar() -> Calendar:
    """Activation within 4 s; the window closes in 5 s, reminded 3 s before."""
    dates = {"closes_at": datetime.now(UTC) + timedelta(seconds=5), "activation_seconds": 4}
    short = {"reminder_offsets_seconds": (9, 3, 1), "reminder_gap_seconds": 0}
    return CALENDAR.model_copy(update=dates | short)


def scheduled(one: Calendar) -> Event:
    return SessionScheduled(revision=1, session_key=uuid4(), calendar=one)


def running(seconds: float = 4) -> Event:
    return event(
        events.ActivationPeriodStarted, ACCOUNT, expires_at=datetime.now(UTC) + timedelta(seconds=seconds)
    )


def activated() -> Event:
    account = ACCOUNT | {"state": AccountState.ACTIVATED}
    return event(events.AccountActivated, account, session_id="2021", revision=5)


@pytest.fixture(autouse=True)
def _nothing_saved(owners: Owners) -> None:
    owners.stage, owners.version = Stage.ACTIVATED, 0


async def states(database: Database) -> dict[str, str]:
    async with database.connection() as conn:
        return {row["kind"]: row["state"] for row in await conn.fetch("SELECT kind, state FROM mail")}


async def test_an_account_not_activated_is_reminded_once_at_half_of_its_time(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    began = datetime.now(UTC)
    async with sending():
        await hear(database, scheduled(calendar()), created(), running(), running())
        found = await until_ended(database, 2)
    reminder = next(row for row in found if row["kind"] == "activation_reminder")
    assert reminder["accepted_at"] - began > timedelta(seconds=1.9)
    assert reminder["attempts"] == 1
    assert [mail["Subject"] for mail in mail_server.received] == [
        "Activez votre compte candidat",
        "Rappel : votre compte candidat n’est pas encore activé",
    ]


async def test_an_activation_ends_its_reminder_at_once(database: Database) -> None:
    await hear(database, scheduled(calendar()), created(), running(), activated())
    assert await states(database) == {
        "activation": "queued",
        "activation_reminder": "moot",
        "not_saved": "queued",
    }


async def test_an_activation_heard_first_ends_it_too_when_it_is_due(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.activated = True
    async with sending():
        await hear(database, scheduled(calendar()), created(), activated(), running(1))
        await until_ended(database, 2)
        await asyncio.sleep(0)
    assert (await states(database))["activation_reminder"] == "moot"
    assert [mail["Subject"] for mail in mail_server.received if "activ" in mail["Subject"]] == []


async def test_an_account_without_a_save_is_reminded_before_the_window_closes(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    one = calendar()
    async with sending():
        await hear(database, activated(), scheduled(one), activated())
        (row,) = await until_ended(database)
    assert row["kind"] == "not_saved"
    due = one.closes_at - timedelta(seconds=3)
    assert due < row["accepted_at"] < one.closes_at
    assert len(mail_server.received) == 1


async def test_whoever_activates_too_late_for_a_reminder_reads_at_once_that_nothing_is_saved(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    one = calendar().model_copy(update={"reminder_gap_seconds": 20 * 3600})
    async with sending():
        await hear(database, scheduled(one), activated())
        (row,) = await until_ended(database)
    assert row["state"] == "sent"
    assert row["accepted_at"] < one.closes_at - timedelta(seconds=3)
    assert [mail["Subject"] for mail in mail_server.received] == [
        "Votre pré-inscription n’est pas encore enregistrée"
    ]


async def test_it_waits_for_an_owner_that_has_not_heard_of_the_activation_yet(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.stage = Stage.AWAITING_ACTIVATION
    one = calendar().model_copy(update={"reminder_gap_seconds": 20 * 3600})
    async with sending():
        await hear(database, scheduled(one), activated())
        await asyncio.sleep(0.5)
        assert mail_server.received == []
        owners.stage = Stage.ACTIVATED
        (row,) = await until_ended(database)
    assert (row["state"], len(mail_server.received)) == ("sent", 1)


async def test_a_save_ends_that_reminder_at_once(database: Database) -> None:
    await hear(database, scheduled(calendar()), activated(), event(events.RegistrationSaved, CANDIDATURE))
    assert await states(database) == {"not_saved": "moot"}


async def test_a_reminder_for_a_window_that_has_closed_does_not_leave(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    closed = calendar().model_copy(update={"closes_at": datetime.now(UTC)})
    async with sending():
        await hear(database, scheduled(closed), activated())
        (row,) = await until_ended(database)
    assert (row["state"], mail_server.received) == ("moot", [])


async def test_the_waiting_reminder_is_no_attempt(database: Database, sending: Sending) -> None:
    still_open = CALENDAR.model_copy(update={"closes_at": datetime.now(UTC) + timedelta(days=3)})
    await hear(database, scheduled(still_open), created(), running(3600 * 48))
    async with sending():
        await until_ended(database)
        await asyncio.sleep(0.3)
    async with database.connection() as conn:
        row = await conn.fetchrow("SELECT * FROM mail WHERE kind = 'activation_reminder'")
    assert row is not None
    assert (row["state"], row["attempts"]) == ("queued", 0)
    assert row["next_attempt_at"] - datetime.now(UTC) > timedelta(hours=23)
    assert row["candidate_id"] == CANDIDATE
