"""Forms of another site are refused (CSRF), in two ways that do not rest on one another.

- Fetch Metadata, else `Origin`: `services.chassis.requests`, for every request that is not safe;
- a token in every form of a page: the keyed hash of the session's cookie, under a secret that only this
  browser has (a cookie of its own). No server keeps anything, and a form that one service renders may be sent
  to another. A login changes the session, and with it every token.

Who can read neither cookie can make no token; who could plant a cookie (another host of the same domain)
cannot name it `__Host-…`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

COOKIE = "navigateur"
FIELD = "jeton"
HEADER = "x-jeton"
_LONGEST = 64


def cookie_name(name: str, *, secure: bool) -> str:
    """With `__Host-` (RFC 6265bis) no other host and no plain-http answer can set it."""
    return f"__Host-{name}" if secure else name


def known_browser(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """The secret this browser was given."""
    found = cookies.get(cookie_name(COOKIE, secure=secure), "")
    return found if 32 <= len(found) <= _LONGEST else None


def new_browser() -> str:
    return secrets.token_urlsafe(32)


def open_session(cookies: Mapping[str, str]) -> str:
    """The session's cookie as `accounts` reads it; empty if there is none."""
    return cookies.get("__Host-session") or cookies.get("session", "")


def form_token(browser: str, session: str) -> str:
    return sealed(browser, "formulaire", session)


def is_form_token(token: str, browser: str | None, session: str) -> bool:
    return browser is not None and hmac.compare_digest(token.encode(), form_token(browser, session).encode())


def sealed(browser: str, purpose: str, content: str) -> str:
    """The keyed hash of a content: only this browser's requests can bring it."""
    return hmac.new(browser.encode(), f"{purpose}\0{content}".encode(), hashlib.sha256).hexdigest()
