"""`candidat-libre up`: the local stack, until Ctrl-C."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local import DEFAULT_ROOT, LocalStack, StackError
from deploy.local.display import Display, addresses_table

_console = Console()


async def _up(root: Path, calendar: Path | None, only: list[str] | None) -> None:
    display = Display(_console)
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


async def _until_signal(root: Path, calendar: Path | None, only: list[str] | None) -> None:
    """SIGINT, SIGTERM and a closed terminal all end the stack in order."""
    running = asyncio.create_task(_up(root, calendar, only))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()


def up(
    root: Annotated[Path, typer.Option(help="Dossier des données et des journaux.")] = DEFAULT_ROOT,
    calendar: Annotated[
        Path | None, typer.Option(help="Calendrier de la session à installer (TOML).", exists=True)
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Seulement cette partie et ce dont elle a besoin.")
    ] = None,
) -> None:
    """Démarre toute la pile locale et reste en marche jusqu’à Ctrl-C."""
    try:
        asyncio.run(_until_signal(root, calendar, only))
    except StackError as error:
        _console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
