"""`candidat-libre site`: build the site's style sheet, script and font."""

import typer
from rich.console import Console

from deploy.site import BuildFailed, build

_console = Console(stderr=True)


def site() -> None:
    """Construit les feuilles de style, scripts et polices du site (npm), s’ils ne le sont pas déjà."""
    try:
        if build():
            _console.print("Le site est construit.")
    except BuildFailed as error:
        _console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
