"""`/internal/candidates`: the address and the links, told to `notifications` at the moment of sending.

The address also to `registration`, which offers it to its candidate in the form.

410 is final for who asks, so it needs a statement: the tombstone, or that what was asked for is spent. Who is
not known is a 404, to be asked again: the database may have been restored from before they came.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.accounts.api.dependencies import Service
from services.accounts.domain.links import Kind, Link
from services.accounts.queries import farewell_address, is_buried, reset_expiry, standing
from services.accounts.service import Accounts
from services.chassis.database import Connection
from services.chassis.http import caller
from services.chassis.identity import Identity
from services.chassis.problems import Gone, NotFound
from services.contracts.internal import Contact
from services.contracts.internal import Link as LinkShape
from services.contracts.stages import AccountState

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
)
_SENDER = caller("notifications")


@router.get("/contact")
async def contact(
    candidate_id: UUID,
    accounts: Service,
    who: Annotated[Identity, Depends(caller("notifications", "registration"))],
    farewell: bool = False,
) -> Contact:
    """The address; with `farewell` that of a deleted account, for the one mail that says so."""
    if farewell:
        _SENDER(who)
    async with accounts.database.connection() as conn:
        if farewell:
            email = await farewell_address(conn, candidate_id, await accounts.clock.now(conn))
        else:
            row = await standing(conn, candidate_id)
            email = row.email if row else None
        if email is None:
            raise await _nobody(conn, candidate_id)
    return Contact(email=email)


@router.get("/activation-link", dependencies=[Depends(_SENDER)])
async def activation_link(candidate_id: UUID, issue: int, accounts: Service) -> LinkShape:
    """The link of mail `issue`; 410 when it could do nothing any more."""
    async with accounts.database.connection() as conn:
        row = await standing(conn, candidate_id)
        if row is None:
            raise await _nobody(conn, candidate_id)
        now = await accounts.clock.now(conn)
    if row.state is not AccountState.AWAITING_ACTIVATION:
        raise _gone()
    if row.activation_expires_at is not None and row.activation_expires_at <= now:
        raise _gone()
    if not 1 <= issue <= row.issue:
        raise NotFound("lien-inconnu", "Ce lien n’a pas été demandé.")
    url = _url(accounts, "activation", "/compte/activation", Link(candidate_id, issue))
    return LinkShape(url=url, expires_at=row.activation_expires_at)


@router.get("/password-reset-link", dependencies=[Depends(_SENDER)])
async def password_reset_link(candidate_id: UUID, issue: int, accounts: Service) -> LinkShape:
    """The link of reset `issue`; 410 when it could do nothing any more."""
    async with accounts.database.connection() as conn:
        row = await standing(conn, candidate_id)
        if row is None:
            raise await _nobody(conn, candidate_id)
        expires_at = await reset_expiry(conn, candidate_id, issue)
        now = await accounts.clock.now(conn)
    if not 1 <= issue <= row.reset_issue:
        raise NotFound("lien-inconnu", "Ce lien n’a pas été demandé.")
    if expires_at is None:
        raise _gone()
    if row.state is AccountState.AWAITING_ACTIVATION and row.activation_expires_at is not None:
        expires_at = min(expires_at, row.activation_expires_at)
    if expires_at <= now:
        raise _gone()
    url = _url(accounts, "password_reset", "/compte/mot-de-passe", Link(candidate_id, issue))
    return LinkShape(url=url, expires_at=expires_at)


def _url(accounts: Accounts, kind: Kind, path: str, link: Link) -> str:
    return f"{accounts.settings.public_url.rstrip('/')}{path}?lien={accounts.links.token(kind, link)}"


async def _nobody(conn: Connection, candidate_id: UUID) -> Gone | NotFound:
    if await is_buried(conn, candidate_id):
        return _gone()
    return NotFound("candidat-inconnu", "Aucun compte ne porte cet identifiant.")


def _gone() -> Gone:
    return Gone("plus-rien-a-envoyer", "Cette personne n’attend plus ce message.")
