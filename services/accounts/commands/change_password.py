"""Change one's password, logged in: every other login of the account ends, and its owner is told by mail."""

from datetime import datetime
from uuid import UUID

from services.accounts.commands.prove import no_longer_so, prove
from services.accounts.domain import passwords
from services.accounts.domain.errors import AccountGone
from services.accounts.queries import standing
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.accounts.tokens import digest
from services.chassis import outbox
from services.contracts.events import PasswordChanged
from services.contracts.stages import AccountState

_FIELD = "current_password"


async def change_password(
    accounts: Accounts, candidate_id: UUID, current: str, new: str, arrived_at: datetime, *, kept: str = ""
) -> None:
    """Set the new password.

    Args:
        kept: token or cookie of the one login that stays.

    Raises:
        AccountGone, WrongPassword, WeakPassword, TooManyTries, Overloaded: nothing was changed.
    """
    new = passwords.normalised(new)
    async with accounts.database.connection() as conn:
        row = await standing(conn, candidate_id)
    if row is None:
        raise AccountGone
    checked_hash = await prove(accounts, candidate_id, current, arrived_at, field=_FIELD)
    passwords.check(new, row.email)
    password_hash = await accounts.passwords.hash(new)
    async with accounts.database.transaction() as conn:
        await SQL.lock_account(conn, id=candidate_id)
        revision = await SQL.change_password(
            conn,
            id=candidate_id,
            password_hash=password_hash,
            checked_hash=checked_hash,
            kept_sha256=digest(kept),
        )
        if revision is None:
            raise await no_longer_so(conn, candidate_id, field=_FIELD)
        await outbox.append(
            conn, PasswordChanged(candidate_id=candidate_id, revision=revision, state=AccountState.ACTIVATED)
        )
