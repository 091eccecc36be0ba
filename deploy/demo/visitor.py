"""One candidate at the site: a client of the public HTTP API, through the gateway, and of the mailbox."""

import asyncio
import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx

_LINK = re.compile(r"https?://\S+/compte/activation\?lien=[\w.\-~%]+")
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 15


class Unexpected(AssertionError):
    """The service answered something else than the notice says."""


@dataclass(frozen=True)
class File:
    """Something to upload: what it is called, what it says it is, its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Refusal:
    """A problem detail received: its stable slug and its French words."""

    status: int
    slug: str
    detail: str


class Visitor:
    """A candidate's session at the site. Methods raise `Unexpected` unless they say otherwise."""

    def __init__(self, client: httpx.AsyncClient, mailbox: str, email: str) -> None:
        self._client = client
        self._mailbox = mailbox
        self.email = email
        self._token = ""
        self.version = 0
        self.candidate_id: UUID | None = None

    async def create_account(self, password: str) -> None:
        await self._expect(202, "POST", "/api/accounts", json={"email": self.email, "password": password})

    async def mails(self) -> list[dict[str, Any]]:
        """What the mail server accepted for this address, oldest first."""
        response = await self._client.get(f"{self._mailbox}/api/messages", params={"to": self.email})
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()
        return found[::-1]

    async def activation_link(self, after: int = 0, timeout_seconds: float = 30) -> str:
        """The link of the first activation mail after `after` mails; remembers the candidate’s id."""
        until = time.monotonic() + timeout_seconds
        while time.monotonic() < until:
            for mail in (await self.mails())[after:]:
                if found := _LINK.search(mail["text"]):
                    link = found.group()
                    token = parse_qs(urlsplit(link).query)["lien"][0]
                    self.candidate_id = UUID(token.split(".")[1])
                    return link
            await asyncio.sleep(_POLL_SECONDS)
        raise Unexpected(f"no activation mail within {timeout_seconds:.0f} s")

    async def activate(self, link: str, password: str) -> None:
        """Open the page of the mail, type the password, press the button: as a browser without JavaScript."""
        page = await self._client.get(link)
        if page.status_code != 200 or "<button" not in page.text:
            raise Unexpected(f"the activation page answered {page.status_code}")
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        pressed = await self._client.post("/compte/activation", data=hidden | {"password": password})
        if pressed.status_code not in (200, 303):
            raise Unexpected(f"the activation button answered {pressed.status_code}")

    async def log_in(self, password: str) -> None:
        response = await self._expect(
            201, "POST", "/api/accounts/sessions", json={"email": self.email, "password": password}
        )
        self._token = response["token"]
        self.candidate_id = UUID(response["candidate_id"])

    async def login_status(self, password: str) -> int:
        """The status a login attempt gets, whatever it is."""
        response = await self._client.post(
            "/api/accounts/sessions", json={"email": self.email, "password": password}
        )
        return response.status_code

    async def save(self, form: dict[str, Any]) -> dict[str, Any]:
        """Save the form over the version last seen."""
        response = await self._put(form)
        if response.status_code not in (200, 201):
            raise Unexpected(f"saving answered {response.status_code}: {response.text}")
        saved: dict[str, Any] = response.json()
        self.version = saved["version"]
        return saved

    async def refused_save(self, form: dict[str, Any]) -> Refusal:
        return _refusal(await self._put(form))

    async def confirmation(self) -> bytes:
        response = await self._send("GET", "/api/registration/me/confirmation.pdf")
        if response.status_code != 200 or not response.content.startswith(b"%PDF-"):
            raise Unexpected(f"the confirmation answered {response.status_code}")
        return response.content

    async def standing(self) -> dict[str, Any]:
        return await self._expect(200, "GET", "/api/registration/me")

    async def checklist(self) -> list[dict[str, Any]]:
        """The pieces this candidate must give."""
        found: list[dict[str, Any]] = (await self._expect(200, "GET", "/api/registration/me/checklist"))[
            "pieces"
        ]
        return found

    async def documents(self) -> dict[str, Any]:
        return await self._expect(200, "GET", "/api/documents/me")

    async def wait_for_pieces(self, version: int, timeout_seconds: float = 30) -> None:
        """Until `documents` has learnt which pieces this version asks for."""
        until = time.monotonic() + timeout_seconds
        while time.monotonic() < until:
            if (await self.documents())["registration_version"] >= version:
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise Unexpected("the checklist did not reach the documents service")

    async def upload(self, piece: str, file: File) -> dict[str, Any]:
        response = await self._upload(piece, file)
        if response.status_code != 201:
            raise Unexpected(f"the upload answered {response.status_code}: {response.text}")
        stored: dict[str, Any] = response.json()
        return stored

    async def refused_upload(self, piece: str, file: File) -> Refusal:
        return _refusal(await self._upload(piece, file))

    async def messages(self) -> list[dict[str, Any]]:
        """The mails as the service tells them to the candidate (kind, state, instants)."""
        found: list[dict[str, Any]] = (await self._expect(200, "GET", "/api/notifications/me"))["messages"]
        return found

    async def _put(self, form: dict[str, Any]) -> httpx.Response:
        condition = {"If-Match": f'"{self.version}"'} if self.version else {"If-None-Match": "*"}
        return await self._send("PUT", "/api/registration/me/form", json=form, headers=condition)

    async def _upload(self, piece: str, file: File) -> httpx.Response:
        return await self._send(
            "POST",
            f"/api/documents/me/pieces/{piece}/files",
            params={"name": file.name},
            content=file.content,
            headers={"Content-Type": file.media_type},
        )

    async def _send(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """Send; a 503 says that nothing was done and to ask again, so one does (RFC 9110 §15.6.4)."""
        authorization = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        sent = {**authorization, **(headers or {})}
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            response = await self._client.request(method, path, headers=sent, **request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > until:
                return response
            await asyncio.sleep(0.5)

    async def _expect(self, status: int, method: str, path: str, **request: Any) -> dict[str, Any]:
        response = await self._send(method, path, **request)
        if response.status_code != status:
            raise Unexpected(f"{method} {path} answered {response.status_code}: {response.text[:500]}")
        body: dict[str, Any] = response.json()
        return body


def _refusal(response: httpx.Response) -> Refusal:
    if response.headers.get("content-type") != "application/problem+json":
        raise Unexpected(f"answered {response.status_code} instead of a problem")
    body = response.json()
    return Refusal(response.status_code, body["type"].rsplit(":", 1)[1], body["detail"])
