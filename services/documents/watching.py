"""Looks at the service as a candidate does, and keeps when it was last seen up.

Who is to hand something in logs in, prints the confirmation and uploads. So all three are looked at, through
the gateway with a bearer token that opens nothing: the gateway, the session check with its database and the
service asked must answer for the refusal to be the expected one. The databases of the last two are told by
the calendar that `registration` reads from its own, and by this service's readiness.

With that token nobody's signature is verified. So each is also asked with this service's own, signed as those
of people who are logged in: whom it does not recognise, it recognises none of them.
"""

import asyncio
from contextlib import suppress

import httpx

from services.chassis.context import Context
from services.chassis.peers import PeerError
from services.chassis.telemetry import describe, log
from services.documents.commands.outages import beat
from services.documents.settings import Settings

_BOGUS = {"Authorization": "Bearer nobody-just-looking", "Accept": "application/json"}
_EXPECTED = "urn:candidat-libre:probleme:connexion-necessaire"
_ASKED = ("accounts", "registration", "documents")
_SESSION = "/api/registration/sessions/current"
_ANSWERED = (httpx.codes.OK, httpx.codes.NOT_FOUND)
"""A calendar, or that no session runs."""
_PATIENCE_SECONDS = 10


class Watch:
    """A part of the worker: looks until cancelled."""

    name = "watch"

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx
        self._up: bool | None = None

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(self._ctx.settings.probe_seconds)

    async def look(self) -> bool:
        """One look; true if the service was seen up and the beat is kept."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._probe()
        except (httpx.HTTPError, TimeoutError, NotAsExpected) as error:
            self._tell(False, **describe(error))
            return False
        await beat(self._ctx)
        self._tell(True)
        return True

    async def _probe(self) -> None:
        settings, client = self._ctx.settings, self._ctx.client
        public = settings.public_url.rstrip("/")
        for service in _ASKED:
            own = f"/api/{service}/me"
            seen = await client.get(f"{public}{own}", headers=_BOGUS)
            if seen.status_code != httpx.codes.UNAUTHORIZED or _EXPECTED not in seen.text:
                raise NotAsExpected(own, seen.status_code)
            await self._recognised(service)
        session = await client.get(f"{public}{_SESSION}")
        if session.status_code not in _ANSWERED:
            raise NotAsExpected(_SESSION, session.status_code)
        ready = await client.get(f"{settings.url_of('documents')}/health/ready")
        if ready.status_code != httpx.codes.OK:
            raise NotAsExpected("ready", ready.status_code)

    async def _recognised(self, service: str) -> None:
        """Nothing is at this address. The token is read before that is said: else it is a 401 or a 503."""
        with suppress(PeerError):
            await self._ctx.peers.get_bytes(service, "nobody-just-looking")

    def _tell(self, up: bool, **facts: str) -> None:
        if up != self._up:
            self._up = up
            if up:
                log.info("service seen up")
            else:
                log.error("service not seen up", **facts)


class NotAsExpected(Exception):
    """An answer, but not what a working service gives."""
