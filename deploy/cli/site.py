"""`candidat-libre site`: build what the pages need from npm: style, script, font, communes."""

import typer
from rich.console import Console

from deploy import communes
from deploy.npm import BuildFailed
from deploy.site import build

_console = Console(stderr=True)


def site() -> None:
    """Construit ce que le site tire de npm (styles, scripts, polices, communes), si rien n’est prêt."""
    try:
        communes.ensure()
        if build():
            _console.print("Le site est construit.")
    except BuildFailed as error:
        _console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
