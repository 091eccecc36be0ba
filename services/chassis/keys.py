"""The public keys of whoever signs identities, as `sessions` publishes them (JWKS, RFC 7517)."""

import time

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm


class PublishedKeys:
    """Fetched once, and again for a key that is not known or that the last answer lacked.

    Processes with different keys may answer at one address, while a key is changed or by mistake. So an
    answer adds to what is known, and a key is forgotten only once no answer has had it for `kept_seconds`.
    """

    REFETCH_SECONDS = 2

    def __init__(self, url: str, client: httpx.AsyncClient, *, kept_seconds: float) -> None:
        self._url = url
        self._client = client
        self._kept_seconds = kept_seconds
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._lacking_since: dict[str, float] = {}
        self._fetched_at = float("-inf")

    async def get(self, kid: str) -> Ed25519PublicKey | None:
        """The key of this id, if it is one of theirs.

        Raises:
            httpx.HTTPError: the keys could not be had.
        """
        in_doubt = kid not in self._keys or kid in self._lacking_since
        if in_doubt and time.monotonic() - self._fetched_at > self.REFETCH_SECONDS:
            self._learn(await self._fetch())
        return self._keys.get(kid)

    async def _fetch(self) -> dict[str, Ed25519PublicKey]:
        response = await self._client.get(self._url)
        response.raise_for_status()
        return {
            jwk["kid"]: key
            for jwk in response.json()["keys"]
            if isinstance(key := OKPAlgorithm.from_jwk(jwk), Ed25519PublicKey)
        }

    def _learn(self, published: dict[str, Ed25519PublicKey]) -> None:
        now = time.monotonic()
        lacking = {kid: self._lacking_since.get(kid, now) for kid in self._keys.keys() - published.keys()}
        self._lacking_since = {k: since for k, since in lacking.items() if now - since < self._kept_seconds}
        self._keys = {kid: self._keys[kid] for kid in self._lacking_since} | published
        self._fetched_at = now
