"""When `documents` is told that a candidate cannot be thought warned of the deadline (domain, ours 7)."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.chassis.database import Database
from services.chassis.dlq import DeadLetter, Record, State
from services.chassis.quarantine import close_dead_letter, open_dead_letter
from services.contracts import events
from services.contracts.envelope import InvalidEvent
from services.contracts.events import Event, MailSent, ReachabilityChanged
from services.contracts.recovery import Page
from services.notifications.commands.reachability import count_dead_letters
from services.notifications.recovery import tell
from tests.integration.notifications.conftest import MailServer, Owners, Sending, until_ended
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.integration.notifications.test_sending import published
from tests.unit.notifications.samples import CANDIDATE
from tests.unit.notifications.test_causes import DOCUMENT, event

GONE = "550 5.1.1 no such user"
CONSUMER = "notifications.documents"


@pytest.fixture(autouse=True)
def _a_piece_is_missing(owners: Owners) -> None:
    owners.missing = ("Pièce d’identité",)


def reminder(kind: str, deadline: datetime | None = None) -> Event:
    deadline = deadline or datetime(2099, 12, 7, 23, tzinfo=UTC)
    return event(events.ReminderDue, DOCUMENT, kind=kind, deadline_at=deadline)


async def told(database: Database) -> list[str]:
    """The states told, in order."""
    return [one.state for one in await published(database) if isinstance(one, ReachabilityChanged)]


async def test_a_candidate_whose_every_reminder_is_refused_is_unreachable_and_told_once(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_recipient = [GONE, GONE, GONE]
    async with sending():
        for count, kind in enumerate(("J-14", "J-7", "J-2"), start=1):
            await hear(database, reminder(kind))
            await until_ended(database, count)
    assert await told(database) == ["unreachable"]
    revisions = [one.revision for one in await published(database)]
    assert revisions == sorted(set(revisions))


async def test_one_reminder_that_is_taken_makes_reachable_again(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_recipient = [GONE]
    async with sending():
        await hear(database, reminder("J-14"))
        await until_ended(database)
        await hear(database, reminder("J-7"))
        await until_ended(database, 2)
        mail_server.to_recipient = [GONE]
        await hear(database, reminder("J-2"))
        await until_ended(database, 3)
    assert await told(database) == ["unreachable", "reachable"]


async def warned_of(database: Database) -> list[datetime | None]:
    """Of which deadline each mail that was taken is said to have warned."""
    return [one.warned_of for one in await published(database) if isinstance(one, MailSent)]


async def warned_for(database: Database) -> tuple[datetime, ...]:
    """What reconciliation is told of it."""
    async with database.connection() as conn:
        (line,) = (await tell(conn, Page(candidate_ids=(CANDIDATE,)))).lines
    return line.warned_for


async def test_a_reminder_that_is_taken_is_told_with_the_deadline_it_warned_of(
    database: Database, sending: Sending
) -> None:
    moved = datetime(2099, 12, 14, 23, tzinfo=UTC)
    async with sending():
        await hear(database, reminder("J-7", moved))
        await until_ended(database)
        await hear(database, created())
        await until_ended(database, 2)
    assert await warned_of(database) == [moved, None]
    assert await warned_for(database) == (moved,)


async def test_a_reminder_that_is_taken_after_its_deadline_warned_of_nothing(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.hang = asyncio.Event()
    deadline = datetime.now(UTC) + timedelta(seconds=1.5)
    async with sending():
        await hear(database, reminder("J-1", deadline))
        async with asyncio.timeout(1.4):
            await mail_server.arrived.wait()
        await asyncio.sleep((deadline - datetime.now(UTC)).total_seconds())
        mail_server.hang.set()
        (row,) = await until_ended(database)
    assert row["state"] == "sent"
    assert await warned_of(database) == [None]
    assert await warned_for(database) == ()


async def test_only_the_latest_deadlines_reminders_count(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    moved = datetime(2099, 12, 14, 23, tzinfo=UTC)
    async with sending():
        await hear(database, reminder("J-7"))
        await until_ended(database)
        mail_server.to_recipient = [GONE]
        await hear(database, reminder("J-7", moved))
        await until_ended(database, 2)
    assert await told(database) == ["unreachable"]


async def test_another_mail_that_is_refused_says_nothing_of_the_reminders(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_recipient = [GONE]
    async with sending():
        await hear(database, created())
        await until_ended(database)
    assert await told(database) == []


async def test_a_reminder_that_waits_when_its_deadline_comes_is_known_as_lost_then(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_answer = ["451 later"] * 3
    deadline = datetime.now(UTC) + timedelta(seconds=3.3)  # the fourth attempt would be 5 s after the third
    async with sending():
        await hear(database, reminder("J-1", deadline))
        (row,) = await until_ended(database)
    assert row["state"] == "failed"
    assert row["ended_at"] - deadline < timedelta(seconds=2)
    assert await told(database) == ["unreachable"]


async def test_a_reminder_that_its_owners_kept_until_the_deadline_warned_nobody(
    database: Database, owners: Owners, sending: Sending
) -> None:
    owners.away = True
    async with sending():
        await hear(database, reminder("J-1", datetime.now(UTC) + timedelta(seconds=0.6)))
        (row,) = await until_ended(database)
    assert (row["state"], row["last_error"]) == ("moot", "deadline_passed")
    assert await told(database) == ["unreachable"]


async def test_a_reminder_not_needed_any_more_says_nothing(
    database: Database, owners: Owners, sending: Sending
) -> None:
    owners.missing = ()
    async with sending():
        await hear(database, reminder("J-7"))
        (row,) = await until_ended(database)
    assert row["state"] == "moot"
    assert await told(database) == []


async def quarantine(database: Database, offset: int, candidate: UUID = CANDIDATE) -> DeadLetter:
    record = Record("documents.events", 0, offset, str(candidate).encode(), b"{", ())
    letter = DeadLetter.of(CONSUMER, record, InvalidEvent("no value"))
    async with database.transaction() as conn:
        await open_dead_letter(conn, letter, count_dead_letters)
    return letter


async def release(database: Database, letter: DeadLetter) -> None:
    async with database.transaction() as conn:
        await close_dead_letter(conn, CONSUMER, letter.id, State.DISCARDED, count_dead_letters)


async def test_while_a_dead_letter_is_open_its_candidate_is_unreachable(database: Database) -> None:
    await hear(database, created())
    first, second = [await quarantine(database, offset) for offset in (1, 2)]
    await release(database, first)
    assert await told(database) == ["unreachable"]
    await release(database, second)
    assert await told(database) == ["unreachable", "reachable"]


async def test_a_closed_dead_letter_leaves_unreachable_whose_reminders_failed(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_recipient = [GONE]
    letter = None
    async with sending():
        await hear(database, reminder("J-7"))
        await until_ended(database)
        letter = await quarantine(database, 1)
    await release(database, letter)
    assert await told(database) == ["unreachable"]


async def test_a_dead_letter_that_came_before_anything_was_heard_counts(database: Database) -> None:
    await quarantine(database, 1)
    assert await told(database) == []
    await hear(database, created())
    assert await told(database) == ["unreachable"]


async def test_a_dead_letter_opened_while_the_row_is_made_is_counted(database: Database) -> None:
    people = [uuid4() for _ in range(40)]
    for number, somebody in enumerate(people):
        mine = created().model_copy(update={"candidate_id": somebody})
        await asyncio.gather(hear(database, mine), quarantine(database, number, somebody))
    assert await told(database) == ["unreachable"] * len(people)


async def test_nothing_is_told_of_a_deleted_person(database: Database) -> None:
    await hear(database, created(), deleted("erased"))
    await quarantine(database, 1)
    assert await told(database) == []
