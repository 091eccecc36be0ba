"""Each part's address is a setting: a given cluster is used and not started."""

from pathlib import Path

import asyncpg
from pydantic import SecretStr

from deploy.local import LocalStack, StackSettings


async def test_a_stack_on_given_parts_starts_none_of_its_own(parts: LocalStack, stack_root: Path) -> None:
    given = StackSettings(
        database_admin_url=SecretStr(parts.addresses.database_admin),
        kafka=parts.addresses.kafka,
        temporal=parts.addresses.temporal,
        smtp=parts.addresses.smtp,
        oidc_issuer="https://connexion.exemple.test",
    )
    wanted = {"postgres", "migrations-accounts", "kafka", "topics", "temporal", "mailbox", "oidc"}
    kept = parts.addresses.databases["accounts"]
    async with LocalStack(stack_root, only=wanted, usual_ports=False, settings=given) as stack:
        assert stack.addresses.kafka == parts.addresses.kafka
        assert stack.addresses.oidc_issuer == "https://connexion.exemple.test"
        assert not any(name in stack.addresses.logs for name in ("postgres", "kafka", "temporal", "mailbox"))
        connection = await asyncpg.connect(stack.addresses.databases["accounts"])
        assert await connection.fetchval("SELECT to_regclass('outbox') IS NOT NULL")
        await connection.close()
    # The roles' passwords are those of the stack that started last: give them back.
    await parts.restart("postgres")
    connection = await asyncpg.connect(kept)
    await connection.close()
