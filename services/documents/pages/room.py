"""What the pages of this service share: their templates, and a candidate's pieces as they show them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from services.chassis.context import Context
from services.chassis.rendering import environment
from services.chassis.site import language
from services.contracts.events import Calendar
from services.contracts.stages import Stage
from services.documents.commands import rows
from services.documents.commands.learning import refresh
from services.documents.domain.candidate import Candidate
from services.documents.domain.errors import NotAsked, Unknown
from services.documents.domain.uploading import Closed, Kept, why_closed, why_kept
from services.documents.queries import Piece, PieceState, dossier
from services.documents.settings import Settings
from services.documents.statements import sql
from services.documents.wording import state_words

TEMPLATES = Path(__file__).parents[1] / "templates"
PAGES = environment(TEMPLATES)

_KINDS = {
    PieceState.EXPECTED: "todo",
    PieceState.RECEIVED: "progress",
    PieceState.TO_JUDGE: "progress",
    PieceState.ACCEPTED: "success",
    PieceState.REFUSED: "error",
    PieceState.EXPIRED: "error",
    PieceState.LATE: "error",
}


@dataclass(frozen=True)
class Look:
    """A candidate's pieces at an instant.

    closed, kept: why no file may be added, or taken back; None: one may.
    """

    at: datetime
    row: Candidate
    calendar: Calendar
    pieces: list[Piece]
    versions: list[asyncpg.Record]
    closed: Closed | None
    kept: Kept | None

    @property
    def due(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.due]

    @property
    def no_longer_asked(self) -> list[Piece]:
        return [piece for piece in self.pieces if not piece.due and piece.files]

    @property
    def signed(self) -> bool:
        """Whether a confirmation of the version in force is there that counts, or may."""
        return any(piece.confirmation and piece.there for piece in self.due)

    @property
    def demanded(self) -> bool:
        """Whether what is missing must be handed in. Who is cancelled may, perhaps in vain."""
        return self.closed is None and self.row.stage is not Stage.CANCELLED

    @property
    def over(self) -> bool:
        """Whether nothing that is there can count any more, unless an officer decides anew."""
        return self.closed == "decided" or (self.row.stage is Stage.CANCELLED and self.closed is not None)

    @property
    def still_missing(self) -> int | None:
        """How many pieces; None while of one it is judged whether it arrived in time."""
        return None if self.row.to_judge_count else self.row.missing_count

    @property
    def own_deadline(self) -> bool:
        return self.row.deadline_at != self.calendar.deadline_at

    @property
    def changes_count(self) -> bool:
        """Whether a change, online or in red pen, is still taken into account (R5)."""
        return self.at < self.row.closes_at

    def to_hand_in(self, after: Piece) -> Piece | None:
        """The next that is asked for and not there, from the one after `after` on, then from the first."""
        due = self.due
        place = next((number for number, one in enumerate(due) if one.piece == after.piece), -1) + 1
        return next((one for one in (*due[place:], *due[:place]) if not one.there and one is not after), None)

    def words(self, piece: Piece) -> str:
        return state_words(piece, closed=self.closed is not None)

    def kind(self, piece: Piece) -> str:
        """Of the tag that says the state. What we lost is no error of the candidate's."""
        if piece.missing_by_loss:
            return "neutral" if self.closed else "todo"
        if piece.state is PieceState.EXPECTED and self.closed is not None:
            return "error" if self.closed == "late" else "neutral"
        return _KINDS[piece.state]

    def piece(self, name: str) -> Piece:
        """One that is asked for, or was and has files.

        Raises:
            NotAsked.
        """
        for piece in self.pieces:
            if piece.piece == name and (piece.due or piece.files):
                return piece
        raise NotAsked


async def look(ctx: Context[Settings], candidate_id: UUID, at: datetime) -> Look | None:
    """None: nothing is saved yet, so nothing is asked for.

    Raises:
        Erased.
    """
    await refresh(ctx, candidate_id)
    async with ctx.database.connection() as conn:
        try:
            found = await dossier(conn, candidate_id)
        except Unknown:
            return None
        if found.candidate.registration_version == 0:
            return None
        calendar = await rows.calendar_of(conn, found.candidate.session_id)
        versions = [record async for record in sql.read_versions(conn, candidate_id=candidate_id)]
    row = found.candidate
    return Look(at, row, calendar, found.pieces, versions, why_closed(row, at), why_kept(row, at))


def told(text: str, **values: object) -> str:
    """A text of Python in the language of the reader."""
    translated: str = PAGES.filters["translated"](text)
    return translated % values if values else translated


def _size(size_bytes: int) -> str:
    """« 1,2 Mo », « 340 ko »: as phones show it; in English “1.2 MB”, “340 kB”."""
    english = language.current.get() == "en"
    if size_bytes >= 1_000_000:
        size = f"{size_bytes / 1_000_000:.1f}"
        return f"{size} MB" if english else f"{size} Mo".replace(".", ",")
    return f"{max(1, round(size_bytes / 1000))} {'kB' if english else 'ko'}"


PAGES.filters |= {"size": _size}
