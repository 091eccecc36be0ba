"""What this service hears: calendars, candidatures, accounts, and who was or cannot be warned.

Checklists are fetched from their owner. Handlers bear duplicates, disorder and replay: facts of
`registration` by their revision, checklists and what `notifications` says by theirs. What must be fetched is
fetched before the first lock.
"""

from services.chassis.consumer import Consumers
from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.peers import PeerGone, PeerNotFound
from services.contracts.envelope import Envelope
from services.contracts.events import (
    AccountActivated,
    AccountCreated,
    AccountDeleted,
    CandidatureEvent,
    MailSent,
    ReachabilityChanged,
    SessionScheduled,
)
from services.contracts.internal import Checklist
from services.contracts.topics import ACCOUNTS, NOTIFICATIONS, REGISTRATION
from services.documents.commands import hearing
from services.documents.commands.rows import count_dead_letters
from services.documents.settings import Settings
from services.documents.statements import sql


class Hearing:
    """This service's handlers, bound to its open resources."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx

    async def from_registration(self, conn: Connection, envelope: Envelope) -> None:
        match envelope.event:
            case SessionScheduled() as event:
                await hearing.session_scheduled(conn, event)
            case CandidatureEvent() as event:
                checklist = await self._checklist_for(conn, event)
                await hearing.candidature_changed(conn, event, checklist, self._ctx.clock)

    async def from_accounts(self, conn: Connection, envelope: Envelope) -> None:
        match envelope.event:
            case AccountCreated() | AccountActivated() as event:
                await hearing.account_known(conn, event.candidate_id, event.session_id)
            case AccountDeleted() as event:
                await hearing.account_deleted(conn, event.candidate_id)

    async def from_notifications(self, conn: Connection, envelope: Envelope) -> None:
        match envelope.event:
            case ReachabilityChanged() as event:
                await hearing.reachability_changed(conn, event, self._ctx.clock)
            case MailSent() as event:
                await hearing.mail_sent(conn, event, self._ctx.clock)

    async def _checklist_for(self, conn: Connection, event: CandidatureEvent) -> Checklist | None:
        """The latest checklist, if this fact speaks of a version that is not known here yet."""
        if event.registration_version == 0:
            return None
        row = await sql.read_candidate(conn, candidate_id=event.candidate_id)
        if row is not None and row["registration_version"] >= event.registration_version:
            return None
        path = f"candidates/{event.candidate_id}/checklist"
        try:
            return await self._ctx.peers.get("registration", path, Checklist)
        except (PeerGone, PeerNotFound):
            return None


def consumers(ctx: Context[Settings], kafka: KafkaSettings) -> Consumers:
    """The subscribers of this service's worker."""
    found = Consumers(
        service="documents",
        kafka=kafka,
        readiness=ctx.readiness,
        database=ctx.database,
        on_quarantine=count_dead_letters,
    )
    handlers = Hearing(ctx)
    found.on(REGISTRATION, name="documents.registration")(handlers.from_registration)
    found.on(ACCOUNTS, name="documents.accounts")(handlers.from_accounts)
    found.on(NOTIFICATIONS, name="documents.notifications")(handlers.from_notifications)
    return found
