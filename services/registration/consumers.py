"""What this service hears: of accounts made, activated and deleted; of verdicts, missing pieces and refusals.

Handlers run in the inbox's transaction and bear duplicates, disorder and replay: `accounts`' facts by their
revision, verdicts and what takes one back by `evidence_rev`, a refusal's deadline because the later of the
two is kept.
"""

from services.chassis.clock import Clock
from services.chassis.consumer import Consumers
from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.contracts.envelope import Envelope
from services.contracts.events import (
    AccountActivated,
    AccountCreated,
    AccountDeleted,
    ChecklistReopened,
    ChecklistSettled,
    DocumentRejected,
)
from services.contracts.topics import ACCOUNTS, DOCUMENTS
from services.registration.commands.accounts import account_activated, account_created, account_deleted
from services.registration.commands.rows import count_dead_letters
from services.registration.commands.verdicts import checklist_reopened, checklist_settled, document_rejected
from services.registration.settings import Settings


async def from_accounts(conn: Connection, envelope: Envelope, clock: Clock) -> None:
    match envelope.event:
        case AccountCreated() as event:
            await account_created(conn, event)
        case AccountActivated() as event:
            await account_activated(conn, event, clock)
        case AccountDeleted() as event:
            await account_deleted(conn, event)


async def from_documents(conn: Connection, envelope: Envelope, clock: Clock) -> None:
    match envelope.event:
        case ChecklistSettled() as event:
            await checklist_settled(conn, event, clock)
        case ChecklistReopened() as event:
            await checklist_reopened(conn, event)
        case DocumentRejected() as event:
            await document_rejected(conn, event, clock)


def consumers(ctx: Context[Settings], kafka: KafkaSettings) -> Consumers:
    """The subscribers of this service's worker."""
    found = Consumers(
        service="registration",
        kafka=kafka,
        readiness=ctx.readiness,
        database=ctx.database,
        on_quarantine=count_dead_letters,
    )

    @found.on(ACCOUNTS, name="registration.accounts")
    async def accounts(conn: Connection, envelope: Envelope) -> None:
        await from_accounts(conn, envelope, ctx.clock)

    @found.on(DOCUMENTS, name="registration.documents")
    async def documents(conn: Connection, envelope: Envelope) -> None:
        await from_documents(conn, envelope, ctx.clock)

    return found
