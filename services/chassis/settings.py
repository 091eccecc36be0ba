"""Settings that every deployable reads from its environment; a service adds its own by subclassing."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One process's settings. Each part's address is a setting, so real clusters replace the local ones."""

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    service_name: str
    service_secret: SecretStr
    database_url: SecretStr = SecretStr("")
    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"

    public_url: str
    accounts_url: str
    sessions_url: str
    registration_url: str
    documents_url: str
    notifications_url: str

    http_host: str = "127.0.0.1"
    http_port: int = 8000
    health_port: int = 8001

    shutdown_seconds: float = Field(
        default=25,
        gt=0,
        description="from SIGTERM to the end, at most; `terminationGracePeriodSeconds` is 5 s more; "
        "the worker of `notifications` takes longer while a mail is under way",
    )
    shutdown_notice_seconds: float = Field(
        default=0,
        ge=0,
        description="of them: not ready, but still serving, until the load balancer has noticed",
    )

    body_seconds: float = Field(
        default=30, gt=0, description="for the body of a request that is no upload, from its headers on"
    )

    cookie_idle_seconds: int = Field(
        default=2 * 3600,
        gt=60,
        description="a browser's session ends when it was not used for so long; the pages say it, so every "
        "process is told the same",
    )
    cookie_longer_idle_seconds: int = Field(
        default=24 * 3600,
        gt=60,
        description="the same where the candidate asked for it at the login: at least ten times the other "
        "one, so that everybody can adjust it (WCAG 2.2.1)",
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    office_file: Path | None = None

    @property
    def leaves_seconds(self) -> float:
        """From SIGTERM to the end, at most; a service whose work in hand takes longer says so."""
        return self.shutdown_seconds

    def url_of(self, service: str) -> str:
        """The origin of a sister service, without a trailing slash."""
        url: str = getattr(self, f"{service}_url")
        return url.rstrip("/")
