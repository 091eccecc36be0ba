"""Asking the public API as an officer: where it is, who asks, and what a refusal says in French.

Exit codes: 1 refused, 2 nobody answers.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import typer
from pydantic import ValidationError

from deploy.cli.officer_input import refuse, say_error
from deploy.cli.officer_login import NoOfficer, local_token
from deploy.local.addresses import Addresses


@dataclass(frozen=True)
class Office:
    """Where the API is and who asks: the `sub` of an officer of the local stack, where no token is given."""

    addresses_file: Path
    subject: str | None


def ask(
    office: Office,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """One request; its problem, told in its own words, ends the command."""
    addresses = _addresses(office.addresses_file)
    try:
        with httpx.Client(base_url=addresses.gateway, timeout=30) as client:
            token = os.environ.get("CANDIDAT_LIBRE_OFFICER_TOKEN") or local_token(addresses, office.subject)
            authorization = {"Authorization": f"Bearer {token}"}
            response = client.request(method, path, json=body, headers=authorization | (headers or {}))
    except NoOfficer as error:
        refuse("Connexion refusée", str(error))
    except httpx.TransportError:
        say_error("Le service ne répond pas", f"{addresses.gateway} (« make up » le démarre).")
        raise typer.Exit(2) from None
    if response.is_error:
        _tell(response)
        raise typer.Exit(1)
    return response


def _tell(response: httpx.Response) -> None:
    """The problem's own French words, and which member each of its errors is about."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    say_error(
        problem.get("title", "Demande refusée"), problem.get("detail", f"réponse {response.status_code}.")
    )
    for error in problem.get("errors", ()):
        say_error(f"  {error['pointer']}", error["detail"])


def _addresses(file: Path) -> Addresses:
    try:
        return Addresses.model_validate_json(file.read_text())
    except (OSError, ValidationError):
        say_error(
            f"{file} n’existe pas ou ne peut pas être lu",
            "démarrez la pile avec « make up », ou indiquez le fichier par --addresses.",
        )
        raise typer.Exit(2) from None
