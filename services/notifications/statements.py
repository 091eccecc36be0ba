"""This service's named SQL, loaded once: `await SQL.name(conn, key=value)`."""

from pathlib import Path
from typing import Any

from services.chassis.sql import load

SQL: Any = load(Path(__file__).parent)  # aiosql makes the names at run time
