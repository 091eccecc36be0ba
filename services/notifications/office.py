"""The office at the foot of every mail: a file, so another académie is configuration."""

import tomllib
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


def load_office(file: Path | None = None) -> Office:
    """Read it.

    Raises:
        OSError, tomllib.TOMLDecodeError, pydantic.ValidationError: the file is not one.
    """
    return Office.model_validate(tomllib.loads((file or DEFAULT_FILE).read_text()))
