"""What accounts hears: the calendar of a session, and whether its own mails have left."""

from services.accounts.commands.expire import start_activation_period
from services.accounts.statements import SQL
from services.chassis.consumer import Consumers
from services.chassis.database import Connection
from services.contracts.envelope import Envelope
from services.contracts.events import MailBounced, MailSent, SessionScheduled
from services.contracts.topics import NOTIFICATIONS, REGISTRATION

ACTIVATION = "activation"
FAREWELLS = frozenset({"account_deleted", "account_erased"})


async def on_registration(conn: Connection, envelope: Envelope) -> None:
    """Keep the newest calendar of each session."""
    match envelope.event:
        case SessionScheduled(calendar=calendar, revision=revision):
            await SQL.store_calendar(
                conn,
                session_id=calendar.session_id,
                calendar=calendar.model_dump(mode="json"),
                revision=revision,
            )


async def on_notifications(conn: Connection, envelope: Envelope) -> None:
    """The first activation mail that left starts the 48 h; a farewell that left needs no address any more."""
    match envelope.event:
        case MailSent(kind=kind, candidate_id=candidate_id, accepted_at=accepted_at) if kind == ACTIVATION:
            await start_activation_period(conn, candidate_id, accepted_at)
        case (
            MailSent(kind=kind, candidate_id=candidate_id) | MailBounced(kind=kind, candidate_id=candidate_id)
        ) if kind in FAREWELLS:
            await SQL.forget_farewell(conn, id=candidate_id)


def register(consumers: Consumers) -> None:
    consumers.on(REGISTRATION, name="accounts.registration")(on_registration)
    consumers.on(NOTIFICATIONS, name="accounts.notifications")(on_notifications)
