"""Reads. They lock nothing: what they tell may be changed a moment later, so nothing is decided by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.chassis.database import Connection
from services.contracts.events import Calendar
from services.contracts.internal import DuePiece
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature
from services.registration.domain.errors import Erased, Unknown
from services.registration.domain.form import Form
from services.registration.domain.outcome import hold_unheeded
from services.registration.statements import candidature_of, sql


@dataclass(frozen=True, slots=True)
class Version:
    """One saved version, with what the rules said of it then."""

    version: int
    form: Form
    arrived_at: datetime
    saved_at: datetime
    code: str
    eligible: bool
    reasons: tuple[str, ...]
    checklist: tuple[DuePiece, ...]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One act. From `stage` on: what the candidature became; none in the oldest lines."""

    at: datetime
    actor: str
    act: str
    revision: int
    reason: str | None
    stage: str | None = None
    version: int | None = None
    closes_at: datetime | None = None
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MissingVerdict:
    """A candidature whose deadline, grace and wait have passed without an outcome."""

    candidate_id: UUID
    session_id: str
    stage: str
    version: int
    deadline_at: datetime
    verdict_evidence_rev: int
    open_dead_letters: int


async def read_candidature(conn: Connection, candidate_id: UUID) -> Candidature:
    """Raises Erased, Unknown."""
    record = await sql.read_candidature(conn, candidate_id=candidate_id)
    if record is not None:
        return candidature_of(record)
    if await sql.is_erased(conn, candidate_id=candidate_id):
        raise Erased
    raise Unknown("candidate")


async def standing_of(conn: Connection, candidate_id: UUID, arrived_at: datetime) -> Candidature:
    """The candidature as its candidate may see it.

    Who asks holds a candidate's token, which proves the activation: where `accounts`' events are still on
    their way, it is that of an activated account in the current session. Raises Erased, Unknown (session).
    """
    try:
        row = await read_candidature(conn, candidate_id)
    except Unknown:
        calendar = await current_session(conn, arrived_at)
        return Candidature(
            candidate_id=candidate_id,
            session_id=calendar.session_id,
            revision=0,
            stage=Stage.ACTIVATED,
            version=0,
            closes_at=calendar.closes_at,
            deadline_at=calendar.deadline_at,
            grace_seconds=calendar.grace_seconds,
        )
    return row


async def read_version(conn: Connection, candidate_id: UUID, version: int) -> Version:
    """Raises Unknown (version)."""
    record = await sql.read_version(conn, candidate_id=candidate_id, version=version)
    if record is None:
        raise Unknown("version")
    return _version(record)


async def read_versions(conn: Connection, candidate_id: UUID, limit: int = 100) -> list[Version]:
    """The latest first."""
    found = sql.read_versions(conn, candidate_id=candidate_id, limit=limit)
    return [_version(record) async for record in found]


async def read_codes(conn: Connection, candidate_id: UUID) -> dict[int, str]:
    """The code of each version."""
    found = sql.read_codes(conn, candidate_id=candidate_id)
    return {record["version"]: record["code"] async for record in found}


async def current_session(conn: Connection, now: datetime) -> Calendar:
    """Raises Unknown (session): none is installed."""
    return _calendar(await sql.current_session(conn, now=now))


async def session_of(conn: Connection, session_id: str) -> Calendar:
    """Raises Unknown (session)."""
    return _calendar(await sql.read_session(conn, session_id=session_id))


async def revised_session(conn: Connection, session_id: str) -> tuple[Calendar, int]:
    """The calendar and its revision. Raises Unknown (session)."""
    record = await sql.read_session(conn, session_id=session_id)
    return _calendar(record), record["revision"]


async def count_undecided(conn: Connection, session_id: str, now: datetime) -> int:
    """How many candidatures of the session the window's end has still to decide."""
    found: int = await sql.count_window_due(conn, session_id=session_id, now=now)
    return found


async def read_journal(conn: Connection, candidate_id: UUID) -> list[JournalEntry]:
    found = sql.read_journal(conn, candidate_id=candidate_id)
    return [JournalEntry(**dict(record)) async for record in found]


async def missing_verdicts(
    conn: Connection, now: datetime, wait: timedelta, limit: int = 1000
) -> list[MissingVerdict]:
    """No verdict, no cancellation: those missing after `wait` are for operators to look at."""
    found = sql.missing_verdicts(conn, now=now, wait=wait, limit=limit)
    return [MissingVerdict(**dict(record)) async for record in found]


async def unheeded_holds(conn: Connection, limit: int = 1000) -> list[Candidature]:
    """Cancelled by a verdict, and a later one would have held; longest cancelled first."""
    found = sql.unheeded_holds(conn, limit=limit)
    rows = [candidature_of(record) async for record in found]
    return [row for row in rows if hold_unheeded(row)]


async def unheeded_saves(conn: Connection, limit: int = 1000) -> list[Candidature]:
    """Nothing is in force, though a save was turned away (`outcome.save_unheeded`); the earliest first."""
    return [candidature_of(record) async for record in sql.unheeded_saves(conn, limit=limit)]


def _calendar(record: asyncpg.Record | None) -> Calendar:
    if record is None:
        raise Unknown("session")
    return Calendar.model_validate(record["calendar"])


def _version(record: asyncpg.Record) -> Version:
    return Version(
        version=record["version"],
        form=Form.model_validate(record["form"]),
        arrived_at=record["arrived_at"],
        saved_at=record["saved_at"],
        code=record["code"],
        eligible=record["eligible"],
        reasons=tuple(record["reasons"]),
        checklist=tuple(DuePiece.model_validate(piece) for piece in record["checklist"]),
    )
