"""One database and role per service; no role reaches another's."""

from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.local import LocalStack
from deploy.local.credentials import DATABASES
from tests.conftest import FreshDatabase

_STRANGERS = [
    (service, other)
    for service in DATABASES
    for other in (*DATABASES, "postgres", "template1")
    if service != other
]


def _other_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.mark.parametrize("service", DATABASES)
async def test_a_service_can_use_its_own_database(parts: LocalStack, service: str) -> None:
    connection = await asyncpg.connect(parts.addresses.databases[service])
    try:
        assert await connection.fetchval("SELECT current_user || '@' || current_database()") == (
            f"{service}@{service}"
        )
        await connection.execute("CREATE TABLE own (id int); DROP TABLE own")
    finally:
        await connection.close()


@pytest.mark.parametrize(("service", "other"), _STRANGERS)
async def test_no_role_can_connect_to_another_database(parts: LocalStack, service: str, other: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(_other_database(parts.addresses.databases[service], other))


async def test_a_role_needs_its_own_password(parts: LocalStack) -> None:
    wrong = parts.addresses.databases["accounts"].replace("accounts:", "documents:", 1)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)


async def test_two_fresh_databases_of_a_service_share_the_shape_but_no_rows(
    fresh_database: FreshDatabase,
) -> None:
    first, second = await fresh_database("accounts"), await fresh_database("accounts")
    assert first != second
    one, two = await asyncpg.connect(first), await asyncpg.connect(second)
    try:
        count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert await one.fetchval(count) == await two.fetchval(count)
        await one.execute("CREATE TABLE only_here (id int)")
        assert await two.fetchval("SELECT to_regclass('only_here')") is None
    finally:
        await one.close()
        await two.close()
