"""Where each part is, when it is not ours to start: `CANDIDAT_LIBRE_*` (listed in `deploy.local`)."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout: migrations, calendars and the default roots are found from here."""


class StackSettings(BaseSettings):
    """A part with an address here is used as it is and not started."""

    model_config = SettingsConfigDict(env_prefix="CANDIDAT_LIBRE_", extra="ignore", frozen=True)

    database_admin_url: SecretStr | None = None
    database_fsync: bool = True
    """False: a stack to be thrown away, whose databases need not survive the machine’s death."""
    kafka: str | None = None
    temporal: str | None = None
    temporal_ui: str = ""
    smtp: str | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str = "candidat-libre"
    oidc_client_secret: SecretStr | None = None
    object_store_url: str | None = None
    mail_from: str = "DEC candidats individuels <ne-pas-repondre@candidat-libre.example>"
    bounce_address: str | None = None
    """Where undeliverable mails are returned to. By default an address of the domain of `mail_from`, unless
    the mail server is a given one, which would have to know it."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    gateway_patience_seconds: float = Field(default=10, ge=0)
    """How long the gateway tries to reach a service that accepts no connection; 0: it answers 503 at once."""
    gateway_body_seconds: float = Field(default=900, gt=0)
    """How long the gateway takes for the whole of a body; more than the sessions' grace (`grace_seconds`) and
    two minutes, or it cuts uploads that are in time."""
    broker: Literal["kafka", "tansu"] | None = None
    """Force the broker; by default Apache Kafka wherever a JDK and Maven (or its cached jars) are found."""
    parts_folder: Path = PROJECT / ".local" / "parts"
    """Downloaded parts, shared by all stacks of the checkout."""
