"""The sender on a real database and a real mail server: what leaves, when, and what is written down."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiosmtplib
import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span

from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Connection, Database
from services.chassis.office import load_office
from services.chassis.times import paris_limit
from services.contracts import events
from services.contracts.events import Event, MailBounced, MailSent, ReachabilityChanged
from services.contracts.internal import Refusal
from services.contracts.stages import Stage
from services.notifications.commands.outcome import (
    claim,
    put_back,
    record_failed,
    record_moot,
    record_sent,
    seconds_to_next,
)
from services.notifications.domain import message_id
from services.notifications.letters import Writer
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from tests.integration.notifications.conftest import ADDRESS, MailServer, Owners, Sending, rows, until_ended
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.unit.notifications.samples import CANDIDATE, DEADLINE, SITE
from tests.unit.notifications.test_causes import ACCOUNT, CANDIDATURE, DOCUMENT, REVIEW, event

LEASE = timedelta(seconds=30)
SAMPLED = TraceFlags(TraceFlags.SAMPLED)


async def published(database: Database) -> list[Event]:
    """What the outbox holds, in order."""
    async with database.connection() as conn:
        found = await conn.fetch("SELECT type, payload FROM outbox ORDER BY id")
    return [events.CATALOGUE[row["type"]].model_validate_json(row["payload"]) for row in found]


async def make_due(database: Database) -> None:
    """No waiting in tests: whatever waits is due now."""
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET next_attempt_at = clock_timestamp() WHERE state = 'queued'")


def reminder(deadline: datetime) -> Event:
    return event(events.ReminderDue, DOCUMENT, kind="J-7", deadline_at=deadline)


async def test_a_mail_leaves_with_what_the_owners_say_now(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    (mail,) = mail_server.received
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "Activez votre compte candidat"
    text, html = (part.get_content() for part in mail.iter_parts())
    for words in (text, html):
        assert f"{SITE}/compte/activation?lien=k1.{CANDIDATE}.1.mac" in words
    assert (row["state"], row["last_status"]) == ("sent", 250)


async def test_one_trace_leads_from_the_event_to_the_word_that_its_mail_left(
    database: Database, sending: Sending
) -> None:
    span = NonRecordingSpan(SpanContext(trace_id=0xABC, span_id=0xDEF, is_remote=True, trace_flags=SAMPLED))
    with use_span(span):
        await hear(database, created())
    async with sending():
        await until_ended(database)
    async with database.connection() as conn:
        headers = await conn.fetchval("SELECT headers FROM outbox")
    assert headers["traceparent"].split("-")[1] == f"{0xABC:032x}"


async def test_a_mail_leaves_at_once(database: Database, mail_server: MailServer, sending: Sending) -> None:
    loop = asyncio.get_running_loop()
    async with sending():
        await asyncio.sleep(0.3)  # asleep, waiting to be woken
        began = loop.time()
        await hear(database, created())
        await until_ended(database)
        assert loop.time() - began < 0.5  # usually some 50 ms; the poll alone would take 5 s


async def test_a_sent_mail_is_told_once_with_the_instant_of_acceptance(
    database: Database, sending: Sending
) -> None:
    before = datetime.now(UTC)
    async with sending():
        await hear(database, created(), created())
        (row,) = await until_ended(database)
        await hear(database, created())
        await asyncio.sleep(0.2)
    (told,) = await published(database)
    assert told == MailSent(
        revision=1,
        candidate_id=CANDIDATE,
        mail_id=row["id"],
        kind="activation",
        cause=f"activation:{CANDIDATE}:1",
        accepted_at=row["accepted_at"],
    )
    assert before < row["accepted_at"] < datetime.now(UTC)


async def test_the_message_id_comes_from_the_cause(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    async with sending():
        await hear(database, created())
        await until_ended(database)
    assert mail_server.received[0]["Message-ID"] == message_id(
        f"activation:{CANDIDATE}:1", "academie.example"
    )


@pytest.mark.parametrize("answer", ["451 4.7.1 later", "421 4.3.2 closing"])
async def test_a_4xx_is_tried_again_until_it_is_taken(
    database: Database, mail_server: MailServer, sending: Sending, answer: str
) -> None:
    mail_server.to_answer = [answer]
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"], row["refusals"]) == ("sent", 2, 1)
    assert [type(one) for one in await published(database)] == [MailSent]
    assert len(mail_server.received) == 1


async def test_a_4xx_for_the_recipient_is_tried_again(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_recipient = ["450 4.2.0 greylisted"]
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"]) == ("sent", 2)


@pytest.mark.parametrize("where", ["to_answer", "to_recipient"])
async def test_a_5xx_about_the_recipient_is_final_and_told(
    database: Database, mail_server: MailServer, sending: Sending, where: str
) -> None:
    setattr(mail_server, where, ["550 5.1.1 no such user"])
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
        await asyncio.sleep(1.2)
    assert (row["state"], row["last_status"], row["attempts"]) == ("failed", 550, 1)
    assert row["last_error"] == "5.1.1"
    (told,) = await published(database)
    assert isinstance(told, MailBounced)
    assert (told.state, told.status, told.mail_id) == ("failed", 550, row["id"])
    assert mail_server.received == []


@pytest.mark.parametrize(
    ("where", "answer"),
    [
        ("to_recipient", "550 5.4.5 daily quota exceeded"),
        ("to_recipient", "554 5.7.1 relay access denied"),
        ("to_answer", "554 5.7.1 looks like spam"),
        ("to_answer", "550 no thank you"),
    ],
)
async def test_a_5xx_about_us_loses_no_candidates_mail(
    database: Database, mail_server: MailServer, sending: Sending, where: str, answer: str
) -> None:
    setattr(mail_server, where, [answer])
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"], row["refusals"]) == ("sent", 2, 1)
    assert [type(one) for one in await published(database)] == [MailSent]


async def test_a_server_that_takes_the_mail_and_drops_the_line_gets_it_again_recognisably(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_answer = [None]
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    first, second = mail_server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert row["state"] == "sent"
    assert [type(one) for one in await published(database)] == [MailSent]


async def test_a_server_that_hangs_holds_no_lock_and_the_mail_is_tried_again(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.hang = asyncio.Event()
    async with sending():
        await hear(database, created())
        async with asyncio.timeout(2):
            await mail_server.arrived.wait()
        async with database.transaction() as conn:
            await conn.execute("SET LOCAL lock_timeout = '100ms'")
            await conn.execute("SELECT FROM candidate, mail FOR UPDATE")
        await asyncio.sleep(2.2)  # the attempt's time
        mail_server.hang.set()
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"]) == ("sent", 2)


async def test_a_server_that_hangs_at_the_goodbye_has_taken_the_mail_all_the_same(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.hang_at_goodbye = True
    began = datetime.now(UTC)
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"]) == ("sent", 1)
    assert len(mail_server.received) == 1
    assert row["accepted_at"] - began < timedelta(seconds=0.8)  # the 250, not the end of the connection


async def test_a_goodbye_that_fails_in_any_way_leaves_the_mail_taken(
    database: Database, mail_server: MailServer, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def quit_badly(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(aiosmtplib.SMTP, "quit", quit_badly)
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"]) == ("sent", 1)
    assert len(mail_server.received) == 1


async def test_a_mail_server_that_refuses_us_loses_no_mail(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.to_sender = ["553 5.7.1 sender not allowed"]
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["attempts"]) == ("sent", 2)


async def test_a_mail_server_that_is_away_is_waited_for_and_the_worker_is_not_ready(
    database: Database,
    context: Context[NotificationsSettings],
    mail_server: MailServer,
) -> None:
    away = context.settings.model_copy(update={"smtp_port": 1})
    nowhere = Context(
        settings=away,
        database=context.database,
        peers=context.peers,
        client=context.client,
        readiness=context.readiness,
        clock=context.clock,
    )
    await hear(database, created())
    await _work_until(Sender(nowhere, _writer()), lambda conn: _attempts(conn, 1), database)
    assert await context.readiness.reasons() == {"mail server": "SMTPConnectError"}
    await make_due(database)
    await _work_until(Sender(context, _writer()), _all_ended, database)
    assert await context.readiness.reasons() == {}
    async with database.connection() as conn:
        assert [row["state"] for row in await rows(conn)] == ["sent"]


async def test_owners_that_are_away_cost_a_wait_and_no_mail(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.away = True
    async with sending():
        await hear(database, created())
        await asyncio.sleep(0.5)
        owners.away = False
        (row,) = await until_ended(database)
    assert (row["state"], row["refusals"]) == ("sent", 0)
    assert len(mail_server.received) == 1


async def test_the_mail_of_somebody_whom_accounts_has_forgotten_waits_until_they_are_known_again(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    """A backup was restored, and then a later one."""
    owners.forgotten = True
    async with sending():
        await hear(database, created())
        await asyncio.sleep(0.5)
        async with database.connection() as conn:
            assert [row["state"] for row in await rows(conn)] == ["queued"]
        owners.forgotten = False
        (row,) = await until_ended(database)
    assert (row["state"], row["refusals"]) == ("sent", 0)
    assert len(mail_server.received) == 1


async def test_the_mail_of_an_erased_person_is_moot(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.gone = True
    async with sending():
        await hear(database, created())
        (row,) = await until_ended(database)
    assert (row["state"], row["last_error"]) == ("moot", "person_gone")
    assert mail_server.received == []
    assert await published(database) == []


async def test_the_farewell_goes_to_the_address_kept_apart(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.gone = True
    async with sending():
        await hear(database, created(), deleted("not_activated"))
        await until_ended(database, count=2)
    assert [mail["Subject"] for mail in mail_server.received] == ["Votre compte candidat a été supprimé"]
    assert [getattr(one, "kind", None) for one in await published(database)] == ["account_deleted"]


async def test_an_outcome_replaced_meanwhile_is_not_told(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.stage = Stage.CONFIRMED
    async with sending():
        await hear(
            database,
            event(events.CandidatureCancelled, CANDIDATURE, revision=8),
            event(events.CandidatureConfirmed, CANDIDATURE, revision=9),
        )
        found = await until_ended(database, count=2)
    assert {row["kind"]: row["state"] for row in found} == {"cancelled": "moot", "confirmed": "sent"}
    assert len(mail_server.received) == 1


async def test_a_reminder_names_what_is_missing_at_the_moment_of_sending(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.missing = ("Attestation de préparation",)
    async with sending():
        await hear(database, reminder(datetime.now(UTC) + timedelta(days=1)))
        await until_ended(database)
    (mail,) = mail_server.received
    body = mail.get_body()
    assert body is not None
    assert "Attestation de préparation" in body.get_content()
    assert "Attestation" not in mail["Subject"]


async def test_a_reminder_waits_until_documents_has_heard_of_the_version_in_force(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.missing, owners.heard = (), 0
    async with sending():
        await hear(database, reminder(datetime.now(UTC) + timedelta(days=1)))
        await asyncio.sleep(0.5)
        assert "missing-pieces" in owners.asked
        async with database.connection() as conn:
            assert [row["state"] for row in await rows(conn)] == ["queued"]
        owners.missing, owners.heard = ("Attestation de préparation",), 2
        (row,) = await until_ended(database)
    assert row["state"] == "sent"
    assert len(mail_server.received) == 1


@pytest.mark.parametrize("kind", ["held", "deadline_moved"])
async def test_a_mail_says_of_no_piece_what_documents_knew_before_the_last_save(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending, kind: str
) -> None:
    owners.stage, owners.missing, owners.heard = Stage.HELD, (), 0
    told: dict[str, Event] = {
        "held": event(events.CandidatureHeld, CANDIDATURE, cause="ours"),
        "deadline_moved": event(events.DeadlineMoved, CANDIDATURE, scope="candidate"),
    }
    async with sending():
        await hear(database, told[kind])
        (row,) = await until_ended(database)
    assert (row["kind"], row["state"]) == (kind, "sent")
    body = mail_server.received[0].get_body()
    assert body is not None
    words = " ".join(body.get_content().split())
    assert "dit s’il manque une pièce" in words
    assert "Toutes vos pièces sont là" not in words
    assert paris_limit(owners.deadline_at) in words


@pytest.mark.parametrize(("offset", "state"), [(-1, "sent"), (0, "moot")])
async def test_a_reminder_leaves_until_its_deadline_and_not_after(
    database: Database,
    owners: Owners,
    context: Context[NotificationsSettings],
    offset: int,
    state: str,
) -> None:
    class Fixed:
        async def now(self, conn: Connection) -> datetime:
            return DEADLINE + timedelta(milliseconds=offset)

    owners.missing = ("Une pièce",)
    await hear(database, reminder(DEADLINE))
    await _work_until(Sender(_at(context, Fixed()), _writer()), _all_ended, database)
    async with database.connection() as conn:
        assert [row["state"] for row in await rows(conn)] == [state]


async def test_a_reminder_that_the_server_never_took_before_its_deadline_is_told_as_failed(
    database: Database, owners: Owners, context: Context[NotificationsSettings], mail_server: MailServer
) -> None:
    owners.missing = ("Une pièce",)
    mail_server.to_answer = ["451 later"]
    deadline = datetime.now(UTC) + timedelta(seconds=0.7)
    await hear(database, reminder(deadline))
    await _work_until(Sender(context, _writer()), _all_ended, database)
    told, reached = await published(database)
    assert isinstance(told, MailBounced)
    assert told.kind == "reminder"
    assert isinstance(reached, ReachabilityChanged)
    assert mail_server.received == []


async def test_a_refused_piece_is_named_by_its_owner(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.refusal = Refusal(title="Pièce d’identité", reason="Elle est expirée.")
    async with sending():
        await hear(database, event(events.DocumentRejected, DOCUMENT, review_id=REVIEW, deadline_at=None))
        await until_ended(database)
    (mail,) = mail_server.received
    body = mail.get_body()
    assert body is not None
    assert "Elle est expirée." in body.get_content()


async def test_a_defect_of_ours_loses_no_mail(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    await hear(database, created())
    async with database.connection() as conn:
        await conn.execute("UPDATE mail SET kind = 'of_a_newer_version'")
    async with sending():
        await asyncio.sleep(0.4)
    async with database.connection() as conn:
        (row,) = await rows(conn)
        await conn.execute("UPDATE mail SET kind = 'activation', next_attempt_at = clock_timestamp()")
    assert (row["state"], row["last_error"]) == ("queued", "KeyError")
    async with sending():
        await until_ended(database)
    assert len(mail_server.received) == 1


async def test_two_senders_send_each_mail_once(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    created_by = [created().model_copy(update={"candidate_id": uuid4()}) for _ in range(60)]
    await hear(database, *created_by)
    async with sending(), sending():
        await until_ended(database, count=60)
    identities = [mail["Message-ID"] for mail in mail_server.received]
    assert len(identities) == len(set(identities)) == 60
    assert len(await published(database)) == 60


async def test_a_mail_whose_sender_died_is_taken_when_the_lease_ends_and_not_before(
    database: Database,
) -> None:
    await hear(database, created())
    (dead,) = await claim(database, 10, timedelta(seconds=0.3))
    assert await claim(database, 10, LEASE) == []
    await asyncio.sleep(0.35)
    (heir,) = await claim(database, 10, LEASE)
    assert (heir.id, heir.attempts) == (dead.id, 2)


async def test_a_sender_never_claims_what_it_has_in_hand_nor_inherits_too_early(database: Database) -> None:
    await hear(database, created())
    (mine,) = await claim(database, 10, timedelta(0))
    assert await claim(database, 10, LEASE, in_hand=[mine.id]) == []
    assert await claim(database, 10, LEASE, inherit=False) == []
    assert await seconds_to_next(database, in_hand=[mine.id]) is None
    assert await seconds_to_next(database, inherit=False) is None
    assert len(await claim(database, 10, LEASE)) == 1


async def test_a_dead_senders_mail_waits_until_who_hangs_would_have_written_how_it_ended(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer
) -> None:
    await hear(database, created())
    assert len(await claim(database, 10, timedelta(0))) == 1
    settings = context.settings.model_copy(update={"inherit_after_seconds": 1.5})
    began = asyncio.get_running_loop().time()
    await _work_until(Sender(replace(context, settings=settings), _writer()), _all_ended, database)
    assert asyncio.get_running_loop().time() - began > 1.5
    assert len(mail_server.received) == 1


async def test_nothing_is_handed_over_where_another_sender_may_have_it_meanwhile(
    database: Database, context: Context[NotificationsSettings], mail_server: MailServer
) -> None:
    async def put_back(conn: Connection) -> bool:
        return bool(await conn.fetchval("SELECT bool_and(last_error = 'lease_ends') FROM mail"))

    await hear(database, created())
    lease = timedelta(seconds=context.settings.attempt_seconds - 0.1)
    await _work_until(Sender(context, _writer(), lease=lease), put_back, database)
    assert mail_server.received == []


async def test_whoever_lost_the_lease_ends_nothing_and_puts_nothing_back(database: Database) -> None:
    await hear(database, created())
    (late,) = await claim(database, 10, timedelta(seconds=0))
    (heir,) = await claim(database, 10, LEASE)
    assert not await record_failed(database, late, "SMTPDataError", 550)
    assert not await record_moot(database, late, "person_gone")
    assert not await put_back(database, late, "TimeoutError", by_server=True)
    assert await published(database) == []
    assert await record_moot(database, heir, "person_gone")


async def test_a_mail_that_left_is_sent_whoever_holds_the_lease_and_told_once(
    database: Database, context: Context[NotificationsSettings]
) -> None:
    await hear(database, created())
    (late,) = await claim(database, 10, timedelta(seconds=0))
    (heir,) = await claim(database, 10, LEASE)
    assert await record_sent(database, context.clock, late, timedelta(0))
    assert not await record_sent(database, context.clock, heir, timedelta(0))
    assert not await record_failed(database, heir, "SMTPDataError", 550)
    assert [type(one) for one in await published(database)] == [MailSent]


async def test_the_events_of_a_candidate_are_numbered_without_gap(
    database: Database, context: Context[NotificationsSettings], sending: Sending
) -> None:
    again = [event(events.ActivationMailRequested, ACCOUNT, revision=n, issue=n) for n in range(2, 8)]
    async with sending():
        await hear(database, created(), *again)
        await until_ended(database, count=7)
    assert [one.revision for one in await published(database)] == list(range(1, 8))


async def test_mails_under_way_end_before_the_sender_does(
    database: Database, mail_server: MailServer, sending: Sending
) -> None:
    mail_server.hang = asyncio.Event()
    async with sending():
        await hear(database, created())
        async with asyncio.timeout(2):
            await mail_server.arrived.wait()
        asyncio.get_running_loop().call_later(0.3, mail_server.hang.set)
    async with database.connection() as conn:
        (row,) = await rows(conn)
    assert row["state"] == "sent"


def _writer() -> Writer:
    return Writer(load_office(), SITE)


def _at(context: Context[NotificationsSettings], clock: Clock) -> Context[NotificationsSettings]:
    return Context(
        settings=context.settings,
        database=context.database,
        peers=context.peers,
        client=context.client,
        readiness=context.readiness,
        clock=clock,
    )


async def _attempts(conn: Connection, least: int) -> bool:
    return bool(await conn.fetchval("SELECT bool_and(attempts >= $1 AND lease_id IS NULL) FROM mail", least))


async def _all_ended(conn: Connection) -> bool:
    return bool(await conn.fetchval("SELECT bool_and(ended_at IS NOT NULL) FROM mail"))


async def _work_until(sender: Sender, done: Any, database: Database) -> None:
    task = asyncio.create_task(sender.run())
    try:
        async with asyncio.timeout(8):
            while True:
                async with database.connection() as conn:
                    if await done(conn):
                        break
                await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.wait({task})
