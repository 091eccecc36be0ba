"""A part of the worker: deletes what nobody needs any more (addresses of the deleted, old sessions)."""

import asyncio

from services.accounts.service import Accounts
from services.accounts.statements import SQL


class Upkeep:
    name = "upkeep"

    def __init__(self, accounts: Accounts, *, every_seconds: float = 600) -> None:
        self._accounts = accounts
        self._every_seconds = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await purge(self._accounts)
            await asyncio.sleep(self._every_seconds)


async def purge(accounts: Accounts) -> None:
    async with accounts.database.transaction() as conn:
        await SQL.purge(conn, now=await accounts.clock.now(conn))
