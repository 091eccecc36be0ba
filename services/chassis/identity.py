"""Who is asking: signed tokens good for a minute (Ed25519 JWT), published keys (JWKS).

The gateway exchanges an opaque session for such a token on each request (phantom-token pattern);
services exchange their secret for one with another service as audience (RFC 6749 §4.4).
"""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args
from uuid import UUID

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

from services.chassis.keys import PublishedKeys

ISSUER = "accounts"
PUBLIC_AUDIENCE = "candidat-libre"
LIFETIME_SECONDS = 60
CLOCKS_APART_SECONDS = 660
"""Each process's clock may be five minutes off, so two of them ten apart; and a minute to spare. What is
issued by one is refused by another only beyond that. The price: a token is worth up to twelve minutes to
whoever can read what the gateway and the services say to one another. Outside nobody sees one."""
Kind = Literal["candidate", "officer", "service"]


class InvalidToken(Exception):
    """Not signed by us, expired, or for another audience."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller. `subject` is a candidate's UUID, an officer's subject or a service's name."""

    kind: Kind
    subject: str
    role: str | None = None
    portfolios: tuple[int, ...] = field(default=())

    @property
    def candidate_id(self) -> UUID:
        if self.kind != "candidate":
            raise InvalidToken
        return UUID(self.subject)


class TokenIssuer:
    """Signs tokens; only `accounts` holds the private key."""

    def __init__(self, private_key_pem: str) -> None:
        key = load_pem_private_key(private_key_pem.encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the identity key must be Ed25519")
        self._key = key
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._kid = hashlib.sha256(raw).hexdigest()[:16]

    def issue(self, identity: Identity, audience: str = PUBLIC_AUDIENCE) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": audience,
            "sub": f"{identity.kind}:{identity.subject}",
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        if identity.role is not None:
            claims["role"] = identity.role
        if identity.portfolios:
            claims["portfolios"] = list(identity.portfolios)
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})

    def jwks(self) -> dict[str, Any]:
        jwk = OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [jwk | {"kid": self._kid, "use": "sig", "alg": "EdDSA"}]}


class TokenVerifier:
    """Checks tokens against the published keys."""

    def __init__(self, jwks_url: str, client: httpx.AsyncClient) -> None:
        # No token outlives the key it was signed with by more than this.
        kept_seconds = LIFETIME_SECONDS + CLOCKS_APART_SECONDS
        self._keys = PublishedKeys(jwks_url, client, kept_seconds=kept_seconds)

    async def verify(self, token: str, audience: str) -> Identity:
        """The identity in `token`.

        Raises:
            InvalidToken: see there.
            httpx.HTTPError: the keys could not be had; ours, not the caller's fault.
        """
        try:
            kid = jwt.get_unverified_header(token).get("kid", "")
        except jwt.PyJWTError as error:
            raise InvalidToken from error
        key = await self._keys.get(kid)
        if key is None:
            raise InvalidToken
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=audience,
                issuer=ISSUER,
                leeway=CLOCKS_APART_SECONDS,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
        except jwt.PyJWTError as error:
            raise InvalidToken from error
        kind, _, subject = str(claims["sub"]).partition(":")
        if kind not in get_args(Kind):
            raise InvalidToken
        return Identity(cast("Kind", kind), subject, claims.get("role"), tuple(claims.get("portfolios", ())))
