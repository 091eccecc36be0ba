"""Erase an account on its owner's request: at any time, whatever became of the candidature.

The fact that it is deleted has every service erase what it keeps of the person. The address stays apart until
the mail that says so has left: its owner should hear of it, above all if it was somebody else who asked.
"""

from datetime import datetime, timedelta
from uuid import UUID

from services.accounts.commands.prove import prove
from services.accounts.domain.errors import WrongPassword
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis import outbox
from services.contracts.events import AccountDeleted
from services.contracts.stages import AccountState


async def erase(accounts: Accounts, candidate_id: UUID, password: str, arrived_at: datetime) -> None:
    """Erase it, at once and for good.

    Raises:
        AccountGone, WrongPassword, TooManyTries, Overloaded: nothing was changed.
    """
    checked_hash = await prove(accounts, candidate_id, password, arrived_at)
    kept_for = timedelta(seconds=accounts.settings.farewell_seconds)
    async with accounts.database.transaction() as conn:
        now = await accounts.clock.now(conn)
        row = await SQL.erase(conn, id=candidate_id, checked_hash=checked_hash, now=now, until=now + kept_for)
        if row is None:
            raise WrongPassword  # changed elsewhere meanwhile
        await outbox.append(
            conn,
            AccountDeleted(
                candidate_id=candidate_id,
                revision=row["revision"] + 1,
                state=AccountState.DELETED,
                reason="erased",
            ),
        )
