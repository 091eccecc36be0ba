"""One database and one role per service; no role can connect to another's."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import asyncpg


def url(admin: str, role: str, password: str, database: str) -> str:
    """The admin's URL with another role and database."""
    parts = urlsplit(admin)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(("postgresql", f"{role}:{password}@{host}", f"/{database}", parts.query, ""))


async def ensure_roles(admin: str, passwords: Mapping[str, str]) -> None:
    """Role → its password; each owns a database of the same name. Repeating it changes nothing else.

    Names are ours and passwords are URL-safe, so they stand in the statements as they are.
    """
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        for role, password in passwords.items():
            known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
            verb = "ALTER" if known else "CREATE"
            await connection.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
            await ensure_database(connection, role, role)
    finally:
        await connection.close()


async def ensure_database(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, owner: str, template: str = "template0"
) -> bool:
    """A database that only its owner (and the administrator) can connect to; True if it was made now."""
    if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        return False
    # An administrator who is no superuser must be a member of the role that he gives to.
    await connection.execute(f"GRANT {owner} TO CURRENT_USER")
    await connection.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}")
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    return True
