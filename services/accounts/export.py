"""« Mes données »: what every service keeps of a person, collected for that person, whole or not at all."""

import asyncio
from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from services.accounts.domain.errors import AccountGone
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis.peers import PeerGone, PeerNotFound
from services.contracts.internal import Export

_OTHERS = ("registration", "documents", "notifications")


class MyData(BaseModel):
    """One part for each service; null where it keeps nothing. Files are links, for who is logged in."""

    model_config = ConfigDict(frozen=True)

    made_at: AwareDatetime
    candidate_id: UUID
    account: dict[str, JsonValue]
    registration: dict[str, JsonValue] | None
    documents: dict[str, JsonValue] | None
    messages: dict[str, JsonValue] | None


async def my_data(accounts: Accounts, candidate_id: UUID, now: datetime) -> MyData:
    """Ask all of them.

    Raises:
        AccountGone: there is nobody to tell about.
        PeerRefused, httpx.HTTPError: a service is away; half of the data would look like all of it.
    """
    async with accounts.database.connection() as conn:
        own = await SQL.export(conn, id=candidate_id)
    if own is None:
        raise AccountGone
    parts = await asyncio.gather(*(_part(accounts, service, candidate_id) for service in _OTHERS))
    registration, documents, messages = parts
    return MyData(
        made_at=now,
        candidate_id=candidate_id,
        account=own,
        registration=registration,
        documents=documents,
        messages=messages,
    )


async def _part(accounts: Accounts, service: str, candidate_id: UUID) -> dict[str, JsonValue] | None:
    try:
        return (await accounts.peers.get(service, f"candidates/{candidate_id}/export", Export)).kept
    except (PeerNotFound, PeerGone):
        return None
