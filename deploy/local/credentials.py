"""The development credentials of one stack: made once, kept in `secrets.json` (mode 0600), never logged."""

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import BaseModel, Field

SECRETS = "secrets.json"
DATABASES = ("accounts", "registration", "documents", "notifications")
"""The services with a database, and a role of the same name."""
CLIENTS = (*DATABASES, "workflows")
"""Who may ask for a service token."""


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _signing_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Credentials(BaseModel):
    """256 random bits each. URL-safe, so that a password stands unquoted in a database URL."""

    database_admin: str = Field(default_factory=_secret)
    databases: dict[str, str] = Field(default_factory=lambda: {name: _secret() for name in DATABASES})
    clients: dict[str, str] = Field(default_factory=lambda: {name: _secret() for name in CLIENTS})
    identity_private_key: str = Field(default_factory=_signing_key)
    activation_key: str = Field(default_factory=lambda: secrets.token_hex(32))
    oidc_client: str = Field(default_factory=_secret)

    def client_digests(self) -> dict[str, str]:
        """Client → SHA-256 of its secret: all that the verifier needs."""
        return {name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in self.clients.items()}


def load(path: Path) -> Credentials:
    """The stack's credentials; what is missing (a first start) is made and saved."""
    credentials = Credentials.model_validate_json(path.read_bytes()) if path.exists() else Credentials()
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(credentials.model_dump_json(indent=2))
    partial.replace(path)
    return credentials
