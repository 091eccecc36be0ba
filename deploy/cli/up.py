"""`candidat-libre up`: the local stack, until Ctrl-C."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.running import run_until_signal
from deploy.local import DEFAULT_ROOT, LocalStack, StackError
from deploy.local.calendar import open_session
from deploy.local.display import Display, addresses_table

_console = Console()


async def _up(root: Path, calendar: Path | None, only: list[str] | None) -> None:
    display = Display(_console)
    if calendar is None:
        calendar = await asyncio.to_thread(open_session, root)
    stack = LocalStack(root, calendar_file=calendar, only=only or None, on_progress=display)
    display.rows(stack.parts)
    with display:
        await stack.__aenter__()
    try:
        _console.print(addresses_table(stack.addresses))
        _console.print("Tout est prêt. Ctrl-C arrête tout.")
        await asyncio.Event().wait()
    finally:
        _console.print("Arrêt…")
        await stack.__aexit__(None, None, None)


def up(
    root: Annotated[Path, typer.Option(help="Dossier des données et des journaux.")] = DEFAULT_ROOT,
    calendar: Annotated[
        Path | None,
        typer.Option(
            help="Calendrier de la session à installer (TOML) ; sans lui, une session ouverte aujourd’hui.",
            exists=True,
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Seulement cette partie et ce dont elle a besoin.")
    ] = None,
) -> None:
    """Démarre toute la pile locale et reste en marche jusqu’à Ctrl-C."""
    try:
        run_until_signal(_up(root, calendar, only))
    except StackError as error:
        _console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
