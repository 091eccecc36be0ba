"""Opaque session tokens: 256 random bits, kept as their SHA-256. A login has two, one for each carrier.

The bearer is for programs and lives as long as the login. The cookie belongs to one run of the browser and
ends also when it was not used for a time, which the candidate may lengthen at the login; it is no bearer, so
that a stolen one is not worth more.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.requests import cookie_parser
from starlette.responses import Response

_LONGEST = 128
_NAME = "session"


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request shows for itself."""

    carrier: Literal["bearer", "cookie"]
    token: str

    @property
    def sha256(self) -> bytes:
        return digest(self.token)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def presented(headers: Mapping[str, str], *, secure: bool) -> Presented | None:
    """The token of a request: its bearer (RFC 6750), else its cookie, under the one name it has here."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    carrier: Literal["bearer", "cookie"] = "bearer"
    if scheme.lower() != "bearer":
        carrier, token = "cookie", read_cookie(headers, _NAME, secure=secure)
    token = token.strip()
    return Presented(carrier, token) if 0 < len(token) <= _LONGEST else None


def cookie_name(name: str, *, secure: bool) -> str:
    """With `__Host-` (RFC 6265bis) no other host and no plain-http answer can set it."""
    return f"__Host-{name}" if secure else name


def read_cookie(headers: Mapping[str, str], name: str, *, secure: bool) -> str:
    """Empty without one. By https only the `__Host-` name counts: anybody could have set the other."""
    return cookie_parser(headers.get("cookie", "")).get(cookie_name(name, secure=secure), "")


def give_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Until the browser is closed: no `Expires`."""
    response.set_cookie(
        cookie_name(_NAME, secure=secure), token, path="/", secure=secure, httponly=True, samesite="lax"
    )


def take_cookie(response: Response, *, secure: bool) -> None:
    response.delete_cookie(
        cookie_name(_NAME, secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )
