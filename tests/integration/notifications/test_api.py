"""What was written to a candidate, as the candidate and the officers read it."""

from uuid import uuid4

import httpx
import pytest

from services.chassis.database import Database
from services.chassis.identity import Identity, TokenIssuer
from services.contracts import events
from tests.integration.notifications.conftest import (
    ADDRESS,
    MailServer,
    Sending,
    a_candidate,
    headers,
    until_ended,
)
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.unit.notifications.samples import CANDIDATE
from tests.unit.notifications.test_causes import ACCOUNT, CANDIDATURE, event

OFFICER = Identity("officer", "agent", role="gestionnaire")


async def test_a_candidate_reads_what_was_sent_and_whether_it_left(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, sending: Sending
) -> None:
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    await hear(database, event(events.ConfirmationIssued, CANDIDATURE))
    answer = await site.get("/api/notifications/me", headers=headers(issuer, a_candidate()))
    sent, queued = answer.json()["messages"]
    assert sent["id"] == str(row["id"])
    assert (sent["kind"], sent["subject"], sent["state"]) == (
        "activation",
        "Activez votre compte candidat",
        "sent",
    )
    assert sent["accepted_at"] is not None
    assert queued["subject"] == "Pré-inscription enregistrée (version 2) : il reste à signer et à déposer"
    assert (queued["state"], queued["accepted_at"]) == ("queued", None)
    assert ADDRESS not in answer.text


async def test_a_candidate_reads_nobody_elses_messages(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    await hear(database, created())
    answer = await site.get("/api/notifications/me", headers=headers(issuer, a_candidate(uuid4())))
    assert answer.json() == {"messages": []}


async def test_a_mail_that_was_never_sent_is_shown_to_officers_only(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    await hear(database, created(), deleted("not_activated"))
    mine = await site.get("/api/notifications/me", headers=headers(issuer, a_candidate()))
    theirs = await site.get(f"/api/notifications/candidates/{CANDIDATE}", headers=headers(issuer, OFFICER))
    assert [message["kind"] for message in mine.json()["messages"]] == ["account_deleted"]
    assert {m["kind"]: (m["state"], m["last_error"]) for m in theirs.json()["messages"]} == {
        "activation": ("moot", "account_deleted"),
        "account_deleted": ("queued", None),
    }


async def test_an_officer_reads_why_a_mail_failed(
    site: httpx.AsyncClient,
    issuer: TokenIssuer,
    database: Database,
    mail_server: MailServer,
    sending: Sending,
) -> None:
    mail_server.to_recipient = ["550 no such user"]
    async with sending():
        await hear(database, created())
        await until_ended(database)
    answer = await site.get(f"/api/notifications/candidates/{CANDIDATE}", headers=headers(issuer, OFFICER))
    (message,) = answer.json()["messages"]
    assert (message["state"], message["last_status"], message["last_error"]) == (
        "failed",
        550,
        "SMTPRecipientRefused",
    )
    assert (message["attempts"], message["next_attempt_at"]) == (1, None)
    assert message["ended_at"] is not None
    assert (message["returned_code"], message["returned_meaning"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("/api/notifications/me", None, 401),
        ("/api/notifications/me", OFFICER, 403),
        (f"/api/notifications/candidates/{CANDIDATE}", None, 401),
        (f"/api/notifications/candidates/{CANDIDATE}", a_candidate(), 403),
        ("/api/notifications/candidates/not-an-id", OFFICER, 422),
    ],
)
async def test_others_get_a_problem(
    site: httpx.AsyncClient, issuer: TokenIssuer, path: str, who: Identity | None, status: int
) -> None:
    answer = await site.get(path, headers=headers(issuer, who) if who else {})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_reminder_that_may_never_be_needed_is_not_shown_to_its_candidate(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    await hear(database, event(events.AccountActivated, ACCOUNT, session_id="2021"))
    mine = await site.get("/api/notifications/me", headers=headers(issuer, a_candidate()))
    assert mine.json() == {"messages": []}
    path = f"/api/notifications/candidates/{CANDIDATE}"
    (seen,) = (await site.get(path, headers=headers(issuer, OFFICER))).json()["messages"]
    assert (seen["kind"], seen["state"]) == ("not_saved", "queued")
