"""A mail server that can be told to misbehave, a process of its own: `python -m tests.faults.smtp`.

Every message whose DATA it has fully received is a line of the log, on disk before the answer leaves:

    {"at", "to": […], "message_id", "subject", "raw": base64, "answer": 250 | 451 | 550 | "dropped" | "hung"}

and so is every one that was returned, once who sent it has taken the notification: "answer": "returned".

How it behaves is in the control file, read at each message; missing, it takes everything:

    {"mode": "normal" | "later" | "never" | "hang" | "drop" | "bounce", "share": 0.5, "bounce_to": "…:port"}

later, never   451, 550          hang    no answer until the client has gone
drop           the connection is cut after DATA, before any answer
bounce         250, and soon afterwards a delivery status notification (RFC 3464) to the envelope's sender
`share`        of the recipients, chosen by their address: who is refused is refused again
"""

import argparse
import asyncio
import base64
import email
import email.policy
import hashlib
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import BaseModel

HOST = "127.0.0.1"
_BOUNCE_AFTER_SECONDS = 1.0
_BOUNCE_AGAIN_SECONDS = 2.0
_BOUNCE_TRIES = 30
_HANG_SECONDS = 600

_NOTIFICATION = """\
From: Mail Delivery System <mailer-daemon@serveur.example>
To: <{to}>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="returned"

--returned
Content-Type: text/plain; charset=us-ascii

The mail could not be delivered.

--returned
Content-Type: message/delivery-status

Reporting-MTA: dns; serveur.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

--returned
Content-Type: text/rfc822-headers

"""


class Control(BaseModel):
    """How the server behaves from now on."""

    mode: str = "normal"
    share: float = 1.0
    bounce_to: str = ""

    def write(self, path: Path) -> None:
        partial = path.with_suffix(".partial")
        partial.write_text(self.model_dump_json())
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Control":
        return cls.model_validate_json(path.read_text()) if path.exists() else cls()

    def concerns(self, address: str) -> bool:
        drawn = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big") / 2**32
        return drawn < self.share


class Receiver:
    """aiosmtpd's handler."""

    def __init__(self, log: Path, control: Path) -> None:
        self._log = log
        self._control = control
        self._bounces: set[asyncio.Task[None]] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        control = Control.read(self._control)
        mode = control.mode if control.concerns(envelope.rcpt_tos[0]) else "normal"
        answers: dict[str, int | str] = {"later": 451, "never": 550, "hang": "hung", "drop": "dropped"}
        self._keep(envelope, content, answers.get(mode, 250))
        match mode:
            case "later":
                return "451 4.3.0 try again later"
            case "never":
                return "550 5.1.1 no such mailbox"
            case "hang":
                await asyncio.sleep(_HANG_SECONDS)
            case "drop":
                cast(asyncio.Transport, server.transport).abort()
            case "bounce":
                self._bounce_soon(control.bounce_to, envelope, content)
        return "250 2.0.0 taken"

    def _keep(self, envelope: Envelope, content: bytes, answer: int | str) -> None:
        message = email.message_from_bytes(content, policy=email.policy.default)
        line = {
            "at": datetime.now(UTC).isoformat(),
            "to": list(envelope.rcpt_tos),
            "message_id": str(message.get("Message-ID", "")),
            "subject": str(message.get("Subject", "")),
            "raw": base64.b64encode(content).decode(),
            "answer": answer,
        }
        with self._log.open("a") as log:
            log.write(json.dumps(line) + "\n")
            log.flush()
            os.fsync(log.fileno())

    def _bounce_soon(self, where: str, envelope: Envelope, content: bytes) -> None:
        task = asyncio.create_task(self._bounce(where, envelope, content))
        self._bounces.add(task)
        task.add_done_callback(self._bounces.discard)

    async def _bounce(self, where: str, envelope: Envelope, content: bytes) -> None:
        if await _returned(where, envelope.mail_from or "", envelope.rcpt_tos[0], content):
            self._keep(envelope, content, "returned")


async def _returned(where: str, to: str, recipient: str, content: bytes) -> bool:
    """Bring the notification back, as the mail server of a domain does: again and again until it is taken."""
    host, _, port = where.rpartition(":")
    for _ in range(_BOUNCE_TRIES):
        await asyncio.sleep(_BOUNCE_AFTER_SECONDS)
        client = aiosmtplib.SMTP(hostname=host, port=int(port), timeout=5, use_tls=False, start_tls=False)
        try:
            async with client:
                await client.sendmail("", [to], notification(to, recipient, content))
        except (aiosmtplib.SMTPException, OSError):
            await asyncio.sleep(_BOUNCE_AGAIN_SECONDS)
        else:
            return True
    return False


def notification(to: str, recipient: str, content: bytes) -> bytes:
    """A delivery status notification: what failed for good, with the returned headers (RFC 3464)."""
    returned, _, _ = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    text = _NOTIFICATION.format(to=to, recipient=recipient).encode() + returned + b"\n\n--returned--\n"
    return text.replace(b"\n", b"\r\n")


async def run(port: int, log: Path, control: Path) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    receiver: Any = Receiver(log, control)
    server = await loop.create_server(
        lambda: SMTP(receiver, enable_SMTPUTF8=True, loop=loop, timeout=_HANG_SECONDS), HOST, port
    )
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.smtp")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.port, arguments.log, arguments.control))


if __name__ == "__main__":
    main()
