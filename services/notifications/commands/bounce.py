"""Writing down what a report says of a mail: once, and only of one that the mail server had taken."""

from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from services.chassis.database import Database
from services.chassis.outbox import append
from services.contracts.events import MailBounced
from services.notifications.commands.reachability import tell_reachability
from services.notifications.commands.rows import lock_candidate
from services.notifications.domain import State
from services.notifications.kinds import REMINDER
from services.notifications.report import Fate, Report
from services.notifications.statements import SQL


class Noted(Enum):
    """EARLY: the report overtook what it is about; the same one has to come again."""

    BOUNCED = auto()
    DELAYED = auto()
    NOTHING = auto()
    EARLY = auto()


@dataclass(frozen=True, slots=True)
class Named:
    """Which mail a report is about: by its sealed address, or else by the Message-ID it returns."""

    mail_id: UUID | None
    message_id: str | None


async def note_report(database: Database, named: Named, report: Report) -> Noted:
    """Bounced for good, or noted as delayed. A report repeated, or about no mail of ours, does nothing."""
    async with database.transaction() as conn:
        mail = await SQL.mail_to_judge(conn, id=named.mail_id, message_id=named.message_id)
        if mail is None:
            return Noted.NOTHING
        candidate_id: UUID = mail["candidate_id"]
        await lock_candidate(conn, candidate_id)
        state = await SQL.state_of(conn, id=mail["id"])
        if state in (State.QUEUED, State.SENDING):
            return Noted.EARLY
        if report.fate is Fate.DELAYED:
            await SQL.note_delay(conn, id=mail["id"], code=report.code)
            return Noted.DELAYED if state == State.SENT else Noted.NOTHING
        if await SQL.mark_bounced(conn, id=mail["id"], code=report.code) is None:
            return Noted.NOTHING
        event = MailBounced(
            candidate_id=candidate_id,
            revision=await SQL.next_revision(conn, candidate_id=candidate_id),
            mail_id=mail["id"],
            kind=mail["kind"],
            cause=mail["cause"],
            state="bounced",
            status=report.reply,
        )
        await append(conn, event)
        if mail["kind"] == REMINDER:
            await tell_reachability(conn, candidate_id)
        return Noted.BOUNCED
