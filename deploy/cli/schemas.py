"""`candidat-libre schemas`: refresh the agreed JSON schemas of the events, or say why that is refused."""

from pathlib import Path
from typing import Annotated

import typer

from services.contracts import snapshots


def schemas(
    check: Annotated[
        bool, typer.Option("--check", help="Ne rien écrire ; code 1 si un schéma diffère.")
    ] = False,
    replace_incompatible: Annotated[
        bool,
        typer.Option(
            "--replace-incompatible",
            help="Écrire aussi l’incompatible : seulement si aucun événement de ce type n’existe.",
        ),
    ] = False,
    folder: Annotated[Path, typer.Option(help="Le dossier des schémas.")] = snapshots.FOLDER,
) -> None:
    """Écrire services/contracts/schemas/ d’après les modèles des événements."""
    agreed, now = snapshots.read(folder), snapshots.current()
    refused = snapshots.refused_changes(agreed, now)
    if refused and not replace_incompatible:
        typer.echo("Changement incompatible : faites une nouvelle version de l’événement.", err=True)
        for change in refused:
            typer.echo(f"  {change}", err=True)
        raise typer.Exit(1)
    differing = snapshots.stale(agreed, now)
    for name in differing:
        typer.echo(name)
    if check:
        raise typer.Exit(1 if differing else 0)
    snapshots.write(now, folder)
    typer.echo(f"{len(now)} schémas, {len(differing)} changés.")
