"""The mails that the mail server took, read from its log as it grows.

The log's lines: {"at": …, "to": […], "message_id": …, "subject": …, "raw": base64, "answer": 250 | 451 | …}.
Only an answer 250 is a mail that somebody has; what was dropped or refused reached nobody. A mail that the
server had taken and that came back has a second line, "answer": "returned", when who sent it has been told.
"""

import asyncio
import base64
import email
import email.policy
import json
import re
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

_LINK = re.compile(r"https?://\S+?(/compte/[\w\-/]+)\?lien=([\w.\-~%]+)")
_ANY_ROUND = b".registre.example"
_POLL_SECONDS = 0.1


class Mail(BaseModel):
    """One delivery of one mail, or its return. `accepted`: the server's 250. `link`: to whose account.

    refused_for_good: the server's 5xx; what it refused for now, or left without an answer, is to come again.
    """

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    to: tuple[str, ...]
    message_id: str
    subject: str
    accepted: bool
    link: UUID | None = None
    returned: bool = False
    refused_for_good: bool = False


class Opened:
    """What only the addressee reads: the secret in a link. Never written down."""

    def __init__(self, path: str, token: str) -> None:
        self.path = path
        self.token = token


class Log:
    """Reads on in the log: each time what has come since.

    `domain`: of the addresses of a round; mails to other rounds' candidates are passed over unread, since one
    log may serve many rounds. A mail to somebody who is no round's candidate concerns every round.
    """

    def __init__(self, path: Path, domain: str, offset: int = 0) -> None:
        self._path = path
        self._mine = f"@{domain}".encode()
        self._offset = offset

    def read_on(self) -> list[tuple[Mail, Opened]]:
        if not self._path.exists():
            return []
        found = []
        with self._path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                if self._concerns(line):
                    found.append(_parsed(json.loads(line)))
        return found

    def _concerns(self, line: bytes) -> bool:
        head = line[: max(0, line.find(b'"raw"'))] or line
        return self._mine in head or _ANY_ROUND not in head


def size(path: Path) -> int:
    """Where the next line of a log will begin."""
    return path.stat().st_size if path.exists() else 0


def _parsed(line: dict[str, Any]) -> tuple[Mail, Opened]:
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
            returned=line["answer"] == "returned",
            refused_for_good=isinstance(line["answer"], int) and line["answer"] >= 500,
            link=_bearer(token),
        ),
        Opened(path, token),
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

    def __init__(self, log: Log) -> None:
        self._log = log
        self._arrived: dict[str, list[tuple[Mail, Opened]]] = {}

    async def run(self) -> None:
        while True:
            await asyncio.to_thread(self.read_on)
            await asyncio.sleep(_POLL_SECONDS)

    def read_on(self) -> None:
        """Take in what has come since."""
        for mail, opened in self._log.read_on():
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
