"""Named SQL: a service's `sql/*.sql` files as callables (aiosql)."""

from pathlib import Path
from typing import Any

import aiosql


def load(room: Path) -> Any:
    """Read every `-- name: …` of the folder `room/sql`; call as `queries.name(conn, key=value)`.

    The names exist at run time only, hence `Any`. The parameters are those the statement uses: aiosql's list
    of them after the name may be left out.
    """
    return aiosql.from_path(room / "sql", "asyncpg", mandatory_parameters=False)
