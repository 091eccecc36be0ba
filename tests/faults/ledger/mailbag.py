"""The mails that the mail server took, read from its log as it grows.

The log's lines: {"at": …, "to": […], "message_id": …, "subject": …, "raw": base64, "answer": 250 | 451 | …}.
Only an answer 250 is a mail that somebody has; what was dropped or refused reached nobody.
"""

import asyncio
import base64
import email
import email.policy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

_LINK = re.compile(r"https?://\S+?(/compte/[\w\-/]+)\?lien=([\w.\-~%]+)")
_POLL_SECONDS = 0.1


class Mail(BaseModel):
    """One delivery of one mail. `accepted`: the server's 250. `link`: whose account its secret link opens."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    to: tuple[str, ...]
    message_id: str
    subject: str
    accepted: bool
    link: UUID | None = None


def read(path: Path, domain: str) -> list[Mail]:
    """Every delivery so far to addresses of a domain, and to any that is no candidate's of ours."""
    return [mail for mail, _ in _lines(path, 0) if _concerns(mail, domain)]


def _concerns(mail: Mail, domain: str) -> bool:
    return any(one.endswith(f"@{domain}") or not one.endswith(".registre.example") for one in mail.to)


def _lines(path: Path, offset: int) -> Iterator[tuple[Mail, "Opened"]]:
    if not path.exists():
        return
    with path.open("rb") as log:
        log.seek(offset)
        for line in log:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield _parsed(json.loads(line), offset)


class Opened:
    """What only the addressee reads: the secret in a link. Never written down."""

    def __init__(self, path: str, token: str, offset: int) -> None:
        self.path = path
        self.token = token
        self.offset = offset


def _parsed(line: dict[str, Any], offset: int) -> tuple[Mail, Opened]:
    raw = base64.b64decode(line["raw"])
    message = email.message_from_bytes(raw, policy=email.policy.default)
    path, token = _link_in(message)
    return (
        Mail(
            at=datetime.fromisoformat(line["at"]),
            to=tuple(address.lower() for address in line["to"]),
            message_id=line["message_id"] or "",
            subject=" ".join((line["subject"] or "").split()),
            accepted=line["answer"] == 250,
            link=_bearer(token),
        ),
        Opened(path, token, offset),
    )


def _link_in(message: EmailMessage) -> tuple[str, str]:
    text = message.get_body(("plain",))
    found = _LINK.search(text.get_content()) if text is not None else None
    return (found[1], found[2]) if found else ("", "")


def _bearer(token: str) -> UUID | None:
    """A link's token names the account it is for, after the name of the key it was made with."""
    parts = token.split(".")
    try:
        return UUID(parts[1]) if len(parts) > 2 else None
    except ValueError:
        return None


class Mailbag:
    """Follows the log while lives are played; `run` until cancelled."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._arrived: dict[str, list[tuple[Mail, Opened]]] = {}

    async def run(self) -> None:
        while True:
            await asyncio.to_thread(self.read_on)
            await asyncio.sleep(_POLL_SECONDS)

    def read_on(self) -> None:
        """Take in what has come since."""
        for mail, opened in _lines(self._path, self._offset):
            self._offset = opened.offset
            if mail.accepted:
                for address in mail.to:
                    self._arrived.setdefault(address, []).append((mail, opened))

    async def latest_link(self, address: str, path: str, until: datetime) -> tuple[Mail, str] | None:
        """The newest link to a page that reached an address; None when none has come until then."""
        while True:
            found = [
                (mail, opened.token)
                for mail, opened in self._arrived.get(address, [])
                if opened.path.startswith(path)
            ]
            if found:
                return found[-1]
            if datetime.now(until.tzinfo) >= until:
                return None
            await asyncio.sleep(_POLL_SECONDS)
