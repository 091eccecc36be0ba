"""JSON over HTTP: what was written to a candidate, and whether it left."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.chassis.context import Context
from services.chassis.http import Candidate, Officer, context
from services.notifications.domain import State
from services.notifications.kinds import KINDS
from services.notifications.queries import MailStatus, mails_of
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


class Delivery(BaseModel):
    """One mail as an officer sees it; `moot`: it no longer made sense and was not sent."""

    id: UUID
    kind: str
    cause: str
    subject: str
    state: State
    created_at: datetime
    accepted_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    message_id: str


class Deliveries(BaseModel):
    """Oldest first."""

    messages: list[Delivery]


@router.get("/me")
async def my_messages(who: Candidate, opened: Opened) -> Messages:
    """The mails sent to me, or about to be."""
    async with opened.database.connection() as conn:
        found = await mails_of(conn, who.candidate_id)
    return Messages(messages=[_message(mail) for mail in found if _told(mail)])


@router.get("/candidates/{candidate_id}")
async def messages_of(candidate_id: UUID, _: Officer, opened: Opened) -> Deliveries:
    """Every mail of a candidate and what became of it; empty for an unknown one."""
    async with opened.database.connection() as conn:
        found = await mails_of(conn, candidate_id)
    return Deliveries(messages=[_delivery(mail) for mail in found])


def _told(mail: MailStatus) -> bool:
    """Not what was dropped, nor a reminder that waits and may never be needed."""
    waits = mail.state is State.QUEUED and KINDS[mail.kind].timing is not None
    return mail.state is not State.MOOT and not waits


def _message(mail: MailStatus) -> Message:
    state: Literal["queued", "sent", "failed"] = "queued"
    if mail.state is State.SENT:
        state = "sent"
    elif mail.state is State.FAILED:
        state = "failed"
    return Message(
        id=mail.id,
        kind=mail.kind,
        cause=mail.cause,
        subject=mail.subject,
        state=state,
        created_at=mail.created_at,
        accepted_at=mail.accepted_at,
    )


def _delivery(mail: MailStatus) -> Delivery:
    return Delivery(
        id=mail.id,
        kind=mail.kind,
        cause=mail.cause,
        subject=mail.subject,
        state=mail.state,
        created_at=mail.created_at,
        accepted_at=mail.accepted_at,
        attempts=mail.attempts,
        next_attempt_at=mail.next_attempt_at if mail.state is State.QUEUED else None,
        last_status=mail.last_status,
        last_error=mail.last_error,
        message_id=mail.message_id,
    )
