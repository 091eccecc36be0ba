"""What an officer types, read or refused in French (exit code 1): identifiers and dates."""

import sys
from datetime import date, datetime, time, timedelta
from typing import NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

_errors = Console(stderr=True)
_PARIS = ZoneInfo("Europe/Paris")


def refuse(title: str, detail: str = "") -> NoReturn:
    """Say what is wrong and end with code 1; nothing was asked of any service."""
    say_error(title, detail)
    raise typer.Exit(1)


def say_error(title: str, detail: str = "") -> None:
    _errors.print(title, style="red", end=" : " if detail else "\n", markup=False, highlight=False)
    if detail:
        _errors.print(detail, markup=False, highlight=False, soft_wrap=True)


def confirm(question: str) -> None:
    """At a terminal, let the officer look and say yes; a script has decided already."""
    if sys.stdin.isatty():
        typer.confirm(question, abort=True, err=True)


def candidate_id(text: str) -> UUID:
    return _identifier(text, "de candidat")


def message_id(text: str) -> UUID:
    return _identifier(text, "de message")


def _identifier(text: str, of: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        refuse(
            "Identifiant illisible",
            f"« {text} » n’est pas un identifiant {of}, comme 0190f3a2-7c1e-7abc-8def-0123456789ab.",
        )


def limit(text: str) -> datetime:
    """A deadline, an exclusive bound: a day alone counts whole, until its last minute (domain, ours 1)."""
    try:
        return _end_of(date.fromisoformat(text)) if len(text) == 10 else _instant(text)
    except (ValueError, OverflowError):
        refuse(
            "Date illisible",
            f"« {text} » n’est pas une date ; exemples, à l’heure de Paris : 2026-12-07 (toute la journée "
            "compte), 2026-12-07T12:30.",
        )


def instant(text: str) -> datetime:
    """A moment of the past, to the minute or finer; a day alone says too little."""
    try:
        if len(text) > 10:
            return _instant(text)
    except (ValueError, OverflowError):
        pass
    refuse(
        "Heure illisible", f"« {text} » n’est pas une heure ; exemple, à l’heure de Paris : 2026-12-07T12:30."
    )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=_PARIS)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), _PARIS)
