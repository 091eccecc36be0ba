"""This service's settings: the mail server, who writes, and where returned mails come in."""

from email.utils import parseaddr
from typing import Literal

from pydantic import Field, SecretStr

from services.chassis.settings import Settings

_TO_WRITE_DOWN_SECONDS = 10
_GOODBYE_SECONDS = 5


class NotificationsSettings(Settings):
    """`smtp_security`: `starttls` and `tls` check the server's certificate."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=1025, gt=0, lt=65536)
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    attempt_seconds: float = Field(
        default=60, gt=0, description="to ask the owners, and again to reach the 250"
    )
    inherit_after_seconds: float = Field(
        default=100,
        ge=0,
        description="from when a sender sees the database until it takes up mails whose lease is over: "
        "who sends them may hang for a connect, a statement and its cancellation before it writes their end",
    )
    senders: int = Field(default=8, gt=0, description="mails on their way at once")
    bounce_address: str = Field(
        default="",
        description="where undeliverable mails are returned to, as retours@…; empty: to `mail_from`",
    )
    bounce_host: str = "127.0.0.1"
    bounce_port: int = Field(
        default=0,
        ge=0,
        lt=65536,
        description="SMTP, for mail to `bounce_address` and its `+…`; 0: none is taken",
    )
    mail_from: str = "Candidats individuels <ne-pas-repondre@candidat-libre.example>"

    @property
    def mails_end_seconds(self) -> float:
        """From SIGTERM: what a mail under way has to end, and to be written down.

        At least the time that the server has for its 250: a process that goes before it sends the mail twice.
        """
        return max(self.shutdown_seconds - _GOODBYE_SECONDS, self.attempt_seconds + _TO_WRITE_DOWN_SECONDS)

    @property
    def leaves_seconds(self) -> float:
        return self.mails_end_seconds + _GOODBYE_SECONDS

    @property
    def mail_domain(self) -> str:
        """The domain of the sender's address; it makes the Message-IDs."""
        return parseaddr(self.mail_from)[1].rpartition("@")[2] or "localhost"
