"""A mail that failed through our fault reaches its candidate after all: an officer has it tried again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.chassis.database import Database
from services.chassis.identity import TokenIssuer
from services.contracts.events import MailBounced, MailSent
from tests.integration.notifications.conftest import (
    MailServer,
    Owners,
    Sending,
    a_candidate,
    headers,
    rows,
    until_ended,
)
from tests.integration.notifications.test_api import OFFICER
from tests.integration.notifications.test_export import by
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.integration.notifications.test_late import late
from tests.integration.notifications.test_sending import published, reminder
from tests.unit.notifications.samples import CANDIDATE

REASON = "Le quota du relais est levé."


@dataclass(frozen=True)
class Officer:
    """Who is logged in as one, and what they ask of the messages of a candidate."""

    site: httpx.AsyncClient
    issuer: TokenIssuer

    async def retries(self, mail: UUID, *, of: UUID = CANDIDATE, reason: str = REASON) -> httpx.Response:
        return await self.site.post(
            f"/api/notifications/candidates/{of}/messages/{mail}/retry",
            json={"reason": reason},
            headers=headers(self.issuer, OFFICER),
        )

    async def is_refused(self, mail: UUID, *, of: UUID = CANDIDATE) -> tuple[int, str]:
        answer = await self.retries(mail, of=of)
        return answer.status_code, answer.json()["type"].rpartition(":")[2]

    async def reads(self) -> Any:
        path = f"/api/notifications/candidates/{CANDIDATE}"
        return (await self.site.get(path, headers=headers(self.issuer, OFFICER))).json()


@pytest.fixture
def officer(site: httpx.AsyncClient, issuer: TokenIssuer) -> Officer:
    return Officer(site, issuer)


@pytest.fixture
async def failed(database: Database, mail_server: MailServer, sending: Sending) -> UUID:
    """An activation mail that the server refused for good."""
    mail_server.to_recipient = ["550 5.1.1 no such user"]
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    found: UUID = row["id"]
    return found


async def test_a_failed_mail_is_tried_again_as_the_same_message(
    officer: Officer, failed: UUID, database: Database, mail_server: MailServer, sending: Sending
) -> None:
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET refusals = 1000, due_at = due_at - interval '9 days'")
        (before,) = await rows(conn)
    answer = await officer.retries(failed)
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][0]["state"] == "queued"
    assert await late(database) == (), "it is due since the act"
    mail_server.to_recipient = ["450 4.2.0 greylisted"]
    async with sending():
        (row,) = await until_ended(database)
    assert (row["id"], row["state"], row["attempts"]) == (failed, "sent", 2)
    (received,) = mail_server.received
    assert received["Message-ID"] == before["message_id"]
    assert [type(one) for one in await published(database)] == [MailBounced, MailSent]


async def test_who_had_it_tried_again_and_why_is_kept_with_what_it_had_failed_by(
    officer: Officer, failed: UUID, site: httpx.AsyncClient, issuer: TokenIssuer
) -> None:
    await officer.retries(failed)
    (message,) = (await officer.reads())["messages"]
    (act,) = message["acts"]
    assert datetime.now(UTC) - datetime.fromisoformat(act.pop("at")) < timedelta(minutes=1)
    assert act == {
        "act": "put_back",
        "actor": "officer:agent",
        "reason": REASON,
        "last_status": 550,
        "last_error": "5.1.1",
    }
    answer = await site.get(f"/internal/candidates/{CANDIDATE}/export", headers=by(issuer, "accounts"))
    (exported,) = answer.json()["kept"]["messages"]
    assert [one["reason"] for one in exported["acts"]] == [REASON]
    assert "agent" not in answer.text, "officers' names are theirs"


async def test_a_mail_that_has_not_failed_is_not_sent_twice(
    officer: Officer, database: Database, mail_server: MailServer, sending: Sending
) -> None:
    (waiting,) = await hear(database, created())
    assert await officer.is_refused(waiting["id"]) == (409, "message-non-echoue")
    async with sending():
        (sent,) = await until_ended(database)
    assert await officer.is_refused(sent["id"]) == (409, "message-non-echoue")
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET state = 'bounced', returned_at = clock_timestamp()")
    assert await officer.is_refused(sent["id"]) == (409, "message-non-echoue")
    async with sending():
        await until_ended(database)
    assert len(mail_server.received) == 1


@pytest.mark.parametrize("reason", ["erased", "not_activated"])
async def test_nothing_is_written_any_more_to_who_is_erased_and_no_officers_word_stays(
    officer: Officer, failed: UUID, database: Database, reason: str
) -> None:
    await officer.retries(failed)
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET state = 'failed', ended_at = clock_timestamp()")
    await hear(database, deleted(reason))
    assert await officer.is_refused(failed) == (410, "compte-supprime")
    async with database.connection() as conn:
        left = await conn.fetchval("SELECT count(*) FROM mail_act")
    assert left == 0


async def test_a_reminder_whose_deadline_has_come_stays_failed(officer: Officer, database: Database) -> None:
    (row,) = await hear(database, reminder(datetime.now(UTC) - timedelta(seconds=1)))
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET state = 'failed', ended_at = clock_timestamp()")
    assert await officer.is_refused(row["id"]) == (409, "message-depasse")


async def test_a_reminder_that_waits_again_has_warned_nobody_yet(
    officer: Officer, database: Database, mail_server: MailServer, owners: Owners, sending: Sending
) -> None:
    owners.missing = ("Une pièce",)
    mail_server.to_recipient = ["550 5.1.1 no such user"]
    async with sending():
        await hear(database, reminder(datetime.now(UTC) + timedelta(hours=1)))
        (row,) = await until_ended(database)
    assert (await officer.retries(row["id"])).json()["reachable"] is False
    async with sending():
        await until_ended(database)
    assert (await officer.reads())["reachable"] is True


async def test_a_mail_of_somebody_else_is_not_found(
    officer: Officer, failed: UUID, database: Database
) -> None:
    assert await officer.is_refused(failed, of=uuid4()) == (404, "message-inconnu")
    assert await officer.is_refused(uuid4()) == (404, "message-inconnu")
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM candidate") == 1


async def test_only_officers_act_and_each_gives_a_reason(
    officer: Officer, failed: UUID, site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    path = f"/api/notifications/candidates/{CANDIDATE}/messages/{failed}/retry"
    body = {"reason": REASON}
    assert (await site.post(path, json=body)).status_code == 401
    assert (await site.post(path, json=body, headers=headers(issuer, a_candidate()))).status_code == 403
    assert (await officer.retries(failed, reason="  ")).status_code == 422
    async with database.connection() as conn:
        assert [row["state"] for row in await rows(conn)] == ["failed"]
