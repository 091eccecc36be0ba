"""One candidate's requests: written down before each leaves and after its answer, sent again if need be.

A 5xx, a 408, a 429 and a request without an answer are sent again while there is time (docs/api-client.md);
what a retry could do twice is looked up first by who calls.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import h11
import httpx

from tests.faults.ledger import wire
from tests.faults.ledger.record import Recorder

_WAITS_SECONDS = (0.3, 0.6, 1.0, 1.5)
_WIRE_SECONDS = 20.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Answer:
    """What came back. `status` None: nothing. `reached`: it may have arrived all the same."""

    status: int | None
    reached: bool
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def decided(self) -> bool:
        """Whether there is nothing to be won by sending it again."""
        return self.done or (self.status is not None and self.status < 500 and self.status not in (408, 429))

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError:
            return {}

    @property
    def slug(self) -> str | None:
        """Of a problem (RFC 9457): the last part of its type."""
        if self.status is None or self.status < 400 or not isinstance(self.body, dict):
            return None
        kind = self.body.get("type")
        return str(kind).rpartition(":")[2] if kind else None


Tell = Callable[[Answer], dict[str, Any]]


def nothing(_: Answer) -> dict[str, Any]:
    """Nothing of the answer need be remembered."""
    return {}


class Client:
    """`token`: of the login, for every request after it."""

    def __init__(self, http: httpx.AsyncClient, recorder: Recorder, gateway: str, life: int) -> None:
        self._http = http
        self._recorder = recorder
        self._gateway = gateway
        self._life = life
        self.token = ""

    async def ask(
        self,
        act: str,
        method: str,
        path: str,
        *,
        until: datetime | None = None,
        facts: dict[str, Any] | None = None,
        tell: Tell = nothing,
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> Answer:
        """Send until there is a decision or, at the latest, `until`; without it once."""
        tries = 0
        while True:
            answer = await self._once(act, method, path, facts or {}, tell, headers or {}, request)
            wait = _WAITS_SECONDS[min(tries, len(_WAITS_SECONDS) - 1)]
            left = (until - datetime.now(UTC)).total_seconds() if until else 0.0
            if answer.decided or left <= wait:
                return answer
            tries += 1
            await asyncio.sleep(wait)

    async def _once(
        self,
        act: str,
        method: str,
        path: str,
        facts: dict[str, Any],
        tell: Tell,
        headers: dict[str, str],
        request: dict[str, Any],
    ) -> Answer:
        number = self._recorder.sends(self._life, act, facts)
        try:
            response = await self._http.request(method, path, headers=self._signed(headers), **request)
        except httpx.RequestError as error:
            reached = not isinstance(error, _NEVER_LEFT)
            self._recorder.fails(number, type(error).__name__, reached=reached)
            return Answer(None, reached)
        answer = Answer(response.status_code, True, response.content, dict(response.headers))
        self._recorder.hears(number, response.status_code, answer.slug, tell(answer) if answer.done else {})
        return answer

    async def upload_by_hand(
        self, facts: dict[str, Any], upload: wire.Upload, tell: Tell
    ) -> tuple[Answer, datetime | None]:
        """An upload that is cut or slow, once; and by when it had surely arrived."""
        number = self._recorder.sends(self._life, "upload", facts)
        sending = wire.Sending()
        try:
            await wire.send(upload, sending, _WIRE_SECONDS)
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            name = type(error).__name__
            self._recorder.fails(number, name, reached=sending.reached, arrived_by=sending.arrived_by)
            return Answer(None, sending.reached), sending.arrived_by
        answer = Answer(sending.status, True, sending.body)
        told = tell(answer) if answer.done else {}
        self._recorder.hears(number, sending.status or 0, answer.slug, told, arrived_by=sending.arrived_by)
        return answer, sending.arrived_by

    def by_hand(self, path: str, media_type: str, content: bytes, **how: Any) -> wire.Upload:
        headers = [("Content-Type", media_type), ("Authorization", f"Bearer {self.token}")]
        return wire.Upload(self._gateway, path, headers, content, **how)

    def _signed(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **headers} if self.token else headers
