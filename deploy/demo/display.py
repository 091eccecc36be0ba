"""The live display of the demo: who does what now, and the calendar's countdown."""

from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.demo.calendar import DemoCalendar
from deploy.demo.players import PLAYERS, Player

_PARIS = ZoneInfo("Europe/Paris")


class Display:
    """A live table on a terminal; one line a step elsewhere."""

    def __init__(self, console: Console, calendar: DemoCalendar) -> None:
        self._console = console
        self._calendar = calendar
        self._steps = {player.key: "" for player in PLAYERS}
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.__exit__(kind, error, trace)

    def step(self, player: Player, words: str) -> None:
        self._steps[player.key] = words
        if not self._console.is_terminal:
            now = datetime.now(_PARIS).strftime("%H:%M:%S")
            self._console.print(f"{now}  {player.first_name:<6} {words}", highlight=False)

    def _render(self) -> Group:
        table = Table(title="Une session de démonstration, par l’API publique", expand=True)
        table.add_column("Candidat")
        table.add_column("Rôle")
        table.add_column("En ce moment", min_width=40)
        for player in PLAYERS:
            table.add_row(player.first_name, player.story, self._steps[player.key])
        return Group(table, Text(self._countdown(), style="bold"))

    def _countdown(self) -> str:
        now = datetime.now(UTC)
        for label, instant in (
            ("clôture de la pré-inscription", self._calendar.closes_at),
            ("échéance du retour des pièces", self._calendar.deadline_at),
            ("décision", self._calendar.decided_at),
        ):
            if now < instant:
                return f"  {label} dans {(instant - now).total_seconds():.0f} s"
        return "  décisions en cours"
