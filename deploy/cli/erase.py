"""`candidat-libre erase CANDIDATE`: erase a person, and wait until every service has confirmed it.

For the head of office and the deputy. Exit codes: 0 erased and confirmed, now or before; 1 refused; 2 nobody
answers; 3 erased, but not confirmed by all in the time that was waited: it goes on by itself.
"""

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console

from deploy.cli.officer_api import Office, ask
from deploy.cli.officer_input import candidate_id, refuse

_console = Console()
_errors = Console(stderr=True)
_POLL_SECONDS = 1.0
_SERVICES = {
    "accounts": "Compte",
    "registration": "Inscription",
    "documents": "Pièces",
    "notifications": "Messages",
}
_KEPT = {
    "account": "compte",
    "logins": "connexions",
    "password_links": "liens de mot de passe",
    "address_for_the_last_mail": "adresse e-mail, gardée jusqu’au départ du dernier message",
    "candidature": "candidature",
    "versions": "versions de l’inscription",
    "draft": "brouillon",
    "journal_lines": "lignes du journal",
    "dossier": "dossier",
    "pieces": "pièces demandées",
    "files": "fichiers",
    "reviews": "avis des gestionnaires",
    "objects": "objets du dépôt de fichiers",
    "messages": "messages",
}


class Why(StrEnum):
    """One of a few: words of one’s own could name the person and would stay."""

    DEMANDE = "demande"
    ERREUR = "erreur"
    DECISION = "decision"
    CONSERVATION = "conservation"


_REASONS = {
    Why.DEMANDE: "request",
    Why.ERREUR: "mistake",
    Why.DECISION: "decision",
    Why.CONSERVATION: "retention",
}
_WHY = (
    "demande (de la personne), erreur (compte ouvert par erreur ou par une autre personne), "
    "decision (de justice ou d’une autorité), conservation (durée écoulée)"
)


def erase(
    candidate: Annotated[
        UUID, typer.Argument(help="identifiant du candidat", parser=candidate_id, metavar="CANDIDAT")
    ],
    reason: Annotated[Why, typer.Option("--reason", "-r", help=_WHY)],
    yes: Annotated[bool, typer.Option("--yes", help="sans confirmation au clavier, pour un script")] = False,
    wait: Annotated[float, typer.Option("--wait", help="secondes d’attente des services")] = 90,
    addresses: Annotated[Path, typer.Option(help="fichier des adresses écrit par la pile locale")] = Path(
        ".local/addresses.json"
    ),
    subject: Annotated[
        str | None, typer.Option("--as", help="gestionnaire de la pile locale à prendre (sub)")
    ] = None,
) -> None:
    """Effacer une personne : tout ce qui est gardé d’elle, sans retour possible (direction seule)."""
    office = Office(addresses, subject)
    path = f"/api/accounts/candidates/{candidate}/erasure"
    view = ask(office, "GET", path).json()
    if view["erased_at"] is None:
        _say("Sera effacé, sans retour possible, quel que soit l’état de la candidature :")
        _show(view)
        _confirm(candidate, yes=yes)
        view = ask(office, "POST", path, {"reason": _REASONS[reason]}).json()
    else:
        view["already"] = True
    if view["already"]:
        _say(f"Cette personne est déjà effacée, depuis le {view['erased_at']}.")
    already = view["already"]
    until = time.monotonic() + wait
    while not view["complete"] and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
        view = ask(office, "GET", path).json()
    _show(view)
    _console.print_json(json.dumps(view | {"already": already}))
    if not view["complete"]:
        _say("Tous les services n’ont pas encore confirmé. L’effacement continue : relancez plus tard.")
        raise typer.Exit(3)
    _say("Tous les services ont confirmé : il ne reste que l’identifiant.")


def _confirm(candidate: UUID, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        refuse("Confirmation nécessaire", "ajoutez --yes. Rien n’a été effacé.")
    typed = typer.prompt("Pour effacer, recopiez l’identifiant du candidat", err=True)
    if typed.strip().lower() != str(candidate):
        refuse("Ce n’est pas cet identifiant", "rien n’a été effacé.")


def _show(view: dict[str, Any]) -> None:
    for service, found in view["services"].items():
        name = _SERVICES.get(service, service)
        if found is None:
            _say(f"  {name} : ne répond pas.")
        elif found["confirmed"]:
            _say(f"  {name} : effacé.")
        else:
            kept = ", ".join(f"{_KEPT.get(what, what)} ({n})" for what, n in found["kept"].items() if n)
            _say(f"  {name} : {kept or 'rien, mais l’effacement n’y est pas encore connu'}.")


def _say(line: str) -> None:
    _errors.print(line, markup=False, highlight=False, soft_wrap=True)
