"""« Mon espace » as a whole, for the page and the API: the candidature, its pieces' part, what happened.

The pieces' part is fetched from `documents` at each look. When that is away the rest is told without it.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from services.chassis.context import Context
from services.chassis.failures import PartUnavailable
from services.chassis.peers import PeerError, PeerNotFound
from services.chassis.telemetry import describe, log
from services.contracts.internal import Progress
from services.registration.commands.draft import read_draft
from services.registration.domain.candidature import UNDECIDED, Candidature
from services.registration.domain.eligibility import Condition
from services.registration.domain.rules import Person
from services.registration.guidance import Next, next_of, window_limit
from services.registration.queries import Version, read_journal, read_version, session_of, standing_of
from services.registration.review import judged
from services.registration.settings import Settings
from services.registration.timeline import Happened, timeline

_PATIENCE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Overview:
    """`version`: the one in force. `progress` is None with `away` when `documents` does not answer, and
    without it while it has not heard of the candidate. `person` answers this candidate's questions (R11).
    `draft_at`: when a draft that may still be saved was last written. `conditions`: R7 of that version.
    """

    row: Candidature
    version: Version | None
    progress: Progress | None
    away: bool
    next: Next
    happened: tuple[Happened, ...]
    person: Person
    draft_at: datetime | None
    conditions: tuple[Condition, ...] = ()

    @property
    def pieces_known(self) -> bool:
        """Whether `documents` told of the pieces of the version in force."""
        return (
            self.progress is not None
            and self.row.version > 0
            and self.progress.registration_version == self.row.version
        )

    @property
    def to_sign(self) -> bool:
        """Whether the confirmation of the version in force is still to be handed in, as far as is known."""
        if self.row.stage not in UNDECIDED or self.next.doing != "documents":
            return False
        known = self.progress if self.pieces_known else None
        return known is None or any(piece.confirmation for piece in known.awaited)

    @property
    def next_reminder_at(self) -> datetime | None:
        """When the clock will remind by mail, if that is what `documents` awaits next."""
        if self.progress is None or not self.pieces_known or self.progress.next.action != "remind":
            return None
        return self.progress.next.due_at


async def overview(ctx: Context[Settings], candidate_id: UUID, arrived_at: datetime) -> Overview:
    """Raises Erased, Unknown (session)."""
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, candidate_id, arrived_at)
        version = await read_version(conn, candidate_id, row.version) if row.version else None
        calendar = await session_of(conn, row.session_id)
        journal = await read_journal(conn, candidate_id)
        draft = await read_draft(conn, candidate_id) if window_limit(row, arrived_at) else None
    progress, away = await _progress(ctx, candidate_id)
    rules = ctx.settings.configuration.rules
    return Overview(
        row=row,
        version=version,
        progress=progress,
        away=away,
        next=_next(ctx, row, arrived_at, progress),
        happened=tuple(timeline(journal, progress)),
        person=ctx.settings.configuration.office.person_for(row.portfolio),
        draft_at=None if draft is None else draft.updated_at,
        conditions=() if version is None else judged(version, rules, calendar),
    )


async def next_step(ctx: Context[Settings], row: Candidature, arrived_at: datetime) -> Next:
    """That of the overview, for who asks for it alone."""
    progress, _ = await _progress(ctx, row.candidate_id)
    return _next(ctx, row, arrived_at, progress)


def _next(ctx: Context[Settings], row: Candidature, now: datetime, progress: Progress | None) -> Next:
    return next_of(row, now, progress, appeal_months=ctx.settings.configuration.rules.appeal.months)


async def _progress(ctx: Context[Settings], candidate_id: UUID) -> tuple[Progress | None, bool]:
    """The pieces' part, and whether it could not be had."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await ctx.peers.get("documents", f"candidates/{candidate_id}/progress", Progress), False
    except PeerNotFound:
        return None, False
    except (PeerError, PartUnavailable, httpx.HTTPError, TimeoutError) as error:
        log.warning("documents away: shown without the pieces", **describe(error))
        return None, True
