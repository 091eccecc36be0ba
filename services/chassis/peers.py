"""Calling another service's `/internal` routes with this service's own one-minute token.

PeerError
├── PeerNotFound   404: the peer knows the route, but nothing there
├── PeerGone       410: the person is erased
└── PeerRefused    any other answer that is not of the contract: a 403, a 422, a route or a shape not known

Transport errors and 5xx stay `httpx.HTTPError`: infrastructure, to be tried again. So is `PeerRefused`: what
is asked is written down in the contracts, so two services that do not understand each other are of two
versions, in the middle of an upgrade. No event is at fault for it.
"""

import time
from collections.abc import Mapping
from typing import TypeVar

import httpx
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import BaseModel, ValidationError

from services.chassis.failures import PartUnavailable
from services.chassis.problems import NO_SUCH_ROUTE
from services.chassis.settings import Settings
from services.contracts.internal import ServiceToken

Shape = TypeVar("Shape", bound=BaseModel)
_EARLY_SECONDS = 15
_LATER = frozenset({401, 408, 425, 429})


class PeerError(Exception):
    """A sister service refused."""


class PeerNotFound(PeerError):
    pass


class PeerGone(PeerError):
    pass


class PeerRefused(PeerError, PartUnavailable):
    pass


class Peers:
    """The sister services, as this one may call them."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self._tokens: dict[str, tuple[str, float]] = {}

    async def get(
        self, service: str, path: str, shape: type[Shape], params: Mapping[str, str | int] | None = None
    ) -> Shape:
        """`GET {service}/internal/{path}`, validated.

        Raises:
            PeerError: see the module.
            httpx.HTTPError: the peer is away or failed.
        """
        return _read(service, await self._ask(service, path, params), shape)

    async def get_bytes(self, service: str, path: str) -> bytes:
        """The body of `GET {service}/internal/{path}` as it is: no JSON. Raises as `get` does."""
        return (await self._ask(service, path)).content

    async def _ask(
        self, service: str, path: str, params: Mapping[str, str | int] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._token(service)}"}
        TraceContextTextMapPropagator().inject(headers)
        response = await self._client.get(
            f"{self._settings.url_of(service)}/internal/{path}", params=params, headers=headers
        )
        if response.status_code == httpx.codes.NOT_FOUND and not _is_without_route(response):
            raise PeerNotFound(service)
        if response.status_code == httpx.codes.GONE:
            raise PeerGone(service)
        return _answered(service, response)

    async def _token(self, audience: str) -> str:
        token, until = self._tokens.get(audience, ("", 0.0))
        if time.monotonic() < until:
            return token
        response = await self._client.post(
            f"{self._settings.url_of('sessions')}/internal/token",
            json={"audience": audience},
            auth=(self._settings.service_name, self._settings.service_secret.get_secret_value()),
        )
        issued = _read("sessions", _answered("sessions", response), ServiceToken)
        self._tokens[audience] = (
            issued.access_token,
            time.monotonic() + issued.expires_in - _EARLY_SECONDS,
        )
        return issued.access_token


def _answered(service: str, response: httpx.Response) -> httpx.Response:
    if not response.is_success and not response.is_server_error and response.status_code not in _LATER:
        raise PeerRefused(service, response.status_code)
    return response.raise_for_status()


def _read(service: str, response: httpx.Response, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate_json(response.content)
    except ValidationError:
        raise PeerRefused(service, shape.__name__) from None  # its text holds the values


def _is_without_route(response: httpx.Response) -> bool:
    """Whether the peer does not know the address at all, as one that runs an older version."""
    try:
        return str(response.json()["type"]).endswith(NO_SUCH_ROUTE)
    except (ValueError, KeyError, TypeError):
        return False
