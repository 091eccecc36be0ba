"""The process that tells who is asking, apart from the logins whose argon2 would starve it.

- `/internal/authenticate`: the gateway asks it on each request; an opaque session becomes a signed identity
  good for a minute (phantom token), anything else is anonymous;
- `/internal/token`: a service's secret becomes a token for one sister service (RFC 6749 §4.4);
- `/internal/jwks.json`: the public key, for those who verify.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.accounts.settings import SessionsSettings
from services.accounts.statements import SQL
from services.accounts.tokens import Presented, presented
from services.chassis.database import Connection
from services.chassis.http import context
from services.chassis.identity import LIFETIME_SECONDS, Identity, TokenIssuer
from services.chassis.problems import BadRequest, NotAuthenticated
from services.chassis.requests import IDENTITY_TOKEN
from services.contracts.internal import ServiceToken, TokenRequest

router = APIRouter(prefix="/internal", include_in_schema=False)


def _issuer(request: Request) -> TokenIssuer:
    found: TokenIssuer = request.app.state.issuer
    return found


Issuer = Annotated[TokenIssuer, Depends(_issuer)]


@router.get("/authenticate")
async def authenticate(request: Request, issuer: Issuer) -> Response:
    """Always 200; the identity header only for a session that is open."""
    response = Response(headers={"Cache-Control": "no-store"})
    settings: SessionsSettings = context(request).settings
    shown = presented(request.headers, secure=settings.secure)
    if shown is not None:
        async with context(request).database.connection() as conn:
            who = await _session(conn, shown, settings)
        if who is not None:
            response.headers[IDENTITY_TOKEN] = issuer.issue(who)
    return response


async def _session(conn: Connection, shown: Presented, settings: SessionsSettings) -> Identity | None:
    if shown.carrier == "bearer":
        row = await SQL.session_of_bearer(conn, sha256=shown.sha256)
    else:
        row = await SQL.session_of_cookie(
            conn,
            sha256=shown.sha256,
            idle=timedelta(seconds=settings.cookie_idle_seconds),
            longer_idle=timedelta(seconds=settings.cookie_longer_idle_seconds),
        )
        if row is not None and row["unnoted"]:
            await SQL.note_cookie_use(conn, sha256=shown.sha256)
    if row is None:
        return None
    return Identity(row["kind"], row["subject"], row["role"], tuple(row["portfolios"]))


@router.post("/token")
async def token(body: TokenRequest, request: Request, issuer: Issuer) -> ServiceToken:
    """A service's own token for `audience`."""
    settings: SessionsSettings = context(request).settings
    name, secret = _basic(request.headers.get("authorization", ""))
    found = hashlib.sha256(secret).hexdigest()
    expected = settings.service_secrets_sha256.get(name, "")
    if not hmac.compare_digest(found.encode(), expected.encode()):
        raise NotAuthenticated(
            "service-inconnu",
            "Ce service ou son secret n’est pas reconnu.",
            headers={"WWW-Authenticate": 'Basic realm="services"'},
        )
    if body.audience not in settings.service_secrets_sha256:
        raise BadRequest("destinataire-inconnu", "Aucun service ne porte ce nom.")
    signed = issuer.issue(Identity("service", name), body.audience)
    return ServiceToken(access_token=signed, expires_in=LIFETIME_SECONDS)


@router.get("/jwks.json")
async def jwks(issuer: Issuer) -> dict[str, Any]:
    return issuer.jwks()


def _basic(header: str) -> tuple[str, bytes]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", b""
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).partition(b":")
        return name.decode(), secret
    except (binascii.Error, UnicodeDecodeError):
        return "", b""
