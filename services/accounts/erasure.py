"""How an erasure stands: what each service still keeps of the person, in numbers, asked of all of them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from services.accounts.domain.errors import KeptElsewhere, NoSuchCandidate
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis.peers import PeerError
from services.chassis.telemetry import describe, log
from services.contracts.internal import Holdings

_OTHERS = ("registration", "documents", "notifications")


@dataclass(frozen=True, slots=True)
class Erasure:
    """`erased_at`: None before the act. `reason`, `actor`: of an officer's act.

    `services`: None for one that gives no answer now.
    """

    erased_at: datetime | None
    reason: str | None
    actor: str | None
    services: dict[str, Holdings | None]

    @property
    def complete(self) -> bool:
        """Whether every service has confirmed that nothing is left and that nothing can come back."""
        return all(
            one is not None and one.buried and not any(one.kept.values()) for one in self.services.values()
        )


async def erasure_of(accounts: Accounts, candidate_id: UUID) -> Erasure:
    """Ask all of them. Of whom `accounts` has forgotten, restored from a backup, another service may know.

    Raises:
        NoSuchCandidate: none of them knows the person.
        KeptElsewhere: `accounts` does not, and another one gives no answer.
    """
    async with accounts.database.connection() as conn:
        stone = await SQL.erasure(conn, id=candidate_id)
        own = Holdings(buried=stone is not None, kept=dict(await SQL.holdings(conn, id=candidate_id)))
    others = await asyncio.gather(*(_holdings(accounts, service, candidate_id) for service in _OTHERS))
    if not any(map(_knows, (own, *others))):
        raise KeptElsewhere if None in others else NoSuchCandidate
    return Erasure(
        erased_at=stone and stone["deleted_at"],
        reason=stone and stone["reason"],
        actor=stone and stone["actor"],
        services={"accounts": own, **dict(zip(_OTHERS, others, strict=True))},
    )


def _knows(holdings: Holdings | None) -> bool:
    return holdings is not None and (holdings.buried or any(holdings.kept.values()))


async def _holdings(accounts: Accounts, service: str, candidate_id: UUID) -> Holdings | None:
    try:
        return await accounts.peers.get(service, f"candidates/{candidate_id}/holdings", Holdings)
    except (PeerError, httpx.HTTPError) as error:
        log.warning("holdings not told", peer=service, **describe(error))
        return None
