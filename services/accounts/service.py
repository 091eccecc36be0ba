"""What every use case of accounts works with, opened once for a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.accounts.addresses import Address
from services.accounts.domain.links import LinkKeys
from services.accounts.hashing import Passwords
from services.accounts.settings import AccountsSettings
from services.accounts.throttle import Count, FailureMeter, Limit
from services.chassis.clock import Clock
from services.chassis.context import Context
from services.chassis.database import Database
from services.chassis.peers import Peers

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Accounts:
    settings: AccountsSettings
    database: Database
    clock: Clock
    links: LinkKeys
    passwords: Passwords
    failures: FailureMeter
    peers: Peers

    def mails_to(self, address: Address, kind: str) -> Count:
        """What `address` can be made to receive, whoever asks."""
        limit = Limit(self.settings.mails_per_hour, _HOUR)
        return Count(kind, self.links.secret_name(kind, address.key), limit)

    def creations_from(self, network: str) -> Count:
        limit = Limit(self.settings.network_creations_per_hour, _HOUR)
        return self._of_network("network-creations", network, limit)

    def mail_requests_from(self, network: str) -> Count:
        limit = Limit(self.settings.network_mail_requests_per_hour, _HOUR)
        return self._of_network("network-mail-requests", network, limit)

    def spare_mail_requests(self, address: Address, network: str) -> Count:
        """What a network that asked for too many mails may still ask for one address."""
        return self._spare("spare-mail-requests", address, network, _HOUR)

    def logins_from(self, network: str) -> Count:
        limit = Limit(self.settings.network_login_tries, self._login_window)
        return self._of_network("network-logins", network, limit)

    def logins_to(self, address: Address, network: str) -> Count:
        """Tries of an address from a network: what others try elsewhere locks nobody out here."""
        return self._password_tries("login", _from(address, network))

    def spare_logins(self, address: Address, network: str) -> Count:
        """Tries that a network which failed too often still has with one address."""
        return self._spare("spare-logins", address, network, self._login_window)

    def logins_of(self, browser: str) -> Count:
        """Tries of a browser that has logged in before."""
        return self._password_tries("browser-login", browser)

    def activations_of(self, candidate_id: UUID) -> Count:
        return self._password_tries("activation", str(candidate_id))

    def own_passwords_of(self, candidate_id: UUID) -> Count:
        """Tries of somebody logged in, who must show the password again."""
        return self._password_tries("own-password", str(candidate_id))

    @property
    def _login_window(self) -> timedelta:
        return timedelta(seconds=self.settings.login_window_seconds)

    def _password_tries(self, purpose: str, of: str) -> Count:
        limit = Limit(self.settings.login_tries, self._login_window)
        return Count(purpose, self.links.secret_name(purpose, of), limit)

    def _spare(self, purpose: str, address: Address, network: str, window: timedelta) -> Count:
        limit = Limit(self.settings.full_network_tries, window)
        return Count(purpose, self.links.secret_name(purpose, _from(address, network)), limit)

    def _of_network(self, purpose: str, network: str, limit: Limit) -> Count:
        return Count(purpose, self.links.secret_name(purpose, network), limit)


def _from(address: Address, network: str) -> str:
    return f"{address.key}|{network}"


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
            failures=FailureMeter(settings.alarming_failures_per_minute),
            peers=context.peers,
        )
    finally:
        passwords.close()
