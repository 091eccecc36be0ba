"""The look into the services' databases: as their migrations make them, and about this round's candidates."""

import asyncio
import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg

from tests.faults.ledger.audit.evidence import (
    Account,
    Candidature,
    Dossier,
    Fact,
    Letter,
    Queued,
    Stored,
    Tables,
    Version,
)
from tests.faults.ledger.rounds import Round

_SERVICES = ("accounts", "registration", "documents", "notifications")
_FACTS = """
    SELECT ce_id, key, type, published_at IS NOT NULL AS published, convert_from(payload, 'UTF8') AS payload
    FROM outbox WHERE key = ANY($1) ORDER BY id
"""
_LETTERS = """
    SELECT consumer, candidate_id, error, opened_at, closed_at FROM quarantine
    WHERE candidate_id IS NULL AND closed_at IS NULL OR candidate_id = ANY($1)
"""
_VERSIONS = """
    SELECT candidate_id, version, form #>> '{identification,phone}' AS mark, eligible, arrived_at
    FROM registration_version WHERE candidate_id = ANY($1)
"""


async def look(of_round: Round, candidates: Collection[UUID]) -> Tables:
    """What the four databases say of the candidates now.

    Raises:
        OSError, asyncpg.PostgresError: one could not be asked.
    """
    whom = await _with_accounts(of_round, candidates)
    parts = await asyncio.gather(
        *(_look_into(of_round.databases[service], service, whom) for service in _SERVICES)
    )
    found: dict[str, Any] = {"buried": {}}
    for service, part in zip(_SERVICES, parts, strict=True):
        found["buried"][service] = part.pop("buried")
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return Tables(**found)


async def _with_accounts(of_round: Round, candidates: Collection[UUID]) -> list[UUID]:
    """The candidates the ledger knows, and those who have an account with an address of the round."""
    conn = await asyncpg.connect(of_round.databases["accounts"])
    try:
        rows = await conn.fetch("SELECT id FROM account WHERE email LIKE '%@' || $1", of_round.mail_domain)
    finally:
        await conn.close()
    return list({*candidates, *(row["id"] for row in rows)})


async def _look_into(url: str, service: str, whom: list[UUID]) -> dict[str, Any]:
    conn = await asyncpg.connect(url)
    try:
        await conn.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        # One moment for all tables of a service.
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            return await _ITS_OWN[service](conn, whom) | await _common(conn, service, whom)
    finally:
        await conn.close()


async def _common(conn: Any, service: str, whom: list[UUID]) -> dict[str, Any]:
    facts = [
        Fact(service=service, **{**row, "payload": json.loads(row["payload"])})
        for row in await conn.fetch(_FACTS, whom)
    ]
    letters = [Letter(service=service, **row) for row in await conn.fetch(_LETTERS, whom)]
    stones = await conn.fetch("SELECT candidate_id FROM tombstone WHERE candidate_id = ANY($1)", whom)
    return {"facts": facts, "letters": letters, "buried": [row["candidate_id"] for row in stones]}


async def _accounts(conn: Any, whom: list[UUID]) -> dict[str, Any]:
    rows = await conn.fetch("SELECT * FROM account WHERE id = ANY($1) ORDER BY created_at", whom)
    kept = await conn.fetch("SELECT candidate_id FROM farewell WHERE candidate_id = ANY($1)", whom)
    return {
        "accounts": [Account.model_validate(dict(row)) for row in rows],
        "farewells": [row["candidate_id"] for row in kept],
    }


async def _registration(conn: Any, whom: list[UUID]) -> dict[str, Any]:
    rows = await conn.fetch("SELECT * FROM candidature WHERE candidate_id = ANY($1)", whom)
    versions = await conn.fetch(_VERSIONS, whom)
    return {
        "candidatures": [Candidature.model_validate(dict(row)) for row in rows],
        "versions": [Version.model_validate(dict(row)) for row in versions],
    }


async def _documents(conn: Any, whom: list[UUID]) -> dict[str, Any]:
    rows = await conn.fetch("SELECT * FROM candidate WHERE candidate_id = ANY($1)", whom)
    files = await conn.fetch("SELECT * FROM file WHERE candidate_id = ANY($1)", whom)
    return {
        "dossiers": [Dossier.model_validate(dict(row)) for row in rows],
        "files": [Stored.model_validate(dict(row)) for row in files],
    }


async def _notifications(conn: Any, whom: list[UUID]) -> dict[str, Any]:
    rows = await conn.fetch("SELECT * FROM mail WHERE candidate_id = ANY($1)", whom)
    return {"mails": [Queued.model_validate(dict(row)) for row in rows]}


_ITS_OWN = {
    "accounts": _accounts,
    "registration": _registration,
    "documents": _documents,
    "notifications": _notifications,
}
