"""Mails that the server took and returned later: by SMTP, as a mail server does it, on a real database."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.identity import Identity, TokenIssuer
from services.contracts.events import MailBounced, MailSent, ReachabilityChanged
from services.notifications.intake import Intake
from services.notifications.return_path import return_path
from services.notifications.settings import NotificationsSettings
from tests.integration.notifications.conftest import (
    MailServer,
    Owners,
    Sending,
    headers,
    rows,
    until_ended,
)
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.integration.notifications.test_reachability import reminder
from tests.integration.notifications.test_sending import published
from tests.unit.notifications.returned import notification
from tests.unit.notifications.samples import CANDIDATE

PLAIN = "retours@academie.example"
Return = Callable[[str, bytes], Coroutine[Any, Any, tuple[int, bytes]]]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@pytest.fixture
async def context(context: Context[NotificationsSettings]) -> Context[NotificationsSettings]:
    told = context.settings.model_copy(update={"bounce_address": PLAIN, "bounce_port": _free_port()})
    return replace(context, settings=told)


@pytest.fixture
async def give_back(context: Context[NotificationsSettings]) -> AsyncIterator[Return]:
    """Hand a message over for an address; the server's last answer."""
    task = asyncio.create_task(Intake(context).run())

    def say(address: str, content: bytes) -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", context.settings.bounce_port, timeout=10) as server:
            server.ehlo()
            server.mail("")
            answer = server.rcpt(address)
            return answer if answer[0] != 250 else server.data(content)

    async def hand_over(address: str, content: bytes) -> tuple[int, bytes]:
        return await asyncio.to_thread(say, address, content)

    await asyncio.sleep(0.1)
    yield hand_over
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture(autouse=True)
def _a_piece_is_missing(owners: Owners) -> None:
    owners.missing = ("Pièce d’identité",)


async def sent(database: Database, sending: Sending, event: Any) -> dict[str, Any]:
    async with sending():
        await hear(database, event)
        (row,) = await until_ended(database)
    assert row["state"] == "sent"
    return row


async def row_of(database: Database) -> dict[str, Any]:
    async with database.connection() as conn:
        (row,) = await rows(conn)
    return row


def sealed(context: Context[NotificationsSettings], row: dict[str, Any]) -> str:
    found = return_path(context.settings, row["id"])
    assert found is not None
    return found


async def test_a_mail_leaves_with_an_address_to_return_it_to(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer, sending: Sending
) -> None:
    row = await sent(database, sending, created())
    assert mail_server.senders == [sealed(context, row)]
    assert mail_server.received[0]["From"] == "Bureau <bureau@academie.example>"


async def test_a_returned_mail_is_bounced_and_told_once(
    database: Database,
    context: Context[NotificationsSettings],
    sending: Sending,
    give_back: Return,
) -> None:
    row = await sent(database, sending, created())
    answers = [(await give_back(sealed(context, row), notification()))[0] for _ in range(3)]
    assert answers == [250, 250, 250]
    found = await row_of(database)
    assert (found["state"], found["returned_code"]) == ("bounced", "5.1.1")
    assert found["accepted_at"] == row["accepted_at"]
    first, second = await published(database)
    assert isinstance(first, MailSent)
    assert isinstance(second, MailBounced)
    assert (second.state, second.status, second.mail_id) == ("bounced", 550, row["id"])
    assert second.revision > first.revision


async def test_a_reminder_that_is_returned_warned_nobody(
    database: Database, context: Context[NotificationsSettings], sending: Sending, give_back: Return
) -> None:
    row = await sent(database, sending, reminder("J-7"))
    await give_back(sealed(context, row), notification())
    *_, told = await published(database)
    assert isinstance(told, ReachabilityChanged)
    assert told.state == "unreachable"


async def test_without_the_sealed_address_the_returned_message_id_says_which_mail_it_was(
    database: Database, sending: Sending, give_back: Return
) -> None:
    row = await sent(database, sending, created())
    returned = notification(message_id=row["message_id"], headers_only=True)
    assert (await give_back(PLAIN, returned))[0] == 250
    assert (await row_of(database))["state"] == "bounced"


async def test_a_delay_is_noted_only(
    database: Database, context: Context[NotificationsSettings], sending: Sending, give_back: Return
) -> None:
    row = await sent(database, sending, reminder("J-7"))
    await give_back(sealed(context, row), notification(action="delayed", status="4.4.1"))
    found = await row_of(database)
    assert (found["state"], found["returned_code"]) == ("sent", "4.4.1")
    assert [type(one) for one in await published(database)] == [MailSent]


async def test_a_report_that_overtakes_the_note_of_the_250_has_to_come_again(
    database: Database, context: Context[NotificationsSettings], sending: Sending, give_back: Return
) -> None:
    await hear(database, created())
    row = await row_of(database)
    assert (await give_back(sealed(context, row), notification()))[0] == 451
    async with sending():
        await until_ended(database)
    assert (await give_back(sealed(context, row), notification()))[0] == 250
    assert (await row_of(database))["state"] == "bounced"


async def test_a_report_is_not_lost_while_the_database_is_away(
    database: Database, context: Context[NotificationsSettings], sending: Sending, give_back: Return
) -> None:
    row = await sent(database, sending, created())
    async with database.transaction() as conn:
        await conn.execute("SET LOCAL lock_timeout = 0")
        await conn.execute("ALTER TABLE outbox RENAME TO elsewhere")
        await conn.execute("SAVEPOINT away")
        refused = asyncio.create_task(give_back(sealed(context, row), notification()))
        await asyncio.sleep(0.5)
        assert not refused.done()
        async with database.connection() as other:
            waiting = await other.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid <> pg_backend_pid()"
            )
            await other.execute("SELECT pg_terminate_backend($1)", waiting)
        assert (await refused)[0] == 451
        await conn.execute("ALTER TABLE elsewhere RENAME TO outbox")
    assert (await row_of(database))["state"] == "sent"
    assert (await give_back(sealed(context, row), notification()))[0] == 250
    assert (await row_of(database))["state"] == "bounced"


async def test_a_report_about_a_mail_of_an_erased_person_does_nothing(
    database: Database, context: Context[NotificationsSettings], sending: Sending, give_back: Return
) -> None:
    row = await sent(database, sending, created())
    await hear(database, deleted("erased"))
    before = len(await published(database))
    assert (await give_back(sealed(context, row), notification()))[0] == 250
    assert len(await published(database)) == before


@pytest.mark.parametrize(
    "address",
    [
        "bureau@academie.example",
        "retours@ailleurs.example",
        "retours+aaaa@academie.example",
        "postmaster@academie.example",
    ],
)
async def test_it_is_no_mailbox_for_anything_else(give_back: Return, address: str) -> None:
    assert (await give_back(address, notification()))[0] == 550


async def test_what_is_too_large_is_refused(
    database: Database, context: Context[NotificationsSettings], sending: Sending, give_back: Return
) -> None:
    row = await sent(database, sending, created())
    code, _ = await give_back(sealed(context, row), notification() + b"lignes\r\n" * 600_000)
    assert code == 552
    assert (await row_of(database))["state"] == "sent"


async def test_those_who_open_many_connections_and_say_nothing_keep_nobody_out_for_long(
    context: Context[NotificationsSettings], give_back: Return
) -> None:
    port = context.settings.bounce_port
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
    await asyncio.sleep(0.3)
    for _, writer in silent:
        writer.close()
    await asyncio.sleep(0.3)
    assert (await give_back(PLAIN, b"Subject: x\r\n\r\n"))[0] == 250


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=2000))
async def test_garbage_changes_nothing_and_is_not_sent_again(
    database: Database, give_back: Return, content: bytes
) -> None:
    code, _ = await give_back(PLAIN, content)
    assert code in (250, 500)
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM outbox") == 0


async def test_an_officer_reads_when_and_why_a_reminder_came_back_and_that_nobody_was_warned(
    site: httpx.AsyncClient,
    issuer: TokenIssuer,
    database: Database,
    context: Context[NotificationsSettings],
    sending: Sending,
    give_back: Return,
) -> None:
    row = await sent(database, sending, reminder("D-7"))
    await give_back(sealed(context, row), notification())
    officer = Identity("officer", "agent", role="officer")
    answer = await site.get(f"/api/notifications/candidates/{CANDIDATE}", headers=headers(issuer, officer))
    found = answer.json()
    (mail,) = found["messages"]
    assert (mail["state"], mail["returned_code"], mail["returned_meaning"], found["reachable"]) == (
        "bounced",
        "5.1.1",
        "l’adresse n’existe pas",
        False,
    )
    assert datetime.fromisoformat(mail["accepted_at"]) <= datetime.fromisoformat(mail["returned_at"])
