"""What each deployable is told: the settings it reads from its environment, and only its own secrets."""

import json
import os
import sys
from email.utils import parseaddr
from pathlib import Path

from deploy.local.addresses import Addresses
from deploy.local.children import base_environment
from deploy.local.context import BOUNCES, HOST, StackContext
from deploy.local.parts.kafka import knows_idempotence
from deploy.local.parts.temporal import NAMESPACE
from deploy.local.processes import Deployable
from deploy.local.settings import PROJECT, StackSettings

DEFAULT_CALENDAR = PROJECT / "services" / "registration" / "data" / "session-2021.toml"


# Everybody of a local stack comes from this machine, and the demo plays a session in minutes.
_ONE_NETWORK = {
    "NETWORK_CREATIONS_PER_HOUR": "100000",
    "NETWORK_MAIL_REQUESTS_PER_HOUR": "100000",
    "NETWORK_LOGIN_TRIES": "100000",
}


def environment(deployable: Deployable, context: StackContext) -> dict[str, str]:
    """The whole environment of one deployable."""
    return (
        base_environment()
        | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": "random"}
        | _common(deployable, context)
        | _own(deployable, context)
        | dict(context.extra_environment.get(deployable.name, {}))
    )


def _gateway_logs(addresses: Addresses) -> dict[str, str]:
    """Nothing where there is no gateway."""
    log = addresses.turned_away
    return {} if log is None else {"GATEWAY_LOGS": str(log.with_name("turned-away*.log"))}


def _bounce_address(settings: StackSettings) -> str:
    if settings.bounce_address is not None or settings.smtp is not None:
        return settings.bounce_address or ""
    return f"retours@{parseaddr(settings.mail_from)[1].rpartition('@')[2]}"


def python(deployable: Deployable) -> list[str]:
    return [sys.executable, "-m", deployable.module, deployable.role]


def _common(deployable: Deployable, context: StackContext) -> dict[str, str]:
    addresses = context.addresses
    port = str(context.ports[deployable.name])
    service = deployable.service
    found = {
        "SERVICE_NAME": service,
        "SERVICE_SECRET": context.credentials.clients[service],
        "KAFKA_BOOTSTRAP_SERVERS": addresses.kafka,
        "TEMPORAL_ADDRESS": addresses.temporal,
        "TEMPORAL_NAMESPACE": NAMESPACE,
        "PUBLIC_URL": addresses.gateway,
        "ACCOUNTS_URL": addresses.services["accounts-http"],
        "SESSIONS_URL": addresses.services["accounts-sessions"],
        "REGISTRATION_URL": addresses.services["registration-http"],
        "DOCUMENTS_URL": addresses.services["documents-http"],
        "NOTIFICATIONS_URL": addresses.services["notifications-http"],
        "HTTP_HOST": HOST,
        "HTTP_PORT" if deployable.serves_http else "HEALTH_PORT": port,
        "LOG_LEVEL": context.settings.log_level,
    }
    if not knows_idempotence(addresses):
        found["KAFKA_ENABLE_IDEMPOTENCE"] = "false"
    if service in addresses.databases:
        found["DATABASE_URL"] = addresses.databases[service]
    return found


def _own(deployable: Deployable, context: StackContext) -> dict[str, str]:
    addresses, credentials = context.addresses, context.credentials
    match deployable.service:
        case "accounts":
            found = {
                "IDENTITY_PRIVATE_KEY": credentials.identity_private_key,
                "ACTIVATION_KEY": credentials.activation_key,
                "ACTIVATION_KEY_ID": "k1",
                "OIDC_ISSUER": addresses.oidc_issuer,
                "OIDC_CLIENT_ID": addresses.oidc_client_id,
                "OIDC_CLIENT_SECRET": addresses.oidc_client_secret,
                **_ONE_NETWORK,
            }
            if deployable.role == "sessions":
                found["SERVICE_SECRETS_SHA256"] = json.dumps(credentials.client_digests())
            return found
        case "registration":
            calendar: Path = context.calendar_file or DEFAULT_CALENDAR
            return {"SESSION_CALENDAR_FILE": str(calendar.resolve())} | _gateway_logs(addresses)
        case "documents":
            # Compressed calendars wait for the first look from outside after the deadline.
            found = {"OBJECT_STORE_URL": addresses.object_store, "PROBE_SECONDS": "1"}
            return found | _gateway_logs(addresses) | _store_access(addresses)
        case "notifications":
            host, _, port = addresses.smtp.rpartition(":")
            found = {"SMTP_HOST": host, "SMTP_PORT": port, "MAIL_FROM": context.settings.mail_from}
            if deployable.role == "worker" and (returned := _bounce_address(context.settings)):
                found |= {"BOUNCE_ADDRESS": returned, "BOUNCE_PORT": str(context.ports[BOUNCES])}
            return found
        case _:
            return {}


def _store_access(addresses: Addresses) -> dict[str, str]:
    """Whose an S3 store is and how it is reached: of our own environment, as every client of S3 reads it."""
    if addresses.object_store.startswith("file:"):
        return {}
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
