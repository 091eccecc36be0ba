"""Talking to the mail server, and what its answers mean.

NotTaken
├── Refused        5xx about this recipient or this message: final
└── NotNow         4xx, no connection, no answer in time, or a 5xx about us (greeting, login, sender): to be
                   tried again, since nothing is wrong with the mail

No error's text leaves: a server's reply repeats the address.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from services.notifications.letters import Letter
from services.notifications.settings import NotificationsSettings

_GOODBYE_SECONDS = 1


class NotTaken(Exception):
    """The server did not take the mail. `status`: its reply code, if it gave one."""

    def __init__(self, error: str, status: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


class Refused(NotTaken):
    pass


class NotNow(NotTaken):
    pass


def message(letter: Letter, *, to: str, sender: str, message_id: str, now: datetime) -> EmailMessage:
    """Text first, HTML as its alternative (RFC 2046 §5.1.4), what is attached after them.

    It is marked so that no machine answers (RFC 3834).

    Raises:
        Refused: `to` cannot be written as an address.
    """
    found = EmailMessage()
    name, address = parseaddr(sender)
    local, _, domain = address.rpartition("@")
    found["From"] = Address(name, local, domain)
    found["To"] = _recipient(to)
    found["Subject"] = letter.subject
    found["Date"] = format_datetime(now)
    found["Message-ID"] = message_id
    found["Auto-Submitted"] = "auto-generated"
    found["Content-Language"] = "fr"
    found.set_content(letter.text)
    found.add_alternative(letter.html, subtype="html")
    if (attached := letter.attachment) is not None:
        found.add_attachment(attached.content, maintype="application", subtype="pdf", filename=attached.name)
    return found


def _recipient(to: str) -> Address:
    try:
        return Address(addr_spec=to)
    except (ValueError, LookupError, HeaderParseError):
        raise Refused("UnusableAddress") from None


async def deliver(
    settings: NotificationsSettings, mail: EmailMessage, return_path: str | None = None
) -> float:
    """Hand `mail` over; the event loop's time of the server's 250.

    It is returned, if it must be, to `return_path`; by default to who writes.

    The attempt's time ends there: a goodbye that hangs must not make a mail that was taken look refused.

    Raises:
        NotTaken: see the module.
    """
    password = settings.smtp_password.get_secret_value()
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username or None,
        password=password or None,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        local_hostname=settings.mail_domain,
        timeout=settings.attempt_seconds,
    )
    try:
        at = await _within(settings.attempt_seconds, client, mail, return_path)
        with suppress(SMTPException, OSError, TimeoutError):
            await client.quit(timeout=_GOODBYE_SECONDS)
    finally:
        client.close()
    return at


async def _within(
    seconds: float, client: aiosmtplib.SMTP, mail: EmailMessage, return_path: str | None
) -> float:
    try:
        async with asyncio.timeout(seconds):
            await _connect(client)
            await _hand_over(client, mail, return_path)
    except TimeoutError:
        raise NotNow("TimeoutError") from None
    return asyncio.get_running_loop().time()


async def _connect(client: aiosmtplib.SMTP) -> None:
    """Greeting, TLS and login: whatever fails here says nothing of the mail."""
    try:
        await client.connect()
    except (SMTPException, OSError) as error:
        raise NotNow(type(error).__name__, getattr(error, "code", None)) from None


async def _hand_over(client: aiosmtplib.SMTP, mail: EmailMessage, return_path: str | None) -> None:
    try:
        await client.send_message(mail, sender=return_path)
    except SMTPRecipientsRefused as error:
        raise _answer(error.recipients[0]) from None
    except SMTPDataError as error:
        raise _answer(error) from None
    except SMTPNotSupported as error:  # an address in UTF-8, and a server that cannot take one
        raise Refused(type(error).__name__) from None
    except SMTPResponseException as error:
        raise NotNow(type(error).__name__, error.code) from None
    except (SMTPException, OSError) as error:
        raise NotNow(type(error).__name__) from None


def _answer(error: SMTPResponseException) -> NotTaken:
    kind = Refused if error.code >= 500 else NotNow
    return kind(type(error).__name__, error.code)
