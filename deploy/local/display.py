"""Shows a start on a terminal: a live table where there is one, else a line per step."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.local.addresses import Addresses
from deploy.local.progress import Progress, State

_WORDS = {
    State.STARTING: ("démarre", "yellow"),
    State.READY: ("prêt", "green"),
    State.FAILED: ("échec", "bold red"),
    State.ENDED: ("arrêté", "dim"),
    State.DIED: ("tombé", "bold red"),
}


def _seconds(value: float) -> str:
    return f"{value:.1f}".replace(".", ",") + " s"


class Display:
    """Give it to the stack as `on_progress`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps: dict[str, Progress | None] = {}
        self._began: dict[str, float] = {}
        self._live = Live(get_renderable=self._table, console=console, refresh_per_second=8)

    def rows(self, parts: Sequence[str]) -> None:
        """Show these in this order, also before their turn."""
        self._steps = dict.fromkeys(parts) | self._steps

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, step: Progress) -> None:
        if step.state is State.NOTE:
            self._console.print(Text(f"{step.name} : {step.detail}", style="cyan"))
            return
        if step.state is State.STARTING:
            self._began[step.name] = time.monotonic()
        earlier = self._steps.get(step.name)
        if not (step.state is State.ENDED and earlier and earlier.state in (State.FAILED, State.DIED)):
            self._steps[step.name] = step
        if step.state is State.DIED or not self._console.is_terminal or not self._live.is_started:
            self._console.print(_line(step))

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 1))
        for name, step in self._steps.items():
            if step is None:
                table.add_row(name, Text("attend", style="dim"), "")
                continue
            word, style = _WORDS[step.state]
            taken = step.seconds or time.monotonic() - self._began.get(name, time.monotonic())
            table.add_row(name, Text(word, style=style), _seconds(taken))
        return table


def _line(step: Progress) -> Text:
    word, style = _WORDS[step.state]
    taken = f" ({_seconds(step.seconds)})" if step.seconds else ""
    detail = f" : {step.detail}" if step.detail else ""
    return Text.assemble(f"{step.name:<22} ", (word, style), taken, detail)


def addresses_table(addresses: Addresses) -> Table:
    """What a person opens or connects to; passwords are in addresses.json only."""
    table = Table(box=None, show_header=False, padding=(0, 2), title="Adresses", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    rows = (
        ("Site d’inscription", addresses.gateway),
        ("Boîte aux lettres", addresses.mailbox),
        ("Workflows (Temporal)", addresses.temporal_ui),
        ("Connexion des gestionnaires", f"{addresses.gateway}/agents/connexion" if addresses.gateway else ""),
        ("Kafka", f"{addresses.kafka}  {addresses.broker}" if addresses.kafka else ""),
        ("PostgreSQL", addresses.database_admin.rpartition("@")[2].partition("/")[0]),
        ("SMTP", addresses.smtp),
        ("Toutes, avec mots de passe", str(addresses.root / "addresses.json")),
        ("Journaux", str(addresses.root / "logs")),
    )
    for label, value in rows:
        if value:
            table.add_row(label, value)
    return table
