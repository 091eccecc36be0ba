"""The service's named SQL (`sql/*.sql`), loaded once, and how a row of it becomes the candidate."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import asyncpg

from services.chassis.database import Connection
from services.chassis.sql import load
from services.contracts.stages import Stage, Verdict
from services.documents.domain.candidate import Candidate
from services.documents.domain.seeing import Seen

sql: Any = load(Path(__file__).parent)
"""aiosql makes its attributes from the files: types are what the callers say."""
COLUMNS = [field.name for field in fields(Candidate)]


async def read_seen(conn: Connection) -> Seen:
    """Read before a verdict: both only grow."""
    return Seen(**await sql.seen(conn))


def candidate_of(record: asyncpg.Record) -> Candidate:
    values = {column: record[column] for column in COLUMNS}
    values["stage"] = Stage(values["stage"])
    values["verdict"] = None if values["verdict"] is None else Verdict(values["verdict"])
    return Candidate(**values)
