"""OpenID Connect 1.0, the relying party's side: authorization code with PKCE (RFC 7636), state and nonce.

On httpx and PyJWT: authlib's asynchronous client has left httpx (its use of it is deprecated), and what is
needed is two requests and one signature. The provider's metadata and keys are kept; an unknown key id fetches
the keys anew.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from services.chassis.identity import CLOCKS_APART_SECONDS

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_REFETCH_SECONDS = 10
_SCOPE = "openid profile"


class NotVouchedFor(Exception):
    """The provider refused, or its answer is not for this login. The message is a code, without data."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one login must remember until the provider sends the browser back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(64))

    @property
    def challenge(self) -> str:
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


class OpenIdProvider:
    """The officers' identity provider. Transport errors stay `httpx.HTTPError`."""

    def __init__(
        self, *, issuer: str, client_id: str, client_secret: str, redirect_uri: str, client: httpx.AsyncClient
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._client = client
        self._metadata: dict[str, Any] | None = None
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._keys_fetched_at = float("-inf")

    async def login_url(self, attempt: Attempt) -> str:
        """Where the browser goes to log in."""
        endpoint = (await self._discover())["authorization_endpoint"]
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": _SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def claims(self, attempt: Attempt, code: str) -> dict[str, Any]:
        """Exchange the code for the claims of who logged in: the ID token's, with those of userinfo.

        Raises:
            NotVouchedFor: the code, the signature or the nonce is not of this login.
        """
        if not code:
            raise NotVouchedFor("denied")
        metadata = await self._discover()
        response = await self._client.post(
            metadata["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": attempt.verifier,
            },
            auth=(self._client_id, self._client_secret),
        )
        if response.is_client_error:
            raise NotVouchedFor("code refused")
        response.raise_for_status()
        tokens = response.json()
        claims = await self._verified(str(tokens.get("id_token", "")), attempt)
        if "role" not in claims and "userinfo_endpoint" in metadata:
            claims = await self._userinfo(metadata["userinfo_endpoint"], tokens["access_token"], claims)
        return claims

    async def _verified(self, id_token: str, attempt: Attempt) -> dict[str, Any]:
        """It was fetched a moment ago from the provider itself, and the nonce is this login's: its times add
        nothing to that, so a clock of ours that is wrong may not refuse it.
        """
        try:
            key = await self._key(jwt.get_unverified_header(id_token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._client_id,
                issuer=self._issuer,
                leeway=CLOCKS_APART_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise NotVouchedFor(type(error).__name__) from None
        if not secrets.compare_digest(str(claims.get("nonce", "")), attempt.nonce):
            raise NotVouchedFor("nonce")
        return claims

    async def _userinfo(self, url: str, access_token: str, claims: dict[str, Any]) -> dict[str, Any]:
        response = await self._client.get(url, headers={"Authorization": f"Bearer {access_token}"})
        response.raise_for_status()
        more: dict[str, Any] = response.json()
        if more.get("sub") != claims["sub"]:
            raise NotVouchedFor("sub")  # OpenID Connect Core §5.3.2
        return more | claims

    async def _discover(self) -> dict[str, Any]:
        if self._metadata is None:
            response = await self._client.get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            response.raise_for_status()
            metadata: dict[str, Any] = response.json()
            if metadata.get("issuer") != self._issuer:
                raise NotVouchedFor("issuer")
            self._metadata = metadata
        return self._metadata

    async def _key(self, kid: str | None) -> jwt.PyJWK:
        """The key of that id; without an id, the provider's only key (OpenID Connect Core §10.1)."""
        found = self._keys.get(kid) if kid is not None else None
        if found is None and time.monotonic() - self._keys_fetched_at > _REFETCH_SECONDS:
            response = await self._client.get((await self._discover())["jwks_uri"])
            response.raise_for_status()
            self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(response.json()).keys}
            self._keys_fetched_at = time.monotonic()
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if kid not in self._keys:
            raise NotVouchedFor("key")
        return self._keys[kid]
