"""JSON over HTTP: what was written to a candidate, and whether it left."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.chassis.context import Context
from services.chassis.http import Candidate, Officer, context
from services.chassis.problems import NotFound
from services.notifications.domain import State
from services.notifications.letters import Words
from services.notifications.queries import (
    MailAct,
    MailStatus,
    acts_on_mails_of,
    is_reachable,
    mails_of,
    told_to,
)
from services.notifications.reading import Reading, Unwritten, read_again
from services.notifications.returns import meaning_of
from services.notifications.settings import NotificationsSettings

router = APIRouter(prefix="/api/notifications", tags=["notifications"])
Opened = Annotated[Context[NotificationsSettings], Depends(context)]


class Message(BaseModel):
    """One mail as its candidate sees it. `accepted_at`: when the mail server took it."""

    id: UUID
    kind: str
    cause: str
    subject: str
    state: Literal["queued", "sent", "failed"]
    created_at: datetime
    accepted_at: datetime | None


class Messages(BaseModel):
    """Oldest first."""

    messages: list[Message]


class MessageText(Message):
    """One message, read again. Its words are kept nowhere: they are written anew by today's facts, in French.

    `summary`: what it was about, in a sentence. `text` is null when `unwritten` says why: `secret_link` (it
    carried one; it is in the mail alone), `situation_changed` (what it said is not so any more), `erased`,
    `unavailable` (try again).
    """

    summary: str
    text: str | None
    unwritten: Unwritten | None


class DeliveryAct(BaseModel):
    """An officer's act on a mail. `last_status`, `last_error`: how it had ended before."""

    act: Literal["put_back"]
    at: datetime
    actor: str
    reason: str
    last_status: int | None
    last_error: str | None


class Delivery(BaseModel):
    """One mail as an officer sees it.

    `moot`: it no longer made sense and was not sent. `bounced`: the mail server took it, and it was returned
    later. `returned_code`: the enhanced status of that report (RFC 3463), or of one about a delay, and
    `returned_meaning` the same in French. `ended_at`: when it was taken, refused for good or found moot.
    `last_error`: the enhanced status of the server's answer, else the kind of error. `acts`: oldest first.
    """

    id: UUID
    kind: str
    cause: str
    subject: str
    state: State
    created_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    returned_at: datetime | None
    returned_code: str | None
    returned_meaning: str | None
    message_id: str
    acts: list[DeliveryAct]


class Deliveries(BaseModel):
    """Oldest first. `reachable`: false when no reminder of the latest deadline got through."""

    reachable: bool
    messages: list[Delivery]


@router.get("/me")
async def my_messages(who: Candidate, opened: Opened) -> Messages:
    """The mails sent to me, or about to be."""
    async with opened.database.connection() as conn:
        found = await told_to(conn, who.candidate_id)
    return Messages(messages=[_message(mail) for mail in found])


@router.get("/me/messages/{message_id}")
async def my_message(message_id: UUID, who: Candidate, opened: Opened) -> MessageText:
    """One of them, with its words."""
    found = await find_reading(opened, who.candidate_id, message_id)
    words, mail = found.words, found.mail
    return MessageText(
        **_message(mail).model_dump(),
        summary=mail.of_kind.gist,
        text=words.text if isinstance(words, Words) else None,
        unwritten=words if isinstance(words, Unwritten) else None,
    )


@router.get("/candidates/{candidate_id}")
async def messages_of(candidate_id: UUID, _: Officer, opened: Opened) -> Deliveries:
    """Every mail of a candidate and what became of it; empty for an unknown one."""
    async with opened.database.connection() as conn:
        found = await mails_of(conn, candidate_id)
        reachable = await is_reachable(conn, candidate_id)
        acts = await acts_on_mails_of(conn, candidate_id)
    return Deliveries(
        reachable=reachable, messages=[_delivery(mail, acts.get(mail.id, [])) for mail in found]
    )


async def find_reading(
    opened: Context[NotificationsSettings], candidate_id: UUID, message_id: UUID
) -> Reading:
    """The message of this candidate; a 404 for any other."""
    found = await read_again(opened, candidate_id, message_id)
    if found is None:
        raise NotFound("message-inconnu", "Ce message n’existe pas, ou il n’est pas à vous.")
    return found


def shown_state(mail: MailStatus) -> Literal["queued", "sent", "failed"]:
    """As its candidate is told it: a mail on its way is not sent yet."""
    if mail.state is State.SENT:
        return "sent"
    return "failed" if mail.state in (State.FAILED, State.BOUNCED) else "queued"


def _message(mail: MailStatus) -> Message:
    return Message(
        id=mail.id,
        kind=mail.kind,
        cause=mail.cause,
        subject=mail.subject,
        state=shown_state(mail),
        created_at=mail.created_at,
        accepted_at=mail.accepted_at,
    )


def _delivery(mail: MailStatus, acts: list[MailAct]) -> Delivery:
    return Delivery(
        id=mail.id,
        kind=mail.kind,
        cause=mail.cause,
        subject=mail.subject,
        state=mail.state,
        created_at=mail.created_at,
        accepted_at=mail.accepted_at,
        ended_at=mail.ended_at,
        attempts=mail.attempts,
        next_attempt_at=mail.next_attempt_at if mail.state is State.QUEUED else None,
        last_status=mail.last_status,
        last_error=mail.last_error,
        returned_at=mail.returned_at,
        returned_code=mail.returned_code,
        returned_meaning=meaning_of(mail.returned_code),
        message_id=mail.message_id,
        acts=[_act(one) for one in acts],
    )


def _act(act: MailAct) -> DeliveryAct:
    return DeliveryAct(
        act="put_back",
        at=act.at,
        actor=act.actor,
        reason=act.reason,
        last_status=act.status,
        last_error=act.error,
    )
