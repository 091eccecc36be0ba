"""Links by mail, derived and never stored: `kid.account.issue.mac`, the MAC an HMAC-SHA256 (RFC 2104).

A retry of the same mail carries the same link. The kind is under the MAC, so that a link for one purpose
never serves another. Keys are named, so that they can be changed while older links are still out.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.accounts.domain.errors import UnknownLink

Kind = Literal["activation", "password_reset"]

LONGEST_TOKEN = 200
_SHAPE = re.compile(r"([A-Za-z0-9_-]{1,16})\.([0-9a-f-]{36})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Link:
    """What a token stands for."""

    account_id: UUID
    issue: int


class LinkKeys:
    """The key that new links are made with, and those that older ones may still be."""

    def __init__(self, current: str, keys: Mapping[str, bytes]) -> None:
        if current not in keys:
            raise ValueError("the current key is not among the keys")
        self._current = current
        self._keys = dict(keys)

    def token(self, kind: Kind, link: Link) -> str:
        return f"{self._current}.{link.account_id}.{link.issue}.{self._mac(self._current, kind, link)}"

    def read(self, kind: Kind, token: str) -> Link:
        """The link in `token`.

        Raises:
            UnknownLink: not made by us for this purpose.
        """
        found = _SHAPE.fullmatch(token)
        if found is None or found[1] not in self._keys:
            raise UnknownLink
        try:
            link = Link(UUID(found[2]), int(found[3]))
        except ValueError:
            raise UnknownLink from None
        if not hmac.compare_digest(self._mac(found[1], kind, link), found[4]):
            raise UnknownLink
        return link

    def secret_name(self, purpose: str, of: str) -> bytes:
        """A name for `of` (an address) that only we can derive."""
        return hmac.digest(self._keys[self._current], f"{purpose}:{of}".encode(), hashlib.sha256)

    def _mac(self, kid: str, kind: Kind, link: Link) -> str:
        what = f"{kind}.{kid}.{link.account_id}.{link.issue}".encode()
        mac = hmac.digest(self._keys[kid], what, hashlib.sha256)
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
