"""What every use case of accounts works with, opened once for a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from services.accounts.addresses import Address
from services.accounts.domain.links import LinkKeys
from services.accounts.hashing import Passwords
from services.accounts.settings import AccountsSettings
from services.accounts.throttle import FailureMeter, Limit
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database


@dataclass(frozen=True)
class Accounts:
    settings: AccountsSettings
    database: Database
    clock: Clock
    links: LinkKeys
    passwords: Passwords
    failures: FailureMeter

    @property
    def mail_limit(self) -> Limit:
        return Limit(self.settings.mails_per_hour, timedelta(hours=1))

    @property
    def login_limit(self) -> Limit:
        return Limit(self.settings.login_tries, timedelta(seconds=self.settings.login_window_seconds))

    def throttled(self, purpose: str, address: Address) -> bytes:
        """The name under which tries of `address` are counted."""
        return self.links.secret_name(purpose, address.key)


@asynccontextmanager
async def open_accounts(context: Context[AccountsSettings]) -> AsyncIterator[Accounts]:
    settings = context.settings
    passwords = Passwords(waiting=settings.argon2_waiting)
    try:
        yield Accounts(
            settings=settings,
            database=context.database,
            clock=context.clock,
            links=settings.link_keys,
            passwords=passwords,
            failures=FailureMeter(settings.failures_per_minute),
        )
    finally:
        passwords.close()
