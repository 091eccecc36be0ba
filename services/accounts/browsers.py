"""Browsers known for an address: their tries are counted apart (OWASP, « device cookies »).

Known is a browser that logged in, or in which the owner of the address activated the account or chose a new
password by the link in a mail. Whoever tries passwords on somebody's address, or from somebody's network,
cannot use up the tries of the owner's own browser. The cookie is sealed for one address, opens nothing, and
says nothing to who reads it.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from starlette.responses import Response

from services.accounts.addresses import Address
from services.accounts.domain.links import LinkKeys
from services.accounts.tokens import cookie_name

NAME = "appareil"
_KEPT_FOR = timedelta(days=400)
"""As long as browsers keep a cookie; longer than an exam session."""
_PURPOSE = "known-browser"
_LONGEST = 150


def new_cookie(keys: LinkKeys, address: Address, now: datetime) -> str:
    facts = f"{int(now.timestamp())}.{secrets.token_urlsafe(16)}"
    return f"{facts}.{_seal(keys, facts, address)}"


def known(keys: LinkKeys, cookie: str, address: Address, now: datetime) -> str | None:
    """The name under which this browser's tries are counted; None if it is not known for `address`."""
    facts, _, seal = cookie.rpartition(".")
    since, _, name = facts.partition(".")
    if len(cookie) > _LONGEST or not cookie.isascii() or not since.isdecimal() or not name:
        return None
    if not hmac.compare_digest(_seal(keys, facts, address), seal):
        return None
    if now.timestamp() - int(since) > _KEPT_FOR.total_seconds():
        return None
    return name


def give(response: Response, cookie: str, *, secure: bool) -> None:
    response.set_cookie(
        cookie_name(NAME, secure=secure),
        cookie,
        max_age=int(_KEPT_FOR.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def _seal(keys: LinkKeys, facts: str, address: Address) -> str:
    return keys.secret_name(_PURPOSE, f"{facts}:{address.key}").hex()
