"""What this service hears: every event that asks for a mail queues it, in the inbox's transaction."""

from services.chassis.consumer import Consumers
from services.chassis.database import Connection
from services.contracts.envelope import Envelope
from services.contracts.events import AccountDeleted, CandidateEvent, SessionScheduled
from services.contracts.topics import ACCOUNTS, DOCUMENTS, REGISTRATION
from services.notifications.causes import due_mail, ended_kind
from services.notifications.commands.queue import delete_candidate, drop_waiting_kind, keep_calendar, queue


class Hearing:
    """The one handler of all topics. `mail_domain` makes the Message-IDs."""

    def __init__(self, mail_domain: str) -> None:
        self._mail_domain = mail_domain

    async def hear(self, conn: Connection, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, SessionScheduled):
            await keep_calendar(conn, event)
        elif isinstance(event, AccountDeleted):
            await delete_candidate(conn, event, self._mail_domain)
        elif isinstance(event, CandidateEvent):
            if kind := ended_kind(event):
                await drop_waiting_kind(conn, event.candidate_id, kind)
            if mail := due_mail(event):
                await queue(conn, mail, self._mail_domain)


def register(consumers: Consumers, mail_domain: str) -> None:
    """One consumer group per topic."""
    hearing = Hearing(mail_domain)
    for topic in (ACCOUNTS, REGISTRATION, DOCUMENTS):
        consumers.on(topic, name=f"notifications.{topic.owner}")(hearing.hear)
