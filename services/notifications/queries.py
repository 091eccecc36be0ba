"""Reads: the mails of one candidate, oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.database import Connection
from services.contracts.events import Calendar
from services.notifications.domain import Facts, State
from services.notifications.kinds import KINDS, Kind
from services.notifications.statements import SQL


@dataclass(frozen=True, slots=True)
class MailStatus:
    id: UUID
    kind: str
    facts: Facts
    cause: str
    state: State
    message_id: str
    attempts: int
    next_attempt_at: datetime
    last_status: int | None
    last_error: str | None
    created_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    returned_at: datetime | None
    returned_code: str | None

    @property
    def of_kind(self) -> Kind:
        return KINDS[self.kind]

    @property
    def subject(self) -> str:
        return self.of_kind.subject_for(self.facts)

    @property
    def told(self) -> bool:
        """Whether its candidate is shown it: not what was dropped, nor a reminder that may not be needed."""
        waits = self.state is State.QUEUED and self.of_kind.timing is not None
        return self.state is not State.MOOT and not waits


async def mails_of(conn: Connection, candidate_id: UUID) -> list[MailStatus]:
    """Every mail queued for the candidate, whatever became of it."""
    return [_status(row) async for row in SQL.mails_of(conn, candidate_id=candidate_id)]


async def told_to(conn: Connection, candidate_id: UUID) -> list[MailStatus]:
    """Those that the candidate is shown."""
    return [mail for mail in await mails_of(conn, candidate_id) if mail.told]


async def mail_of(conn: Connection, candidate_id: UUID, mail_id: UUID) -> MailStatus | None:
    """One mail of the candidate; None for another's."""
    row = await SQL.mail_of(conn, candidate_id=candidate_id, id=mail_id)
    return None if row is None else _status(row)


async def one_told_to(conn: Connection, candidate_id: UUID, mail_id: UUID) -> MailStatus | None:
    """One of those that the candidate is shown; None for any other."""
    mail = await mail_of(conn, candidate_id, mail_id)
    return mail if mail is not None and mail.told else None


@dataclass(frozen=True, slots=True)
class MailAct:
    """An officer's act on a mail. `status` and `error`: how the mail had ended before."""

    mail_id: UUID
    act: str
    actor: str
    reason: str
    status: int | None
    error: str | None
    at: datetime


async def acts_on_mails_of(conn: Connection, candidate_id: UUID) -> dict[UUID, list[MailAct]]:
    """By mail, oldest first; no key for a mail that nobody acted on."""
    found: dict[UUID, list[MailAct]] = {}
    async for row in SQL.acts_on_mails_of(conn, candidate_id=candidate_id):
        found.setdefault(row["mail_id"], []).append(MailAct(**row))
    return found


async def is_reachable(conn: Connection, candidate_id: UUID) -> bool:
    """What `ReachabilityChanged` last said; true of whom nothing is known."""
    found: bool | None = await SQL.is_reachable(conn, candidate_id=candidate_id)
    return found is not False


async def calendar_of(conn: Connection, candidate_id: UUID) -> Calendar | None:
    """That of the candidate's session, once it is known here."""
    found = await SQL.calendar_of(conn, candidate_id=candidate_id)
    return None if found is None else Calendar.model_validate(found)


def _status(row: Mapping[str, Any]) -> MailStatus:
    fields = dict(row)
    fields |= {"facts": Facts.model_validate(fields["facts"]), "state": State(fields["state"])}
    return MailStatus(**fields)
