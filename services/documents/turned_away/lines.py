"""A line of a gateway's log: an upload or a put-back that no owner ended. Pure.

Of the session and of the address there are the first four bytes of the SHA-256 (Caddy's `hash` filter).
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

_HASH = re.compile(r"[0-9a-f]{8}")
_SHOWN = ("bearer", "cookie", "host_cookie")
_CUT = 499
_BEGINS = b'{"level":'
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """Not what a gateway writes."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """`shown`: beginnings of the digests of the tokens the request showed; `asked`: of its address."""

    attempt_id: UUID
    arrived_at: datetime
    shown: tuple[str, ...]
    asked: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a request was for: an upload to `piece`, or the put-back of `file_id`. Neither: not known."""

    piece: str = ""
    file_id: UUID | None = None


def short(text: str) -> str:
    """As the gateway writes it: four bytes, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


NOTHING = short("")
"""Of what was not shown."""


def read(line: bytes) -> TurnedAway | None:
    """The request of a line; None: it was not ours to end, or of nobody. The same line has the same id.

    A line that was never finished may stand before a whole one, after a gateway's crash: it is left out.

    Raises:
        Unreadable.
    """
    whole = line[max(line.rfind(_BEGINS), 0) :]
    try:
        told = json.loads(whole)
        status, arrived_at, asked = int(told["status"]), _instant(told["arrived_at"]), told["asked"]
        shown = tuple(dict.fromkeys(told[name] for name in _SHOWN if name in told))
    except (ValueError, KeyError, TypeError, OverflowError):
        raise Unreadable from None
    if not all(isinstance(one, str) and _HASH.fullmatch(one) for one in (asked, *shown)):
        raise Unreadable
    shown = tuple(one for one in shown if one != NOTHING)
    if not shown or (status < 500 and status not in (0, _CUT)):
        return None
    return TurnedAway(uuid5(NAMESPACE_OID, whole.decode()), arrived_at, shown, asked)


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


def _instant(milliseconds: Any) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(milliseconds))
