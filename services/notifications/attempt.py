"""One attempt to send one mail, and how it ended; nothing here is written to the database.

Ending
├── Sent     the server answered 250
├── Failed   it is final that this mail cannot be delivered
├── Moot     the mail no longer makes sense: nothing was sent
├── Early    it was queued ahead and its time has not come
└── Later    to be tried again
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from services.chassis.context import Context
from services.chassis.peers import PeerGone
from services.chassis.telemetry import describe, log
from services.notifications.commands.outcome import ClaimedMail
from services.notifications.content import address_of, content_for
from services.notifications.domain import expired, gives_up, moot_because
from services.notifications.kinds import KINDS
from services.notifications.letters import Writer
from services.notifications.return_path import return_path
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import NotNow, Refused, deliver, message
from services.notifications.timing import Timing, due_at


@dataclass(frozen=True, slots=True)
class Sent:
    """`at`: the event loop's time of the 250."""

    at: float


@dataclass(frozen=True, slots=True)
class Failed:
    """`given_up`: the server said for a week that it would not take it now."""

    error: str
    status: int | None = None
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Moot:
    reason: str


@dataclass(frozen=True, slots=True)
class Early:
    until: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """`by_server`: the mail server did not take it, as opposed to an owner that did not answer us."""

    error: str
    by_server: bool = False
    status: int | None = None


Ending = Sent | Failed | Moot | Early | Later


async def attempt(
    context: Context[NotificationsSettings],
    writer: Writer,
    mail: ClaimedMail,
    *,
    process_ends: asyncio.Event,
    lease_ends: float,
) -> Ending:
    """Fetch the address and the content, write the letter, hand it to the mail server. Raises nothing.

    process_ends: once it is set the mail is not handed over any more, since its 250 may come too late.
    lease_ends: by the event loop's time; nor is it where less is left than the server has for its 250, as
        after a process was frozen: another sender may have it.
    """
    try:
        async with asyncio.timeout(context.settings.attempt_seconds):
            prepared = await _prepare(context, writer, mail)
        if not isinstance(prepared, EmailMessage):
            return prepared
        if process_ends.is_set():
            return Later("process_ends")
        if lease_ends - asyncio.get_running_loop().time() < context.settings.attempt_seconds:
            return Later("lease_ends")
        return Sent(await deliver(context.settings, prepared, return_path(context.settings, mail.id)))
    except PeerGone:
        return Moot("person_gone")
    except Refused as refused:
        return Failed(refused.error, refused.status)
    except NotNow as refused:
        if gives_up(refused.answer, mail.refusals + 1):
            return Failed(refused.error, refused.status, given_up=True)
        return Later(refused.error, by_server=True, status=refused.status)
    except Exception as error:  # noqa: BLE001 - a peer away or a defect: the mail is not lost for it
        facts = describe(error)
        log.warning("attempt failed", mail=str(mail.id), kind=mail.kind, **facts)
        return Later(facts["error"])


async def _prepare(
    context: Context[NotificationsSettings], writer: Writer, mail: ClaimedMail
) -> EmailMessage | Failed | Moot | Early | Later:
    kind = KINDS[mail.kind]
    async with context.database.connection() as conn:
        now = await context.clock.now(conn)
    if expired(kind.conditions, mail.facts, mail.calendar, now):
        # Ours 7 wants to know of reminders that never arrived, so the server's refusals make it a failure.
        return Failed("not_taken_before_deadline") if mail.refusals else Moot("deadline_passed")
    if kind.timing is not None and (not_now := _not_due(kind.timing, mail, now)):
        return not_now
    to = await address_of(context.peers, mail.candidate_id, kind)
    content = await content_for(context.peers, mail.candidate_id, kind, mail.facts, mail.calendar)
    if kind.conditions.owner_is_behind(content):
        return Later("owner_behind")
    if reason := moot_because(kind.conditions, mail.facts, content):
        return Moot(reason)
    letter = writer.write(kind, mail.facts, content, now)
    sender = context.settings.mail_from
    return message(letter, to=to, sender=sender, message_id=mail.message_id, now=now)


def _not_due(timing: Timing, mail: ClaimedMail, now: datetime) -> Moot | Early | Later | None:
    if mail.calendar is None:
        return Later("calendar_unknown")
    due = due_at(timing, mail.facts, mail.calendar, mail.created_at)
    if due is None:
        return Moot("too_soon_after")
    return Early(due) if now < due else None
