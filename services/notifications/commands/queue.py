"""Queueing, inside the transaction of the consumer's inbox: once per cause, never for a deleted person.

Mails need no revision check: the cause makes a repeated or late event harmless, and the owners are asked
again when the mail is sent. Only a deletion has the last word, by its tombstone.
"""

from uuid import UUID

from services.chassis.database import Connection
from services.chassis.outbox import current_traceparent
from services.contracts.events import AccountDeleted, SessionScheduled
from services.notifications.causes import due_mail
from services.notifications.commands.rows import lock_candidate
from services.notifications.domain import DueMail, message_id
from services.notifications.statements import SQL


async def queue(conn: Connection, mail: DueMail, mail_domain: str) -> None:
    """Queue `mail` unless its cause was queued before or its candidate is deleted."""
    await lock_candidate(conn, mail.candidate_id)
    if await SQL.is_buried(conn, candidate_id=mail.candidate_id):
        return
    await _insert(conn, mail, mail_domain)


async def delete_candidate(conn: Connection, event: AccountDeleted, mail_domain: str) -> None:
    """End the mails of a deleted account, queue the one that says so; the erased have only that one left.

    What officers wrote about a mail goes in every case: it may tell of the person.
    """
    await lock_candidate(conn, event.candidate_id)
    buried = await SQL.is_buried(conn, candidate_id=event.candidate_id)
    if event.reason == "erased":
        await SQL.delete_mails(conn, candidate_id=event.candidate_id)
    elif not buried:
        await SQL.drop_waiting(conn, candidate_id=event.candidate_id)
    await SQL.forget_acts(conn, candidate_id=event.candidate_id)
    farewell = due_mail(event)
    if farewell is not None and not buried:
        await _insert(conn, farewell, mail_domain)
    await SQL.bury(conn, candidate_id=event.candidate_id)


async def drop_waiting_kind(conn: Connection, candidate_id: UUID, kind: str) -> None:
    """End the candidate's mails of this kind that wait."""
    await lock_candidate(conn, candidate_id)
    await SQL.drop_waiting_kind(conn, candidate_id=candidate_id, kind=kind)


async def keep_calendar(conn: Connection, event: SessionScheduled) -> None:
    """Keep the session's calendar if this is a later one than what is known."""
    calendar = event.calendar
    await SQL.keep_calendar(
        conn,
        session_id=calendar.session_id,
        revision=event.revision,
        calendar=calendar.model_dump(mode="json"),
    )


async def _insert(conn: Connection, mail: DueMail, mail_domain: str) -> None:
    if mail.facts.session_id is not None:
        await SQL.remember_session(conn, candidate_id=mail.candidate_id, session_id=mail.facts.session_id)
    await SQL.queue_mail(
        conn,
        candidate_id=mail.candidate_id,
        kind=mail.kind,
        cause=mail.cause,
        facts=mail.facts.model_dump(mode="json", exclude_none=True),
        message_id=message_id(mail.cause, mail_domain),
        traceparent=current_traceparent(),
    )
