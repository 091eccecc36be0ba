"""Reads: the checklist with the state of each piece, as the candidate and the officers see it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from services.chassis.database import Connection
from services.documents.commands import rows
from services.documents.domain.candidate import Candidate
from services.documents.statements import sql


class PieceState(StrEnum):
    """`expired`: only a confirmation signed for an older version is there (périmée)."""

    EXPECTED = "expected"
    RECEIVED = "received"
    TO_JUDGE = "to_judge"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    LATE = "late"


@dataclass(frozen=True)
class Piece:
    piece: str
    title: str
    reason: str
    confirmation: bool
    due: bool
    state: PieceState
    refusal: str | None
    files: list[asyncpg.Record]


@dataclass(frozen=True)
class Dossier:
    candidate: Candidate
    pieces: list[Piece]


async def dossier(conn: Connection, candidate_id: UUID) -> Dossier:
    """The candidate's pieces, those due first.

    Raises:
        Refused: Erased, Unknown.
    """
    row = await rows.read(conn, candidate_id)
    files = [record async for record in sql.read_files(conn, candidate_id=candidate_id)]
    reviews = {
        record["piece"]: record async for record in sql.latest_reviews(conn, candidate_id=candidate_id)
    }
    pieces = [
        _piece(record, [file for file in files if file["piece"] == record["piece"]], reviews, row)
        async for record in sql.read_pieces(conn, candidate_id=candidate_id)
    ]
    return Dossier(row, pieces)


async def missing_titles(conn: Connection, row: Candidate) -> list[str]:
    """The titles of the pieces that miss a file that counts."""
    if row.registration_version == 0:
        return []
    found = sql.missing_titles(conn, candidate_id=row.candidate_id, version_saved_at=row.version_saved_at)
    return [record["title"] async for record in found]


def _piece(
    record: asyncpg.Record, files: list[asyncpg.Record], reviews: dict[str, asyncpg.Record], row: Candidate
) -> Piece:
    review = reviews.get(record["piece"])
    state = _state(files, row.version_saved_at if record["confirmation"] else None)
    refusal = review["reason"] if state is PieceState.REFUSED and review is not None else None
    return Piece(
        piece=record["piece"],
        title=record["title"],
        reason=record["reason"],
        confirmation=record["confirmation"],
        due=record["due"],
        state=state,
        refusal=refusal,
        files=files,
    )


def _state(files: list[asyncpg.Record], not_before: datetime | None) -> PieceState:
    counting = [file for file in files if not_before is None or file["arrived_at"] >= not_before]
    for wanted in (PieceState.ACCEPTED, PieceState.RECEIVED, PieceState.TO_JUDGE):
        if any(file["state"] == wanted for file in counting):
            return wanted
    if any(file["state"] in ("received", "accepted") for file in files):
        return PieceState.EXPIRED
    for wanted in (PieceState.REFUSED, PieceState.LATE):
        if any(file["state"] == wanted for file in files):
            return wanted
    return PieceState.EXPECTED
