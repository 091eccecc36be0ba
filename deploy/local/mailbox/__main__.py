"""`python -m deploy.local.mailbox`: SMTP and HTTP in one process, until SIGTERM."""

import argparse
import asyncio
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from deploy.local.mailbox.messages import Messages
from deploy.local.mailbox.pages import app

_HOST = "127.0.0.1"


class Receiver:
    """aiosmtpd's handler: whatever arrives is kept."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        if not isinstance(content, bytes):
            return "500 no content"
        message = self._messages.add(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return f"250 OK message {message.id}"


async def run(smtp_port: int, http_port: int, file: Path) -> None:
    messages = Messages(file)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    smtp = await loop.create_server(
        lambda: SMTP(Receiver(messages), enable_SMTPUTF8=True, loop=loop), _HOST, smtp_port
    )
    pages = Server(
        app(messages),
        address=_HOST,
        port=http_port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        websockets=False,
    )
    serving = asyncio.create_task(pages.serve())
    await stop.wait()
    smtp.close()
    pages.stop()  # type: ignore[no-untyped-call]  # granian ships no annotation for it
    await asyncio.wait({serving}, timeout=2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.mailbox")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.smtp_port, arguments.http_port, arguments.file))


if __name__ == "__main__":
    main()
