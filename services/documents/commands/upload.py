"""An upload, in three steps: begun when its request arrived, stored when its checks passed, or refused.

begin    one transaction: may it begin? then the attempt stands on the candidate's row
         (the body is read, checked, and the object stored: no lock is held)
         (the same content is there: one transaction, and it is not checked again)
store    one transaction: the file counts from its commit; the attempts on that piece are forgotten
         (of one that is to be judged its own alone, and the others once it is judged in time)
refuse   one transaction: the attempt ended by the candidate's doing and is forgotten

An attempt that ends otherwise (cut, our 5xx, a crash) stays on the row as a fault that may be ours: an
incomplete candidature with one is held and not cancelled (ours 7). The object is stored before the
transaction, so a crash in between leaves an object nobody names, never a file without its object.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import asyncpg

from services.chassis.context import Context
from services.chassis.database import Connection
from services.contracts.events import DocumentUploaded
from services.documents.commands import rows
from services.documents.commands.judging import met
from services.documents.commands.learning import learn
from services.documents.domain.candidate import (
    Candidate,
    fault_begun,
    fault_ended,
    fault_healed,
    kept_waiting,
)
from services.documents.domain.errors import NotAsked, Outdated, Refused, RefusedBefore, TooLate, TooMany
from services.documents.domain.uploading import FILES_PER_PIECE, check_open
from services.documents.settings import Settings
from services.documents.statements import sql


@dataclass(frozen=True)
class Attempt:
    """An upload that may go on. `to_judge`: the deadline in force could not be asked (à juger)."""

    id: UUID
    candidate_id: UUID
    piece: str
    arrived_at: datetime
    grace_seconds: int
    to_judge: bool
    confirmation: bool


@dataclass(frozen=True)
class Received:
    """A body that passed the checks; its object is stored under `object_key`."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str
    object_key: str
    flags: tuple[str, ...] = ()
    """Why an officer should look at it (`services.documents.reading.verdict.Doubt`)."""
    read_version: int | None = None
    """The version whose code a confirmation bears, where it was read."""
    parts: dict[str, str] = field(default_factory=dict)
    """The digest of each file that was sent, and its name; empty: one, whose digest is `sha256`."""

    @property
    def digests(self) -> list[str]:
        return list(self.parts) or [self.sha256]

    def named(self, digests: list[str]) -> str:
        """Which of several files these are; empty where it is all that was sent."""
        found = [name for digest, name in self.parts.items() if digest in digests]
        return ", ".join(found) if len(found) < len(self.parts) else ""


@dataclass(frozen=True)
class Stored:
    file: asyncpg.Record
    created: bool
    """False when the same content was there, its object too: it was sent again, nothing happened twice."""


async def begin(
    ctx: Context[Settings],
    candidate_id: UUID,
    piece: str,
    arrived_at: datetime,
    attempt_id: UUID | None = None,
) -> Attempt:
    """Judge by arrival whether an upload may begin, and write that it has.

    Raises:
        Refused: NotRegistered, NotAsked, TooLate, Decided, TooMany, Erased. Whatever else it raises is ours:
            the caller keeps the attempt as a fault (`services.documents.commands.faults`).
    """
    to_judge = await learn(ctx, candidate_id, piece, arrived_at)
    async with ctx.database.transaction() as conn:
        row = await rows.lock(conn, candidate_id)
        asked = await sql.read_piece(conn, candidate_id=candidate_id, piece=piece)
        _check(row, asked, arrived_at, to_judge=to_judge)
        await _check_room(conn, candidate_id, piece)
        attempt = Attempt(
            attempt_id or uuid4(),
            candidate_id,
            piece,
            arrived_at,
            row.grace_seconds,
            to_judge,
            asked["confirmation"],
        )
        await rows.write(conn, fault_begun(row, attempt.id, piece, arrived_at))
    return attempt


async def store(
    ctx: Context[Settings], attempt: Attempt, received: Received, waited_seconds: float = 0
) -> Stored:
    """Commit the file. It counts if it arrived in time, however late this commits.

    waited_seconds: for how long we have had the whole body (`kept_waiting`).

    Raises:
        Refused: Erased, TooMany, RefusedBefore, Outdated.
    """
    key = {"candidate_id": attempt.candidate_id, "piece": attempt.piece}
    async with ctx.database.transaction() as conn:
        before = await rows.lock(conn, attempt.candidate_id)
        now = await ctx.clock.now(conn)
        row = _kept_waiting(ctx.settings, _ended(before, attempt), attempt, now, waited_seconds)
        await _check_not_older(conn, before, attempt, received)
        same = await sql.find_same(conn, **key, sha256=received.sha256)
        if same is not None:
            restored = await _restored(conn, same, received)
            facts = [] if restored is None else [_uploaded(same["file_id"])]
            found, row = await _again(conn, row, attempt, restored or same)
            await rows.take(conn, before, row.new_evidence() if facts else row, ctx.clock, *facts)
            return Stored(found, created=restored is not None)
        refused = await sql.refused_before(conn, **key, parts=received.digests)
        if refused is not None:
            raise RefusedBefore(refused["reason"], received.named(refused["parts"]))
        await _check_room(conn, attempt.candidate_id, attempt.piece)
        file_id = uuid4()
        await sql.add_file(
            conn,
            **key,
            file_id=file_id,
            state="to_judge" if attempt.to_judge else "received",
            arrived_at=attempt.arrived_at,
            stored_at=now,
            **vars(received) | {"parts": received.digests},
        )
        await rows.take(conn, before, row.new_evidence(), ctx.clock, _uploaded(file_id))
        stored = await sql.read_file(conn, candidate_id=attempt.candidate_id, file_id=file_id)
    return Stored(stored, created=True)


async def sent_again(
    ctx: Context[Settings], attempt: Attempt, sha256: str, waited_seconds: float = 0
) -> Stored | None:
    """The file that is there, where the same was sent again: it is not checked once more.

    Whoever got no answer sends it again just when there is no time for that. None: it is not there, or is to
    be looked at, since the store has lost it or it may have been signed before the version in force.

    Raises:
        Refused: Erased.
    """
    key = {"candidate_id": attempt.candidate_id, "piece": attempt.piece}
    async with ctx.database.transaction() as conn:
        before = await rows.lock(conn, attempt.candidate_id)
        same = await sql.find_same(conn, **key, sha256=sha256)
        if same is None or same["lost_at"] is not None or _may_be_older(before, attempt, same):
            return None
        now = await ctx.clock.now(conn)
        row = _kept_waiting(ctx.settings, _ended(before, attempt), attempt, now, waited_seconds)
        found, row = await _again(conn, row, attempt, same)
        await rows.take(conn, before, row, ctx.clock)
    return Stored(found, created=False)


async def refuse(ctx: Context[Settings], attempt: Attempt, waited_seconds: float = 0) -> None:
    """The file was refused with a reason: the attempt is the candidate's doing, not a fault."""
    async with ctx.database.transaction() as conn:
        try:
            row = await rows.lock(conn, attempt.candidate_id)
        except Refused:
            return
        now = await ctx.clock.now(conn)
        ended = _kept_waiting(ctx.settings, fault_ended(row, attempt.id), attempt, now, waited_seconds)
        await rows.take(conn, row, ended, ctx.clock)


async def _again(
    conn: Connection, row: Candidate, attempt: Attempt, same: asyncpg.Record
) -> tuple[asyncpg.Record, Candidate]:
    """The file that stands for what came again, and the row."""
    found, row = await met(conn, row, same, attempt.arrived_at, in_time=not attempt.to_judge)
    if not attempt.to_judge:
        await sql.came_again(conn, file_id=found["file_id"], arrived_at=attempt.arrived_at)
    return found, row


def _may_be_older(row: Candidate, attempt: Attempt, same: asyncpg.Record) -> bool:
    """Whether a confirmation that is there may not be one of the version in force."""
    if not attempt.confirmation:
        return False
    saved_at, read = row.version_saved_at, same["read_version"]
    before = saved_at is not None and same["arrived_at"] < saved_at
    return before or (read is not None and read < row.registration_version)


async def _restored(conn: Connection, same: asyncpg.Record, received: Received) -> asyncpg.Record | None:
    """The file whose object the store had lost, with the one that came now; None: it had lost none."""
    restored: asyncpg.Record | None = await sql.restore_object(
        conn,
        file_id=same["file_id"],
        object_key=received.object_key,
        media_type=received.media_type,
        size_bytes=received.size_bytes,
    )
    return restored


def _uploaded(file_id: UUID) -> rows.Fact:
    return partial(rows.fact, DocumentUploaded, file_id=file_id)


def _ended(row: Candidate, attempt: Attempt) -> Candidate:
    """What may be late makes up for nothing until it is judged (`services.documents.commands.judging`)."""
    if attempt.to_judge:
        return fault_ended(row, attempt.id)
    return fault_healed(row, attempt.piece, attempt.arrived_at)


def _kept_waiting(
    settings: Settings, row: Candidate, attempt: Attempt, now: datetime, seconds: float
) -> Candidate:
    return kept_waiting(
        row,
        attempt.arrived_at,
        now - timedelta(seconds=seconds),
        now,
        **settings.waits,
    )


def _check(row: Candidate, asked: asyncpg.Record | None, arrived_at: datetime, *, to_judge: bool) -> None:
    try:
        check_open(row, arrived_at)
    except TooLate:
        if not to_judge:
            raise
    if asked is None or not asked["due"]:
        raise NotAsked


async def _check_not_older(conn: Connection, row: Candidate, attempt: Attempt, received: Received) -> None:
    """What was here before the version in force was saved bears no signature on that version.

    Nor do its pages beside others, nor what was read as the version then in force, when another was saved
    meanwhile.
    """
    if received.read_version is not None and received.read_version < row.registration_version:
        raise Outdated(received.read_version, row.registration_version)
    asked = await sql.read_piece(conn, candidate_id=row.candidate_id, piece=attempt.piece)
    saved_at = row.version_saved_at
    if not asked["confirmation"] or saved_at is None or attempt.arrived_at < saved_at:
        return
    older = await sql.find_older(
        conn, candidate_id=row.candidate_id, parts=received.digests, version_saved_at=saved_at
    )
    if older is not None:
        raise Outdated(older["version"], row.registration_version, received.named(older["parts"]))


async def _check_room(conn: Connection, candidate_id: UUID, piece: str) -> None:
    if await sql.count_files(conn, candidate_id=candidate_id, piece=piece) >= FILES_PER_PIECE:
        raise TooMany(FILES_PER_PIECE)
