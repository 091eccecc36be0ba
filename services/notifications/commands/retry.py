"""Putting a failed mail back into the queue: an officer's act, kept with its reason in its transaction."""

from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.database import Connection, Database
from services.notifications.domain import State, expired
from services.notifications.queries import MailStatus, calendar_of, mail_of
from services.notifications.statements import SQL


class Retry(Enum):
    """What became of it. But for QUEUED nothing was changed.

    NOT_FAILED: it waits, has left or made no sense; one that left and came back would be a double.
    OVERTAKEN: the limit that it reminded of has come.
    """

    QUEUED = auto()
    UNKNOWN = auto()
    ERASED = auto()
    NOT_FAILED = auto()
    OVERTAKEN = auto()


@dataclass(frozen=True, slots=True)
class By:
    """Which officer acts, and why."""

    officer: str
    reason: str

    @property
    def actor(self) -> str:
        return f"officer:{self.officer}"


async def put_back_failed(
    database: Database, clock: Clock, candidate_id: UUID, mail_id: UUID, by: By
) -> Retry:
    """The same row waits again, due at once, with its cause and its Message-ID.

    What was told of it stays told until it ends anew: a reminder that waits has warned nobody (ours 7).
    """
    async with database.transaction() as conn:
        # The id was typed: of one that is unknown no row is made.
        known = await SQL.lock_candidate(conn, candidate_id=candidate_id)
        if await SQL.is_buried(conn, candidate_id=candidate_id):
            return Retry.ERASED
        mail = await mail_of(conn, candidate_id, mail_id)
        if known is None or mail is None:
            return Retry.UNKNOWN
        if mail.state is not State.FAILED:
            return Retry.NOT_FAILED
        now = await clock.now(conn)
        if expired(mail.of_kind.conditions, mail.facts, await calendar_of(conn, candidate_id), now):
            return Retry.OVERTAKEN
        await _queue_again(conn, mail, by)
    return Retry.QUEUED


async def _queue_again(conn: Connection, mail: MailStatus, by: By) -> None:
    await SQL.add_act(
        conn,
        mail_id=mail.id,
        act="put_back",
        actor=by.actor,
        reason=by.reason,
        status=mail.last_status,
        error=mail.last_error,
    )
    await SQL.queue_again(conn, id=mail.id)
