"""Reads: the checklist with the state of each piece, as the candidate and the officers see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from services.chassis.database import Connection
from services.documents.commands import rows
from services.documents.domain.candidate import Candidate
from services.documents.domain.errors import Unknown
from services.documents.domain.seeing import Seen
from services.documents.domain.uploading import FILES_PER_PIECE
from services.documents.reading.verdict import Doubt
from services.documents.statements import read_seen, sql


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
    """`removed`: what may be put back. `officer_looks`: it counts, and an officer will look at it.
    `unrecognised`: so it is, and no file of it shows the confirmation’s code: it may be any page.
    `expired`: those of the files that are a confirmation signed for an older version (périmée).
    `lost`: those that the store has lost: they are to be sent again unless an officer accepted them."""

    piece: str
    title: str
    reason: str
    example: str
    confirmation: bool
    due: bool
    state: PieceState
    refusal: str | None
    files: list[asyncpg.Record]
    removed: list[asyncpg.Record]
    officer_looks: bool
    unrecognised: bool
    expired: frozenset[UUID]
    lost: frozenset[UUID]

    @property
    def there(self) -> bool:
        """Whether what is there counts, or may."""
        return self.state in (PieceState.RECEIVED, PieceState.TO_JUDGE, PieceState.ACCEPTED)

    @property
    def missing_by_loss(self) -> bool:
        """Whether nothing is there since the store has lost what counted: it is our fault (ours 7)."""
        return not self.there and any(
            _lost(file) and file["file_id"] not in self.expired for file in self.files
        )

    @property
    def room(self) -> int:
        """How many more files it may have."""
        return max(0, FILES_PER_PIECE - len([file for file in self.files if file["state"] != "refused"]))


@dataclass(frozen=True)
class Dossier:
    candidate: Candidate
    pieces: list[Piece]


@dataclass(frozen=True)
class SessionState:
    session_id: str
    settling_paused: bool
    seen: Seen
    due: int
    withheld: int
    outages: list[asyncpg.Record]
    journal: list[asyncpg.Record]


async def session_state(conn: Connection, session_id: str, now: datetime) -> SessionState:
    """How the verdicts of a session stand, its outages and the acts on it.

    Raises:
        Refused: Unknown.
    """
    session = await sql.read_session(conn, session_id=session_id)
    if session is None:
        raise Unknown("session")
    seen = await read_seen(conn)
    counted = await sql.count_due(conn, session_id=session_id, now=now, **seen.values)
    return SessionState(
        session_id=session_id,
        settling_paused=session["settling_paused"],
        seen=seen,
        due=counted["due"],
        withheld=counted["withheld"],
        outages=[record async for record in sql.read_outages(conn, session_id=session_id)],
        journal=[record async for record in sql.read_session_acts(conn, session_id=session_id)],
    )


async def dossier(conn: Connection, candidate_id: UUID) -> Dossier:
    """The candidate's pieces, those due first.

    Raises:
        Refused: Erased, Unknown.
    """
    row = await rows.read(conn, candidate_id)
    files = [record async for record in sql.read_files(conn, candidate_id=candidate_id)]
    removed = [record async for record in sql.read_removed(conn, candidate_id=candidate_id)]
    reviews = {
        record["piece"]: record async for record in sql.latest_reviews(conn, candidate_id=candidate_id)
    }
    pieces = [
        _piece(record, _of(record, files), _of(record, removed), reviews, row)
        async for record in sql.read_pieces(conn, candidate_id=candidate_id)
    ]
    return Dossier(row, pieces)


async def missing_titles(conn: Connection, row: Candidate) -> list[str]:
    """The titles of the pieces that miss a file that counts."""
    if row.registration_version == 0:
        return []
    found = sql.missing_titles(
        conn,
        candidate_id=row.candidate_id,
        version=row.registration_version,
        version_saved_at=row.version_saved_at,
    )
    return [record["title"] async for record in found]


async def is_expired(conn: Connection, file: asyncpg.Record) -> bool:
    """Whether a file is a confirmation signed for an older version than the one in force (périmée).

    Raises:
        Refused: Erased.
    """
    row = await rows.read(conn, file["candidate_id"])
    asked = await sql.read_piece(conn, candidate_id=row.candidate_id, piece=file["piece"])
    return asked["confirmation"] and not _is_of(file, row)


def _of(piece: asyncpg.Record, files: list[asyncpg.Record]) -> list[asyncpg.Record]:
    return [file for file in files if file["piece"] == piece["piece"]]


def _piece(
    record: asyncpg.Record,
    files: list[asyncpg.Record],
    removed: list[asyncpg.Record],
    reviews: dict[str, asyncpg.Record],
    row: Candidate,
) -> Piece:
    review = reviews.get(record["piece"])
    signed_for = row if record["confirmation"] else None
    there = [file for file in files if not _lost(file)]
    state = _state(there, signed_for)
    counting = _counting(there, signed_for)
    received = [file for file in counting if file["state"] == "received"]
    refusal = review["reason"] if state is PieceState.REFUSED and review is not None else None
    return Piece(
        piece=record["piece"],
        title=record["title"],
        reason=record["reason"],
        example=record["example"],
        confirmation=record["confirmation"],
        due=record["due"],
        state=state,
        refusal=refusal,
        files=files,
        removed=_counting(removed, signed_for),
        officer_looks=state is PieceState.RECEIVED and all(file["flags"] for file in received),
        unrecognised=state is PieceState.RECEIVED and all(Doubt.CODE in file["flags"] for file in received),
        expired=frozenset(_ids(files) - _ids(_counting(files, signed_for))),
        lost=frozenset(_ids(file for file in files if file["lost_at"] is not None)),
    )


def _ids(files: Iterable[asyncpg.Record]) -> set[UUID]:
    return {file["file_id"] for file in files}


def _counting(files: list[asyncpg.Record], signed_for: Candidate | None) -> list[asyncpg.Record]:
    return [file for file in files if signed_for is None or _is_of(file, signed_for)]


def _state(files: list[asyncpg.Record], signed_for: Candidate | None) -> PieceState:
    """`signed_for`: the candidate, where only what is signed for the version in force counts."""
    counting = _counting(files, signed_for)
    for wanted in (PieceState.ACCEPTED, PieceState.RECEIVED, PieceState.TO_JUDGE):
        if any(file["state"] == wanted for file in counting):
            return wanted
    if any(file["state"] in ("received", "accepted") for file in files):
        return PieceState.EXPIRED
    for wanted in (PieceState.REFUSED, PieceState.LATE):
        if any(file["state"] == wanted for file in files):
            return wanted
    return PieceState.EXPECTED


def _lost(file: asyncpg.Record) -> bool:
    """Whether the store has lost it and no officer had accepted it: it is expected again."""
    return file["state"] == "received" and file["lost_at"] is not None


def _is_of(file: asyncpg.Record, row: Candidate) -> bool:
    """Whether a confirmation may be the one of the version in force, by its arrival and by its code."""
    older = file["read_version"] is not None and file["read_version"] < row.registration_version
    return not older and (row.version_saved_at is None or file["arrived_at"] >= row.version_saved_at)
