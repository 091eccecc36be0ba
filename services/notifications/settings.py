"""This service's settings: the mail server and who writes."""

from email.utils import parseaddr
from typing import Literal

from pydantic import Field, SecretStr

from services.chassis.settings import Settings


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
    senders: int = Field(default=8, gt=0, description="mails on their way at once")
    mail_from: str = "Candidats individuels <ne-pas-repondre@candidat-libre.example>"

    @property
    def mail_domain(self) -> str:
        """The domain of the sender's address; it makes the Message-IDs."""
        return parseaddr(self.mail_from)[1].rpartition("@")[2] or "localhost"
