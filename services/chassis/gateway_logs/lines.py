"""A line of a gateway's log: a request that no owner ended. Pure.

Of the session and of the address there are the first four bytes of the SHA-256 (Caddy's `hash` filter).
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

_HASH = re.compile(r"[0-9a-f]{8}")
_SHOWN = ("bearer", "cookie", "host_cookie")
_CUT = 499
_BEGINS = b'{"level":'
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """Not what a gateway writes."""


class What(StrEnum):
    """What was turned away. A line that does not say so was written when there were uploads only."""

    UPLOAD = "upload"
    """A put-back, too."""
    SAVE = "save"
    """Any write to the form."""
    LOOK = "look"
    """Opening it: read as a save, since whom it does not open for never comes to one. Who left while it
    loaded was not turned away."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """`shown`: beginnings of the digests of the tokens the request showed; `asked`: of its address.

    ended_at: when it was answered 5xx or given up, by the clock that stamped its arrival; never before it.
    """

    attempt_id: UUID
    arrived_at: datetime
    ended_at: datetime
    shown: tuple[str, ...]
    asked: str


def short(text: str) -> str:
    """As the gateway writes it: four bytes, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


NOTHING = short("")
"""Of what was not shown."""


def read(line: bytes, what: What) -> TurnedAway | None:
    """The request of a line; None: of another kind, not ours to end, or of nobody.

    The same line has the same id. A line that was never finished may stand before a whole one, after a
    gateway's crash: it is left out.

    Raises:
        Unreadable.
    """
    whole = line[max(line.rfind(_BEGINS), 0) :]
    try:
        told = json.loads(whole)
        status, arrived_at, asked = int(told["status"]), _instant(told["arrived_at"]), told["asked"]
        written = What(told.get("what", What.UPLOAD))
        ended_at = _EPOCH + timedelta(seconds=float(told["ts"]))
        shown = tuple(dict.fromkeys(told[name] for name in _SHOWN if name in told))
    except (ValueError, KeyError, TypeError, OverflowError):
        raise Unreadable from None
    if not all(isinstance(one, str) and _HASH.fullmatch(one) for one in (asked, *shown)):
        raise Unreadable
    shown = tuple(one for one in shown if one != NOTHING)
    kind = What.SAVE if written is What.LOOK else written
    given_up = status in (0, _CUT) and written is not What.LOOK
    if kind is not what or not shown or not (status >= 500 or given_up):
        return None
    attempt_id = uuid5(NAMESPACE_OID, whole.decode())
    return TurnedAway(attempt_id, arrived_at, max(arrived_at, ended_at), shown, asked)


def _instant(milliseconds: Any) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(milliseconds))
