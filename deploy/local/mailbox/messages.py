"""A received mail as the page and the JSON show it, and the file that keeps them over a restart."""

import base64
import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from pydantic import Base64Bytes, BaseModel


class Attachment(BaseModel):
    name: str
    content_type: str
    content: Base64Bytes


class Message(BaseModel):
    """`to` are the envelope's recipients: who really gets it. `headers` are as sent, decoded."""

    id: int
    received_at: datetime
    sender: str
    to: list[str]
    subject: str
    message_id: str
    headers: dict[str, str]
    text: str
    html: str
    attachments: list[Attachment] = []


def read(number: int, sender: str, to: list[str], content: bytes) -> Message:
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    return Message(
        id=number,
        received_at=datetime.now(UTC),
        sender=sender,
        to=to,
        subject=str(parsed.get("Subject", "")),
        message_id=str(parsed.get("Message-ID", "")),
        headers={name: str(value) for name, value in parsed.items()},
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
        attachments=[_attachment(number, part) for number, part in enumerate(_attached(parsed), start=1)],
    )


def _attached(parsed: EmailMessage) -> list[EmailMessage]:
    return list(parsed.iter_attachments()) if parsed.is_multipart() else []


def _attachment(number: int, part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        name=part.get_filename() or f"piece-{number}",
        content_type=part.get_content_type(),
        content=base64.b64encode(content if isinstance(content, bytes) else b""),
    )


def _body(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


class Messages:
    """In memory, and appended to `file`: a mail that was accepted is on disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self._all = [Message.model_validate_json(line) for line in lines]

    def add(self, sender: str, to: list[str], content: bytes) -> Message:
        message = read(len(self._all) + 1, sender, to, content)
        with self._file.open("a") as file:
            file.write(message.model_dump_json() + "\n")
        self._all.append(message)
        return message

    def get(self, number: int) -> Message | None:
        return self._all[number - 1] if 1 <= number <= len(self._all) else None

    def newest_first(self, to: str | None = None) -> list[Message]:
        """All, or those for one address (upper and lower case alike)."""
        wanted = to.casefold() if to is not None else None
        return [
            message
            for message in reversed(self._all)
            if wanted is None or wanted in (address.casefold() for address in message.to)
        ]
