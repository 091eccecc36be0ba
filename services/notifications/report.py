"""Reading a delivery status notification (RFC 3464): what became of a mail that had been taken.

Pure, and wary: anybody may send anything here. Only codes are taken out of it, never a text.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum

_MOST_PARTS = 40
_MOST_LINES_OF_A_BOUNDARY = 500
_LONGEST_FIELD = 1000
_CODE = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_REPLY = re.compile(r"smtp;\s*([45]\d\d)\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>")


class Fate(StrEnum):
    """`failed`: nobody will try again, whatever the class of its code. `delayed`: somebody still does."""

    FAILED = "failed"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Report:
    """code: the enhanced status (RFC 3463), as 5.1.1. reply: the SMTP reply that the other server gave."""

    fate: Fate
    code: str
    reply: int | None
    message_id: str | None


def read(content: bytes) -> Report | None:
    """The report in a message; None for anything else, as an answer by a person or a machine."""
    if _parts(content) > _MOST_PARTS or content.count(b"\n--") > _MOST_LINES_OF_A_BOUNDARY:
        return None
    try:
        return _read(message_from_bytes(content, policy=policy.compat32))
    except Exception:  # noqa: BLE001 - whatever a parser stumbles over is no report
        return None


def _parts(content: bytes) -> int:
    """At least how many parts the parser would make, so that no nesting or number can exhaust it."""
    lowered = content.lower()
    return lowered.count(b"multipart/") + lowered.count(b"message/")


def _read(message: Message) -> Report | None:
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    blocks = next((_blocks(part) for part in parts if _is(part, "message/delivery-status")), [])
    fates = [found for block in blocks[:_MOST_PARTS] if (found := _fate(block)) is not None]
    if not fates:
        return None
    fate, code, reply = min(fates, key=lambda one: one[0] is not Fate.FAILED)
    return Report(fate, code, reply, next(filter(None, map(_returned, parts)), None))


def _is(part: Message, *kinds: str) -> bool:
    return part.get_content_type() in kinds


def _blocks(part: Message) -> list[Message]:
    """The fields about each recipient; those about the message come first and hold no action."""
    found = part.get_payload()
    return [block for block in found if isinstance(block, Message)] if isinstance(found, list) else []


def _fate(block: Message) -> tuple[Fate, str, int | None] | None:
    action, status = _field(block, "Action").lower(), _CODE.match(_field(block, "Status"))
    if status is None or status[1] == "2" or action not in {fate.value for fate in Fate}:
        return None
    reply = _REPLY.match(_field(block, "Diagnostic-Code"))
    return Fate(action), status[0], int(reply[1]) if reply else None


def _field(block: Message, name: str) -> str:
    return str(block.get(name, ""))[:_LONGEST_FIELD].partition("(")[0].strip()


def _returned(part: Message) -> str | None:
    """The Message-ID of the mail that came back, whole or its headers alone."""
    if _is(part, "message/rfc822", "message/global") and (blocks := _blocks(part)):
        original = blocks[0]
    elif _is(part, "text/rfc822-headers", "message/global-headers"):
        text = part.get_payload(decode=True)
        original = message_from_bytes(text if isinstance(text, bytes) else b"", policy=policy.compat32)
    else:
        return None
    found = _MESSAGE_ID.search(str(original.get("Message-ID", ""))[:_LONGEST_FIELD])
    return found[0] if found else None
