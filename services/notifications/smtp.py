"""Talking to the mail server, and what its answers mean.

NotTaken
├── Refused        5xx about this recipient: final
└── NotNow         4xx, no connection, no answer in time, or a 5xx about us (greeting, login, sender, quota,
                   policy): to be tried again, since nothing is wrong with the recipient

No error's text leaves but its enhanced code: a server's reply repeats the address.
"""

import asyncio
import re
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

from services.notifications.domain import Answer, Step
from services.notifications.letters import Letter
from services.notifications.settings import NotificationsSettings

_GOODBYE_SECONDS = 1
_CODE = re.compile(r"[45]\.\d{1,3}\.\d{1,3}(?!\d)")


class NotTaken(Exception):
    """The server did not take the mail.

    error: the enhanced code (RFC 3463), where the answer has one; else the error's type.
    answer: what the server said, if it said anything.
    """

    def __init__(self, error: str, answer: Answer | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.answer = answer

    @property
    def status(self) -> int | None:
        """The reply code, if there was an answer."""
        return None if self.answer is None else self.answer.status


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
        with suppress(Exception):  # whatever it is, the mail was taken
            await client.quit(timeout=_GOODBYE_SECONDS)
    finally:
        with suppress(Exception):
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
    except SMTPResponseException as error:
        raise _answered(error, Step.US) from None
    except (SMTPException, OSError) as error:
        raise NotNow(type(error).__name__) from None


async def _hand_over(client: aiosmtplib.SMTP, mail: EmailMessage, return_path: str | None) -> None:
    try:
        await client.send_message(mail, sender=return_path)
    except SMTPRecipientsRefused as error:
        raise _answered(error.recipients[0], Step.RECIPIENT) from None
    except SMTPDataError as error:
        raise _answered(error, Step.DATA) from None
    except SMTPNotSupported as error:  # an address in UTF-8, and a server that cannot take one
        raise Refused(type(error).__name__) from None
    except SMTPResponseException as error:
        raise _answered(error, Step.US) from None
    except (SMTPException, OSError) as error:
        raise NotNow(type(error).__name__) from None


def _answered(error: SMTPResponseException, step: Step) -> NotTaken:
    """The code stands at the beginning of the reply's text (RFC 2034 §4); below 400 it is no answer to us."""
    if error.code < 400:
        return NotNow(type(error).__name__)
    found = _CODE.match(error.message)
    code = None if found is None else found[0]
    answer = Answer(step, error.code, code)
    kind = Refused if answer.about_recipient else NotNow
    return kind(code or type(error).__name__, answer)
