"""Which piece the address of an upload or a put-back names. Pure: of the address there is the digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.chassis.gateway_logs.lines import short


@dataclass(frozen=True, slots=True)
class Named:
    """What a request was for: an upload to `piece`, or the put-back of `file_id`. Neither: not known."""

    piece: str = ""
    file_id: UUID | None = None


def named(asked: str, pieces: Iterable[tuple[str, UUID | None]]) -> Named:
    """Which of the candidate's pieces, or of their files, an address is about."""
    for piece, file_id in pieces:
        if asked in map(short, _addresses(piece, file_id)):
            return Named(file_id=file_id) if file_id else Named(piece)
    return Named()


def addresses(pieces: Iterable[str]) -> dict[str, str]:
    """Digest of an address to which a piece is uploaded → the piece."""
    return {short(address): piece for piece in pieces for address in _addresses(piece, None)}


def _addresses(piece: str, file_id: UUID | None) -> tuple[str, str]:
    if file_id is None:
        return f"/api/documents/me/pieces/{piece}/files", f"/documents/envoi/{piece}"
    return f"/api/documents/me/files/{file_id}/restoration", f"/documents/{piece}/{file_id}/remise"
