"""Somebody logged in shows the password again, for what cannot be left to whoever sits at an open browser."""

from datetime import datetime
from uuid import UUID

from services.accounts import throttle
from services.accounts.domain import passwords
from services.accounts.domain.errors import AccountGone, AccountsError, WrongPassword
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis.database import Connection


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


async def no_longer_so(conn: Connection, candidate_id: UUID, *, field: str = "password") -> AccountsError:
    """What to say where the account has not the hash any more.

    It is erased, as by the same request, sent before and given up by its sender; or its password was changed.
    """
    if await SQL.password_of(conn, id=candidate_id) is None:
        return AccountGone()
    return WrongPassword(field)
