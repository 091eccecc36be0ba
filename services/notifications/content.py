"""What a mail needs from the owners, asked for at the moment of sending and kept nowhere.

Raises what `Peers` raises: `PeerGone` means the person is erased, anything else is to be tried again.
"""

from uuid import UUID

from services.chassis.peers import PeerNotFound, Peers
from services.chassis.telemetry import log
from services.contracts.events import Calendar
from services.contracts.internal import Contact, Link, MissingPieces, Refusal, Standing
from services.notifications.domain import Content, Facts, is_behind
from services.notifications.kinds import Kind, Need

LARGEST_CONFIRMATION_BYTES = 2_000_000
"""One is some 50 kB. A larger one is a defect, and many mail servers refuse mails that large."""


async def address_of(peers: Peers, candidate_id: UUID, kind: Kind) -> str:
    """The candidate's e-mail address; for a farewell the one kept apart after the deletion."""
    params: dict[str, str | int] | None = {"farewell": 1} if kind.farewell else None
    contact = await peers.get("accounts", f"candidates/{candidate_id}/contact", Contact, params)
    return contact.email


async def content_for(
    peers: Peers, candidate_id: UUID, kind: Kind, facts: Facts, calendar: Calendar | None
) -> Content:
    """Everything the kind's template may name."""
    of = _Owners(peers, f"candidates/{candidate_id}")
    standing = await of.standing() if Need.STANDING in kind.needs else None
    return Content(
        link=await of.link(kind, facts),
        standing=standing,
        missing=await of.missing(kind, standing),
        refusal=await of.refusal(facts) if Need.REFUSAL in kind.needs else None,
        confirmation=await of.confirmation(facts, standing) if Need.CONFIRMATION in kind.needs else None,
        calendar=calendar,
    )


class _Owners:
    """The owners' routes about one candidate."""

    def __init__(self, peers: Peers, path: str) -> None:
        self._peers = peers
        self._path = path

    async def link(self, kind: Kind, facts: Facts) -> Link | None:
        if Need.ACTIVATION_LINK in kind.needs:
            name = "activation-link"
        elif Need.PASSWORD_RESET_LINK in kind.needs:
            name = "password-reset-link"
        else:
            return None
        params: dict[str, str | int] = {"issue": facts.issue or 1}
        return await self._peers.get("accounts", f"{self._path}/{name}", Link, params)

    async def standing(self) -> Standing:
        return await self._peers.get("registration", f"{self._path}/standing", Standing)

    async def missing(self, kind: Kind, standing: Standing | None) -> MissingPieces | None:
        """What `documents` says of an older version than `registration`'s is unknown where it may be."""
        optional = Need.MISSING_PIECES_IF_KNOWN in kind.needs
        if not optional and Need.MISSING_PIECES not in kind.needs:
            return None
        try:
            found = await self._peers.get("documents", f"{self._path}/missing-pieces", MissingPieces)
        except PeerNotFound:
            if optional:
                return None
            raise
        return None if optional and is_behind(found, standing) else found

    async def refusal(self, facts: Facts) -> Refusal | None:
        """None when `documents` tells nothing of the review: the letter then sends to the page."""
        try:
            return await self._peers.get("documents", f"{self._path}/reviews/{facts.review_id}", Refusal)
        except PeerNotFound:
            return None

    async def confirmation(self, facts: Facts, standing: Standing | None) -> bytes | None:
        """None when a newer version is saved: the older confirmation is périmée and goes to nobody.

        A version saved between the two questions is a 404: to be tried again, and then it is known.
        """
        if standing is None or facts.version != standing.registration_version:
            return None
        path = f"{self._path}/versions/{facts.version}/confirmation.pdf"
        pdf = await self._peers.get_bytes("registration", path)
        if len(pdf) <= LARGEST_CONFIRMATION_BYTES:
            return pdf
        log.error("confirmation too large for a mail", size=len(pdf))
        return None
