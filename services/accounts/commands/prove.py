"""Somebody logged in shows the password again, for what cannot be left to whoever sits at an open browser."""

from datetime import datetime
from uuid import UUID

from services.accounts import throttle
from services.accounts.domain import passwords
from services.accounts.domain.errors import AccountGone, WrongPassword
from services.accounts.service import Accounts
from services.accounts.statements import SQL


async def prove(
    accounts: Accounts, candidate_id: UUID, password: str, arrived_at: datetime, *, field: str = "password"
) -> str:
    """The hash that the password matches: what follows tests that the account still has it.

    Args:
        field: where the password was given, for who is told that it is wrong.

    Raises:
        AccountGone, WrongPassword, TooManyTries, Overloaded.
    """
    async with accounts.database.connection() as conn:
        password_hash: str | None = await SQL.password_of(conn, id=candidate_id)
    if password_hash is None:
        raise AccountGone
    own = accounts.own_passwords_of(candidate_id)
    async with throttle.counting(accounts.database, arrived_at) as tries:
        await tries.demand(own)
        if not await accounts.passwords.verify(password_hash, passwords.normalised(password)):
            raise WrongPassword(field)
        await throttle.forget(accounts.database, own)
    return password_hash
