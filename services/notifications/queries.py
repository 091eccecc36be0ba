"""Reads: the mails of one candidate, oldest first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.database import Connection
from services.notifications.domain import Facts, State
from services.notifications.kinds import KINDS
from services.notifications.statements import SQL


@dataclass(frozen=True, slots=True)
class MailStatus:
    id: UUID
    kind: str
    subject: str
    cause: str
    state: State
    message_id: str
    attempts: int
    next_attempt_at: datetime
    last_status: int | None
    last_error: str | None
    created_at: datetime
    accepted_at: datetime | None


async def mails_of(conn: Connection, candidate_id: UUID) -> list[MailStatus]:
    """Every mail queued for the candidate, whatever became of it."""
    found = []
    async for row in SQL.mails_of(conn, candidate_id=candidate_id):
        fields = dict(row)
        subject = KINDS[fields["kind"]].subject_for(Facts.model_validate(fields.pop("facts")))
        fields["state"] = State(fields["state"])
        found.append(MailStatus(subject=subject, **fields))
    return found
