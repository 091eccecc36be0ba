"""« Mon espace » for a front end: where one stands, what is missing, what happened; the versions saved."""

from datetime import datetime
from typing import Literal, Self

from fastapi import APIRouter

from services.chassis.http import ArrivedAt, Candidate
from services.chassis.openapi import problems
from services.chassis.times import paris_minute
from services.registration.api.resources import Opened
from services.registration.api.shapes import CandidatureView, ConditionView, Shape
from services.registration.domain.changes import Change
from services.registration.domain.rules import Person
from services.registration.history import Past, history
from services.registration.overview import Overview, overview
from services.registration.queries import read_versions, standing_of
from services.registration.timeline import Happened
from services.registration.wording import headline

router = APIRouter(prefix="/api/registration/me", tags=["candidate"], responses=problems(404, 409, 410))


class AwaitedView(Shape):
    """`state` is that of `/api/documents/me`; `refusal` is why an officer refused what was there."""

    piece: str
    title: str
    state: str
    confirmation: bool
    refusal: str | None


class PiecesPart(Shape):
    """`known` is no while `documents` is away or has not heard of the version in force."""

    known: bool
    state: Literal["unknown", "incomplete", "complete"]
    awaited: tuple[AwaitedView, ...] = ()
    next_reminder_at: datetime | None = None

    @classmethod
    def of(cls, found: Overview) -> Self:
        progress = found.progress
        if progress is None or not found.pieces_known:
            return cls(known=False, state="unknown")
        return cls(
            known=True,
            state=progress.state,
            awaited=tuple(AwaitedView(**piece.model_dump()) for piece in progress.awaited),
            next_reminder_at=found.next_reminder_at,
        )


class HappenedView(Shape):
    at: datetime
    at_text: str
    what: str
    why: str | None

    @classmethod
    def of(cls, one: Happened) -> Self:
        return cls(at=one.at, at_text=paris_minute(one.at), what=str(one.what), why=one.why)


class OverviewView(Shape):
    """`draft_at`: there is a draft that is not saved, and may still be; it does not count.

    `conditions`: R7 of the version in force; none before the first.
    """

    candidature: CandidatureView
    headline: str
    pieces: PiecesPart
    timeline: tuple[HappenedView, ...]
    conditions: tuple[ConditionView, ...]
    officer: Person
    draft_at: datetime | None

    @classmethod
    def of(cls, found: Overview, now: datetime) -> Self:
        return cls(
            candidature=CandidatureView.of(found.row, now, found.next),
            headline=headline(found.row, found.progress if found.pieces_known else None),
            pieces=PiecesPart.of(found),
            timeline=tuple(HappenedView.of(one) for one in found.happened),
            conditions=tuple(ConditionView.of(one) for one in found.conditions),
            officer=found.person,
            draft_at=found.draft_at,
        )


class ChangeView(Shape):
    pointer: str
    label: str
    before: str
    after: str

    @classmethod
    def of(cls, one: Change) -> Self:
        return cls(pointer=one.pointer, label=one.label, before=str(one.before), after=str(one.after))


class SavedView(Shape):
    """One saved version in the list. `latest`: its confirmation is the one to sign, unless the candidature is
    withdrawn or cancelled; others are périmées.

    `changes` from the version before; null for the first.
    """

    version: int
    latest: bool
    saved_at: datetime
    saved_text: str
    changes: tuple[ChangeView, ...] | None

    @classmethod
    def of(cls, past: Past, latest: int) -> Self:
        version = past.version
        told = None if past.changes is None else tuple(ChangeView.of(one) for one in past.changes)
        return cls(
            changes=told,
            version=version.version,
            latest=version.version == latest,
            saved_at=version.saved_at,
            saved_text=paris_minute(version.saved_at),
        )


@router.get("/overview")
async def mine(ctx: Opened, who: Candidate, arrived_at: ArrivedAt) -> OverviewView:
    return OverviewView.of(await overview(ctx, who.candidate_id, arrived_at), arrived_at)


@router.get("/versions")
async def versions(ctx: Opened, who: Candidate, arrived_at: ArrivedAt) -> tuple[SavedView, ...]:
    """The latest first."""
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, who.candidate_id, arrived_at)
        found = await read_versions(conn, who.candidate_id)
    return tuple(SavedView.of(past, row.version) for past in history(found, ctx.settings.configuration))
