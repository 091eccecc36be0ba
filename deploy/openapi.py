"""The OpenAPI documents of the services, as they publish them: no part need run for it."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from services.accounts.apps import http_app
from services.accounts.settings import AccountsSettings
from services.chassis.openapi import Document, together
from services.documents.main import application as documents
from services.documents.settings import Settings as DocumentsSettings
from services.notifications.main import application as notifications
from services.notifications.settings import NotificationsSettings
from services.registration.main import application as registration
from services.registration.settings import Settings as RegistrationSettings

TOGETHER = "candidat-libre"
_OF_EVERY_SERVICE = {"service_secret": "", "public_url": "https://inscription.example"} | {
    f"{service}_url": f"http://{service}"
    for service in ("accounts", "sessions", "registration", "documents", "notifications")
}
_OF_ACCOUNTS: dict[str, Any] = dict.fromkeys(
    ("activation_key", "activation_key_id", "oidc_issuer", "oidc_client_id", "oidc_client_secret"), "x"
)


@cache
def openapi_documents() -> dict[str, Document]:
    """By service, and all in one under `TOGETHER`. The same ones each time: to be read only."""
    apps: dict[str, Callable[[dict[str, Any]], FastAPI]] = {
        "accounts": lambda given: http_app(AccountsSettings(**given, **_OF_ACCOUNTS)),
        "registration": lambda given: registration(RegistrationSettings(**given)),
        "documents": lambda given: documents(DocumentsSettings(**given, object_store_url="memory:///")),
        "notifications": lambda given: notifications(NotificationsSettings(**given)),
    }
    given: dict[str, Any] = _OF_EVERY_SERVICE
    found = {service: make({"service_name": service} | given).openapi() for service, make in apps.items()}
    return found | {TOGETHER: together(found)}


def texts() -> dict[str, str]:
    """The documents as files: name and content."""
    return {
        f"{name}.json": json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        for name, document in openapi_documents().items()
    }


def write(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts().items():
        (folder / name).write_text(text)
        written.append(folder / name)
    return written
