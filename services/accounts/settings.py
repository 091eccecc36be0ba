"""Settings of the accounts service, besides those of every service."""

from pydantic import Field, SecretStr

from services.accounts.domain.links import LinkKeys
from services.chassis.settings import Settings


class SiteSettings(Settings):
    """What both processes must agree on."""

    @property
    def secure(self) -> bool:
        """Whether the site is served by https: cookies then say so."""
        return self.public_url.startswith("https://")


class AccountsSettings(SiteSettings):
    """Durations are in seconds."""

    activation_key: SecretStr
    activation_key_id: str
    activation_previous_keys: dict[str, SecretStr] = Field(
        default={}, description="key id → key, for links that are still out after a change of key"
    )

    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: SecretStr

    reset_seconds: int = Field(default=3600, gt=0)
    officer_session_seconds: int = Field(default=10 * 3600, gt=0)
    farewell_seconds: int = Field(default=7 * 24 * 3600, gt=0)

    login_tries: int = Field(
        default=10,
        gt=0,
        description="failed logins per window of one address from one network, or of one known browser; "
        "wrong passwords for one activation",
    )
    login_window_seconds: int = Field(default=900, gt=0)
    network_login_tries: int = Field(
        default=200, gt=0, description="failed logins of one network per window, whatever the address"
    )
    full_network_tries: int = Field(
        default=2,
        gt=0,
        description="what a network over its limit of failed logins, or of mails asked for, still has with "
        "each address: nobody locks out who shares their network",
    )
    alarming_failures_per_minute: int = Field(
        default=300, gt=0, description="failed logins of all, per process: tells the operator, refuses nobody"
    )
    mails_per_hour: int = Field(
        default=5, gt=0, description="mails one address can be made to receive, per kind"
    )
    network_creations_per_hour: int = Field(
        default=100, gt=0, description="accounts asked for by one network"
    )
    network_mail_requests_per_hour: int = Field(
        default=100, gt=0, description="links asked for again, or for a new password, by one network"
    )
    argon2_waiting: int = Field(default=64, ge=0)

    @property
    def link_keys(self) -> LinkKeys:
        keys = {self.activation_key_id: self.activation_key} | self.activation_previous_keys
        return LinkKeys(
            self.activation_key_id, {kid: key.get_secret_value().encode() for kid, key in keys.items()}
        )


class SessionsSettings(SiteSettings):
    """For the process that tells who is asking. It alone holds the signing key."""

    identity_private_key: SecretStr
    service_secrets_sha256: dict[str, str] = Field(description="service → SHA-256 (hex) of its secret")
