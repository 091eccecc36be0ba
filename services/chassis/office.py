"""The office that answers for the site: a file, so another académie is configuration (OFFICE_FILE)."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

DEFAULT_FILE = Path(__file__).parent / "data" / "office.toml"


class Office(BaseModel):
    """Other tables and keys of the file (the people, R11) are for other readers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    academy: str
    division: str
    name: str
    address: tuple[str, ...]
    email: str
    phone: str
    data_protection: str


@cache
def load_office(file: Path | None = None) -> Office:
    """Read it, once.

    Raises:
        OSError, tomllib.TOMLDecodeError, pydantic.ValidationError: the file is not one.
    """
    return Office.model_validate(tomllib.loads((file or DEFAULT_FILE).read_text()))
