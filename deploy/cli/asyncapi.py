"""`candidat-libre asyncapi`: the AsyncAPI document of all events, to a file or to the screen."""

from pathlib import Path
from typing import Annotated

import typer

from services.chassis.asyncapi import build_asyncapi


def asyncapi(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="fichier à écrire")] = None,
) -> None:
    """Écrire le document AsyncAPI des événements."""
    text = build_asyncapi().to_yaml()
    if output is None:
        typer.echo(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text)
    typer.echo(f"{output} est écrit.")
