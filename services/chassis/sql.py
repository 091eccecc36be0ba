"""Named SQL: a service's `sql/*.sql` files as callables (aiosql)."""

from pathlib import Path

import aiosql
from aiosql.queries import Queries


def load(room: Path) -> Queries:
    """Read every `-- name: …` of the folder `room/sql`; call as `queries.name(conn, key=value)`."""
    queries: Queries = aiosql.from_path(room / "sql", "asyncpg")
    return queries
