"""`candidat-libre demo`: the whole stack on a compressed session, played, judged and ended."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.running import run_until_signal
from deploy.demo.calendar import DemoCalendar
from deploy.demo.display import Display
from deploy.demo.pages import Opened, open_all, pages_table
from deploy.demo.players import PLAYERS
from deploy.demo.report import lives, table, write_json
from deploy.demo.stage import Outcome, perform
from deploy.local import LocalStack, StackError
from deploy.local.display import Display as Startup
from deploy.local.display import addresses_table

_CALENDAR_PART = "registration-worker"


def demo(
    root: Annotated[Path, typer.Option(help="dossier de la pile de démonstration, effacé au départ")] = Path(
        ".local/demo"
    ),
    report: Annotated[Path, typer.Option(help="où écrire le résultat en JSON")] = Path(".local/demo.json"),
    stay: Annotated[bool, typer.Option("--stay", help="laisser la pile ouverte jusqu’à Ctrl-C")] = False,
) -> None:
    """Joue une session entière en quelques minutes, sur les vraies pièces, et dit ce qui est arrivé."""
    console = Console()
    report.unlink(missing_ok=True)
    try:
        played = run_until_signal(_run(console, root, report, stay=stay))
    except StackError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    if played is None:
        console.print("Interrompu ; tout est arrêté.")
        raise typer.Exit(130)
    outcomes, pages = played
    if not all(outcome.as_the_notice_says for outcome in outcomes):
        console.print("[red]Tout ne s’est pas passé comme le dit la notice.[/red]")
        raise typer.Exit(1)
    if any(page.status != 200 for page in pages):
        console.print("[red]Une page ne s’est pas ouverte.[/red]")
        raise typer.Exit(1)
    console.print(f"Tout s’est passé comme le dit la notice. Le même résultat en JSON : {report}")


async def _run(
    console: Console, root: Path, report: Path, *, stay: bool
) -> tuple[list[Outcome], list[Opened]]:
    calendar_file = root / "session-demo.toml"
    startup = Startup(console)
    stack = LocalStack(
        root, calendar_file=calendar_file, later={_CALENDAR_PART}, afresh=True, on_progress=startup
    )
    startup.rows(stack.parts)
    with startup:
        await stack.__aenter__()
    try:
        # The session opens when everything else is ready, however slow the machine.
        calendar = DemoCalendar(opens_at=datetime.now(UTC))
        calendar.write(calendar_file)
        await stack.start(_CALENDAR_PART)
        console.print(addresses_table(stack.addresses))
        with Display(console, calendar) as display:
            outcomes = await perform(stack.addresses, calendar, display.step)
        write_json(outcomes, calendar, report)
        console.print(table(outcomes))
        console.print(lives(outcomes, stack.addresses.temporal_ui))
        pages = await open_all(stack.addresses, PLAYERS[0].email)
        console.print(pages_table(pages, stack.addresses, PLAYERS[0].email))
        if stay:
            console.print("La pile reste ouverte. Ctrl-C arrête tout.")
            await asyncio.Event().wait()
        console.print(
            "Pour ouvrir ces pages vous-même : « make demo STAY=1 » laisse la pile ouverte à la fin."
        )
    finally:
        console.print("Arrêt…")
        await stack.__aexit__(None, None, None)
    return outcomes, pages
