"""Reads the configuration: rules, specialities, office and the calendar of a session, TOML files each."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from services.contracts.events import Calendar
from services.registration.domain.rules import Configuration

DATA = Path(__file__).parent / "data"


@cache
def configuration(rules: Path, specialities: Path, office: Path) -> Configuration:
    """All three as one value; a file that does not fit its shape stops the start.

    Raises:
        pydantic.ValidationError, tomllib.TOMLDecodeError, OSError.
    """
    return Configuration.model_validate(
        {"rules": _read(rules), "office": _read(office), **_read(specialities)}
    )


def calendar(file: Path) -> Calendar:
    """The calendar of one exam session."""
    return Calendar.model_validate(_read(file))


def _read(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return tomllib.load(stream)
