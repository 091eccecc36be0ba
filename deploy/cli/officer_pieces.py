"""What an officer is about to judge, shown before: a piece and its files; and what waits for a look."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_console = Console(stderr=True)
_PARIS = ZoneInfo("Europe/Paris")


def show_piece(dossier: dict[str, Any], piece: str) -> None:
    """The piece's files on stderr, so that the answer alone is on stdout; nothing for one not asked for."""
    found = next((one for one in dossier["pieces"] if one["piece"] == piece), None)
    if found is None:
        return
    table = Table(title=escape(f"{found['title']} – {found['label']}"), title_justify="left")
    for column in ("fichier", "arrivé le (heure de Paris)", "Kio", "état"):
        table.add_column(column)
    for file in found["files"]:
        arrived = datetime.fromisoformat(file["arrived_at"]).astimezone(_PARIS)
        size = str(-(-file["size_bytes"] // 1024))
        state = file["state"] + (", périmée" if file["expired"] else "")
        table.add_row(escape(file["name"]), f"{arrived:%d/%m/%Y %H:%M:%S}", size, state)
    _console.print(table)


def show_flagged(files: list[dict[str, Any]]) -> None:
    """What waits for an officer's look, on stderr: whose it is, and why."""
    table = Table(title=f"Fichiers à regarder : {len(files)}", title_justify="left")
    for column in ("candidat", "portefeuille", "pièce", "arrivé le (heure de Paris)", "à regarder"):
        table.add_column(column)
    for file in files:
        arrived = datetime.fromisoformat(file["arrived_at"]).astimezone(_PARIS)
        why = " ; ".join(flag["label"] for flag in file["flags"])
        portfolio = "–" if file["portfolio"] is None else str(file["portfolio"])
        when = f"{arrived:%d/%m/%Y %H:%M:%S}" + ("" if file["in_window"] else " (après la clôture)")
        table.add_row(
            file["candidate_id"], portfolio, escape(f"{file['piece']} : {file['title']}"), when, why
        )
    _console.print(table)
