"""Looks whether the objects of acknowledged files are still in the store (ours 7).

An object is stored before the transaction that names it, and only erasure deletes it. So what a row names and
the store has not is lost: an older copy of the store was restored, or somebody deleted it. Whoever lacks a
piece by it must not be confirmed by a file that nobody can open, nor cancelled for it.

A store that gives no answer is an outage: the look ends and says nothing. One that lacks very much may be
another one, or a folder that is not mounted. Then nothing is noted for a day, while the verdicts of the
sessions it concerns are kept back, and an operator is told.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import asyncpg

from services.chassis.context import Context
from services.chassis.telemetry import log
from services.documents.commands.losing import note_objects
from services.documents.commands.pausing import pause_settling
from services.documents.objects import Objects
from services.documents.settings import Settings
from services.documents.statements import sql

_ASK_SECONDS = 60
_FEW = 20
_SHARE = 0.1
_PATIENCE = timedelta(days=1)
_ACTOR = "documents"
_REASON = (
    "Des fichiers reçus ne sont plus dans le stockage ({gone} sur {named}) : il peut être vide, un autre, ou "
    "restauré d’une copie ancienne. Les verdicts attendent qu’un opérateur l’ait vérifié."
)


@dataclass(frozen=True)
class Change:
    """Of one candidate: the files whose object was not found now, and the keys that are there again."""

    candidate_id: UUID
    gone: dict[str, UUID]
    found: list[str]


@dataclass
class Look:
    """What one look through the store has seen."""

    named: int = 0
    gone: int = 0
    sessions: set[str] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)

    @property
    def believed(self) -> bool:
        """Whether the store may have lost so much and still be the one."""
        return self.gone < self.named and (self.gone <= _FEW or self.gone <= _SHARE * self.named)

    def add(self, files: list[asyncpg.Record], gone: set[str]) -> None:
        """The files of one candidate, and which of their keys are not there."""
        self.named += len(files)
        self.gone += len(gone)
        if gone:
            self.sessions.add(files[0]["session_id"])
        fresh = {file["object_key"]: file["file_id"] for file in files if not file["lost_at"]}
        lost = [file["object_key"] for file in files if file["lost_at"]]
        change = Change(
            files[0]["candidate_id"],
            {key: file_id for key, file_id in fresh.items() if key in gone},
            [key for key in lost if key not in gone],
        )
        if change.gone or change.found:
            self.changes.append(change)


class ObjectLook:
    """A part of the worker: once an hour, looks for objects that files name and the store has not."""

    name = "object-look"

    def __init__(self, ctx: Context[Settings], objects: Objects) -> None:
        self._ctx = ctx
        self._objects = objects

    async def run(self) -> None:
        while True:
            await self.look_if_due()
            await asyncio.sleep(_ASK_SECONDS)

    async def look_if_due(self) -> Look | None:
        """Look unless a worker did within the last hour; None then.

        Raises:
            Exception: the store gives no answer; nothing is noted.
        """
        async with self._ctx.database.transaction() as conn:
            now = await self._ctx.clock.now(conn)
            last = await sql.begin_object_look(conn, now=now)
        if last is None:
            return None
        look = await self._look(now)
        await self._note(look, now, doubted_since=last["doubted_since"])
        return look

    async def _look(self, now: datetime) -> Look:
        look = Look()
        async for files in self._named(now):
            look.add(files, await self._gone(files))
        return look

    async def _named(self, now: datetime) -> AsyncIterator[list[asyncpg.Record]]:
        """The files of each candidate, read before their objects are looked for: these are stored first."""
        after = None
        while True:
            async with self._ctx.database.connection() as conn:
                page = [record async for record in sql.named_objects(conn, now=now, after=after)]
            for _, files in groupby(page, key=itemgetter("candidate_id")):
                yield list(files)
            if not page:
                return
            after = page[-1]["candidate_id"]

    async def _gone(self, files: list[asyncpg.Record]) -> set[str]:
        """What is neither listed under the candidate's id nor there when asked for, and is still named."""
        there: set[str] = set()
        async for keys in self._objects.of(files[0]["candidate_id"]):
            there |= set(keys)
        unlisted = {file["object_key"] for file in files} - there
        gone = [key for key in unlisted if not await self._objects.has(key)]
        return set(gone) - await self._unnamed(gone)

    async def _unnamed(self, keys: list[str]) -> set[str]:
        """Those whose candidate was erased meanwhile, or whose file has another object now."""
        if not keys:
            return set()
        async with self._ctx.database.connection() as conn:
            return {record["key"] async for record in sql.unnamed_objects(conn, keys=keys)}

    async def _note(self, look: Look, now: datetime, doubted_since: datetime | None) -> None:
        """What is there again always; what is gone where that can be believed, or was so for a day."""
        doubted = None if look.believed or not look.gone else doubted_since or now
        if doubted is not None and doubted_since is None:
            await self._keep_back(look)
        believed = doubted is None or now - doubted >= _PATIENCE
        for change in look.changes:
            await self._note_one(change, believed=believed)
        async with self._ctx.database.transaction() as conn:
            await sql.end_object_look(conn, now=now, gone=look.gone, doubted_since=doubted)

    async def _note_one(self, change: Change, *, believed: bool) -> None:
        gone = change.gone if believed else {}
        for file_id in gone.values():
            log.error("object missing", key=str(change.candidate_id), file_id=str(file_id))
        if gone or change.found:
            await note_objects(self._ctx, change.candidate_id, gone=gone, found=change.found)

    async def _keep_back(self, look: Look) -> None:
        """Once: whoever lets the verdicts go on has looked."""
        log.error("too many objects missing, verdicts kept back", gone=look.gone, named=look.named)
        reason = _REASON.format(gone=look.gone, named=look.named)
        for session_id in await self._settling(look.sessions):
            await pause_settling(self._ctx, session_id, paused=True, reason=reason, actor=_ACTOR)

    async def _settling(self, session_ids: Iterable[str]) -> list[str]:
        async with self._ctx.database.connection() as conn:
            paused = {record["session_id"] async for record in sql.sessions_paused(conn)}
        return sorted(set(session_ids) - paused)
