"""Opaque session tokens: 256 random bits, kept as their SHA-256, carried by a cookie or as a bearer."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from starlette.requests import cookie_parser
from starlette.responses import Response

_LONGEST = 128
_NAME = "session"


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def presented(headers: Mapping[str, str]) -> str | None:
    """The token of a request: its bearer (RFC 6750), else its cookie."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        cookies = cookie_parser(headers.get("cookie", ""))
        token = cookies.get(f"__Host-{_NAME}") or cookies.get(_NAME, "")
    token = token.strip()
    return token if 0 < len(token) <= _LONGEST else None


def cookie_name(name: str, *, secure: bool) -> str:
    """With `__Host-` (RFC 6265bis) no other host and no plain-http answer can set it."""
    return f"__Host-{name}" if secure else name


def give_cookie(response: Response, token: str, expires_at: datetime, *, secure: bool) -> None:
    response.set_cookie(
        cookie_name(_NAME, secure=secure),
        token,
        expires=expires_at,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, *, secure: bool) -> None:
    response.delete_cookie(
        cookie_name(_NAME, secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )
