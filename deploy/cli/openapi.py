"""`candidat-libre openapi`: the OpenAPI documents, of each service and of all together."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.openapi import write


def openapi(
    output: Annotated[Path, typer.Option("--output", "-o", help="dossier où écrire")] = Path("docs/openapi"),
) -> None:
    """Écrire les documents OpenAPI de l’API publique."""
    for file in write(output):
        typer.echo(f"{file} est écrit.")
