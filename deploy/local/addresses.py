"""Every address and development credential of a running stack, for people, scripts and other front ends."""

from pathlib import Path

from pydantic import BaseModel


class OfficerAccount(BaseModel):
    """Someone of the exams office who can log in: choose `sub` on the provider's page."""

    sub: str
    name: str
    role: str
    portfolios: list[int]


class Addresses(BaseModel):
    """Empty where a part was not asked for."""

    root: Path
    gateway: str = ""
    turned_away: Path | None = None
    """Where the gateway writes down whom it turned away; rolled files lie beside it."""
    temporal: str = ""
    temporal_ui: str = ""
    kafka: str = ""
    broker: str = ""
    """What answers at `kafka`: Apache Kafka with its version, Tansu, or an external cluster."""
    database_admin: str = ""
    databases: dict[str, str] = {}
    mailbox: str = ""
    smtp: str = ""
    bounces: str = ""
    """SMTP too: where `notifications` takes returned mails."""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    officers: list[OfficerAccount] = []
    object_store: str = ""
    services: dict[str, str] = {}
    """Direct origins, behind the gateway: deployable → origin."""
    health: dict[str, str] = {}
    service_secrets: dict[str, str] = {}
    logs: dict[str, Path] = {}
    timings: dict[str, float] = {}
    """Seconds from a part's turn to its being ready, at the last start."""

    def write(self, path: Path) -> None:
        """Replace the file whole; readable by its owner only, for it holds passwords."""
        partial = path.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(self.model_dump_json(indent=2))
        partial.replace(path)
