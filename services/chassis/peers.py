"""Calling another service's `/internal` routes with this service's own one-minute token.

PeerError
├── PeerNotFound   404
├── PeerGone       410: the person is erased
└── PeerRefused    another 4xx: a defect of the caller

Transport errors and 5xx stay `httpx.HTTPError`: infrastructure, to be tried again.
"""

import time
from typing import TypeVar

import httpx
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import BaseModel

from services.chassis.settings import Settings
from services.contracts.internal import ServiceToken

Shape = TypeVar("Shape", bound=BaseModel)
_EARLY_SECONDS = 15


class PeerError(Exception):
    """A sister service refused."""


class PeerNotFound(PeerError):
    pass


class PeerGone(PeerError):
    pass


class PeerRefused(PeerError):
    pass


class Peers:
    """The sister services, as this one may call them."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self._tokens: dict[str, tuple[str, float]] = {}

    async def get(
        self, service: str, path: str, shape: type[Shape], params: dict[str, str | int] | None = None
    ) -> Shape:
        """`GET {service}/internal/{path}`, validated.

        Raises:
            PeerError: 4xx, see the module.
            httpx.HTTPError: the peer is away or failed.
        """
        return shape.model_validate_json((await self._ask(service, path, params)).content)

    async def get_bytes(self, service: str, path: str) -> bytes:
        """The body of `GET {service}/internal/{path}` as it is: no JSON. Raises as `get` does."""
        return (await self._ask(service, path)).content

    async def _ask(
        self, service: str, path: str, params: dict[str, str | int] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._token(service)}"}
        TraceContextTextMapPropagator().inject(headers)
        response = await self._client.get(
            f"{self._settings.url_of(service)}/internal/{path}", params=params, headers=headers
        )
        if response.status_code == httpx.codes.NOT_FOUND:
            raise PeerNotFound(service)
        if response.status_code == httpx.codes.GONE:
            raise PeerGone(service)
        if response.is_client_error and response.status_code not in (401, 429):
            raise PeerRefused(service, response.status_code)
        response.raise_for_status()
        return response

    async def _token(self, audience: str) -> str:
        token, until = self._tokens.get(audience, ("", 0.0))
        if time.monotonic() < until:
            return token
        response = await self._client.post(
            f"{self._settings.url_of('sessions')}/internal/token",
            json={"audience": audience},
            auth=(self._settings.service_name, self._settings.service_secret.get_secret_value()),
        )
        response.raise_for_status()
        issued = ServiceToken.model_validate_json(response.content)
        self._tokens[audience] = (
            issued.access_token,
            time.monotonic() + issued.expires_in - _EARLY_SECONDS,
        )
        return issued.access_token
