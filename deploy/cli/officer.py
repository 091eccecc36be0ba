"""`candidat-libre officer …`: an officer's acts through the public API, each with its reason.

The token of an officer's session comes from `CANDIDAT_LIBRE_OFFICER_TOKEN`; on the local stack, without
it, the command logs in at the local identity provider as `--as SUB` (see `.local/addresses.json`).
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin
from uuid import UUID
from zoneinfo import ZoneInfo

import click
import httpx
import typer
from rich.console import Console

from deploy.local.addresses import Addresses

app = typer.Typer(no_args_is_help=True, help="Les actes d’un gestionnaire, chacun avec son motif.")
_console = Console()
_PARIS = ZoneInfo("Europe/Paris")
_FORM_ACTION = re.compile(r'<form[^>]*action="([^"]*)"')

Candidate = Annotated[UUID, typer.Argument(help="identifiant du candidat")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="le motif, gardé au dossier")]
To = Annotated[datetime, typer.Option("--to", help="nouvelle échéance, heure de Paris (AAAA-MM-JJTHH:MM:SS)")]


@dataclass(frozen=True)
class _Office:
    """Where the API is and who asks."""

    addresses_file: Path
    subject: str | None


@app.callback()
def choose(
    context: typer.Context,
    addresses: Annotated[Path, typer.Option(help="fichier des adresses écrit par la pile locale")] = Path(
        ".local/addresses.json"
    ),
    subject: Annotated[
        str | None, typer.Option("--as", help="gestionnaire de la pile locale à prendre (sub)")
    ] = None,
) -> None:
    context.obj = _Office(addresses, subject)


@app.command()
def show(candidate: Candidate) -> None:
    """Le dossier d’un candidat : candidature, pièces et messages."""
    for path in (
        f"/api/registration/candidatures/{candidate}",
        f"/api/documents/candidates/{candidate}",
        f"/api/notifications/candidates/{candidate}",
    ):
        _print(_call("GET", path))


@app.command()
def accept(candidate: Candidate, piece: str, reason: Reason) -> None:
    """Accepter une pièce."""
    _post(f"/api/documents/candidates/{candidate}/pieces/{piece}/acceptance", reason)


@app.command()
def refuse(candidate: Candidate, piece: str, reason: Reason) -> None:
    """Refuser une pièce ; près de l’échéance, le candidat reçoit un délai à lui."""
    _post(f"/api/documents/candidates/{candidate}/pieces/{piece}/refusal", reason)


@app.command()
def hold(candidate: Candidate, reason: Reason) -> None:
    """Mettre une candidature en attente."""
    _post(f"/api/registration/candidatures/{candidate}/hold", reason)


@app.command()
def release(candidate: Candidate, reason: Reason) -> None:
    """Lever la mise en attente : la candidature est jugée de nouveau aussitôt."""
    _post(f"/api/registration/candidatures/{candidate}/release", reason)


@app.command()
def cancel(candidate: Candidate, reason: Reason) -> None:
    """Annuler une candidature."""
    _post(f"/api/registration/candidatures/{candidate}/cancellation", reason)


@app.command()
def reinstate(candidate: Candidate, reason: Reason, to: To) -> None:
    """Rétablir une candidature, avec une échéance à elle."""
    _post(f"/api/registration/candidatures/{candidate}/reinstatement", reason, deadline_at=_instant(to))


@app.command("move-deadline")
def move_deadline(candidate: Candidate, reason: Reason, to: To) -> None:
    """Donner une autre échéance à un candidat."""
    _post(f"/api/registration/candidatures/{candidate}/deadline", reason, deadline_at=_instant(to))


@app.command("move-session-deadline")
def move_session_deadline(session: str, reason: Reason, to: To) -> None:
    """Donner une autre échéance à toute une session."""
    _post(f"/api/registration/sessions/{session}/deadline", reason, deadline_at=_instant(to))


@app.command("missing-verdicts")
def missing_verdicts() -> None:
    """Les candidatures sans issue alors que leur échéance est passée."""
    _print(_call("GET", "/api/registration/missing-verdicts"))


@app.command()
def undelivered() -> None:
    """Les comptes dont aucun message d’activation n’a pu partir."""
    _print(_call("GET", "/api/accounts/undelivered"))


def _post(path: str, reason: str, **members: Any) -> None:
    _print(_call("POST", path, {"reason": reason, **members}))


def _call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    office: _Office = click.get_current_context().obj
    addresses = _addresses(office.addresses_file)
    with httpx.Client(base_url=addresses.gateway, timeout=30) as client:
        token = os.environ.get("CANDIDAT_LIBRE_OFFICER_TOKEN") or local_token(
            client, addresses, office.subject
        )
        response = client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
    if response.is_error:
        problem = response.json()
        _console.print(f"[red]{problem.get('title', response.status_code)}[/red] : {problem.get('detail')}")
        for error in problem.get("errors", ()):
            _console.print(f"  {error['pointer']} : {error['detail']}")
        raise typer.Exit(1)
    return response.json() if response.content else {"status": response.status_code}


def local_token(client: httpx.Client, addresses: Addresses, subject: str | None = None) -> str:
    """Log in through OpenID Connect at the local provider, as its page's form does."""
    subject = subject or addresses.officers[0].sub
    with httpx.Client(timeout=30, follow_redirects=True) as browser:
        page = browser.get(f"{addresses.gateway}/agents/connexion", params={"format": "json"})
        page.raise_for_status()
        action = _FORM_ACTION.search(page.text)
        target = urljoin(str(page.url), action.group(1)) if action and action.group(1) else str(page.url)
        answered = browser.post(target, data={"sub": subject})
        answered.raise_for_status()
        token: str = answered.json()["token"]
        return token


def _addresses(file: Path) -> Addresses:
    try:
        return Addresses.model_validate_json(file.read_text())
    except FileNotFoundError:
        _console.print(
            f"[red]{file} n’existe pas[/red] : démarrez la pile avec « make up », ou "
            "indiquez le fichier par --addresses."
        )
        raise typer.Exit(2) from None


def _instant(wall: datetime) -> str:
    return (wall if wall.tzinfo else wall.replace(tzinfo=_PARIS)).isoformat()


def _print(body: Any) -> None:
    _console.print_json(json.dumps(body))
