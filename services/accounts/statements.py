"""The named SQL of accounts (`sql/*.sql`), loaded once."""

from pathlib import Path
from typing import Any

from services.chassis.sql import load

SQL: Any = load(Path(__file__).parent)
