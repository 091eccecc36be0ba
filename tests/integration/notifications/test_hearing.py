"""What the consumers' handler makes of events: once per cause, in any order, never for a deleted person."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.chassis.database import Connection, Database
from services.contracts import events
from services.contracts.envelope import Envelope
from services.contracts.events import Event
from services.contracts.stages import AccountState
from services.notifications.consumers import Hearing
from tests.integration.notifications.conftest import rows
from tests.unit.notifications.samples import CALENDAR
from tests.unit.notifications.test_causes import ACCOUNT, CANDIDATURE, DOCUMENT, event

HEARING = Hearing("academie.example")


async def hear(database: Database, *heard: Event) -> list[dict[str, Any]]:
    for one in heard:
        async with database.transaction() as conn:
            await HEARING.hear(conn, Envelope(one, uuid4(), datetime.now(UTC)))
    async with database.connection() as conn:
        return await rows(conn)


def created(issue: int = 1) -> Event:
    return event(events.AccountCreated, ACCOUNT, session_id="2021", issue=issue)


def deleted(reason: str, revision: int = 9) -> Event:
    return event(events.AccountDeleted, ACCOUNT, revision=revision, state=AccountState.DELETED, reason=reason)


async def test_an_event_told_twice_queues_one_mail(database: Database) -> None:
    found = await hear(database, created(), created())
    assert [(row["kind"], row["state"]) for row in found] == [("activation", "queued")]


async def test_each_resend_is_a_mail_of_its_own(database: Database) -> None:
    again = event(events.ActivationMailRequested, ACCOUNT, revision=4, issue=2)
    found = await hear(database, again, created(), again)
    assert {row["facts"]["issue"] for row in found} == {1, 2}


async def test_events_of_any_topic_in_any_order_queue_their_mails(database: Database) -> None:
    heard = [
        event(events.CandidatureConfirmed, CANDIDATURE, revision=20),
        event(events.ConfirmationIssued, CANDIDATURE, revision=8),
        event(events.ChecklistCompleted, DOCUMENT),
        created(),
    ]
    assert len(await hear(database, *heard, *reversed(heard))) == len(heard)


async def test_a_mail_holds_no_address_and_no_words(database: Database) -> None:
    (row,) = await hear(database, event(events.ConfirmationIssued, CANDIDATURE))
    assert row["facts"] == {
        "session_id": "2021",
        "version": 2,
        "deadline_at": "2020-12-07T23:00:00Z",
    }


async def test_a_deletion_ends_what_waits_and_says_farewell(database: Database) -> None:
    found = await hear(database, created(), deleted("not_activated"))
    assert {row["kind"]: row["state"] for row in found} == {
        "activation": "moot",
        "account_deleted": "queued",
    }


async def test_nothing_is_queued_for_a_deleted_person(database: Database) -> None:
    late = event(events.ActivationMailRequested, ACCOUNT, revision=4, issue=2)
    found = await hear(database, created(), deleted("not_activated"), late, deleted("not_activated"))
    assert sorted(row["kind"] for row in found) == ["account_deleted", "activation"]


async def test_of_the_erased_only_the_mail_that_says_so_is_left(database: Database) -> None:
    found = await hear(database, created(), deleted("erased"), created(2), deleted("erased"))
    assert [(row["kind"], row["state"]) for row in found] == [("account_erased", "queued")]
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM tombstone") == 1


async def test_an_erasure_after_a_deletion_takes_the_rest(database: Database) -> None:
    assert await hear(database, created(), deleted("not_activated"), deleted("erased", 10)) == []


async def test_the_highest_revision_of_a_calendar_is_kept(database: Database) -> None:
    later = CALENDAR.model_copy(update={"label": "session 2021, reportée"})
    old, new = (
        events.SessionScheduled(revision=revision, session_key=uuid4(), calendar=calendar)
        for revision, calendar in ((1, CALENDAR), (2, later))
    )
    await hear(database, new, old, new)
    async with database.connection() as conn:
        kept = await conn.fetchrow("SELECT revision, calendar FROM exam_session")
    assert kept is not None
    assert (kept["revision"], kept["calendar"]["label"]) == (2, "session 2021, reportée")


@pytest.mark.parametrize("reason", ["not_activated", "erased"])
async def test_a_mail_queued_while_the_person_is_deleted_does_not_survive(
    database: Database, reason: str
) -> None:
    """Both sides lock the candidate's row: whoever comes first, no activation mail is left waiting."""
    for _ in range(60):
        candidate = uuid4()
        mine = created().model_copy(update={"candidate_id": candidate})
        end = deleted(reason).model_copy(update={"candidate_id": candidate})
        await asyncio.gather(hear(database, mine), hear(database, end))
        async with database.connection() as conn:
            left = await _left_waiting(conn, candidate)
        assert left in (["account_erased"], ["account_deleted"])


async def test_a_cause_queued_by_two_at_once_is_one_mail(database: Database) -> None:
    await asyncio.gather(*(hear(database, created()) for _ in range(8)))
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM mail") == 1


async def test_a_queued_mail_wakes_whoever_listens(database: Database, database_url: str) -> None:
    rung = asyncio.Event()
    listener = await asyncpg.connect(database_url)
    await listener.add_listener("mail", lambda *_: rung.set())
    try:
        await hear(database, created())
        async with asyncio.timeout(1):
            await rung.wait()
    finally:
        await listener.close()


async def _left_waiting(conn: Connection, candidate: UUID) -> list[str]:
    found = await conn.fetch("SELECT kind FROM mail WHERE candidate_id = $1 AND state = 'queued'", candidate)
    return [row["kind"] for row in found]
