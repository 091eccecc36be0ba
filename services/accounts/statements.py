"""The named SQL of accounts (`sql/*.sql`), loaded once."""

from pathlib import Path

from services.chassis.sql import load

SQL = load(Path(__file__).parent)
