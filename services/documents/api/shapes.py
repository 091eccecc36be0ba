"""The JSON shapes of this API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.chassis.texts import storable
from services.chassis.times import paris_minute
from services.documents.domain.candidate import Candidate
from services.documents.domain.doubts import OUTLASTING, doubts, since
from services.documents.domain.doubts import Doubt as FaultDoubt
from services.documents.domain.uploading import Closed, Kept, why_closed, why_kept
from services.documents.queries import Dossier, Piece, PieceState
from services.documents.reading.verdict import Doubt
from services.documents.wording import state_words

FLAGS = {
    Doubt.NOT_READ: "la lecture automatique n’a pas abouti : vérifiez version, date et signature",
    Doubt.CODE: "aucun code n’a pu être lu : vérifiez que c’est bien la confirmation, et sa version",
    Doubt.ALIGNMENT: "page coupée, pliée ou trop floue : vérifiez date et signature",
    Doubt.DATE: "date peu visible ou absente de son cadre : vérifiez-la",
    Doubt.SIGNATURE: "signature peu visible ou absente de son cadre : vérifiez-la",
    Doubt.RED_INK: "stylo rouge : relevez la rectification si elle est arrivée avant la clôture",
    Doubt.INK_OUTSIDE: "de l’encre hors des cadres",
    Doubt.ELECTRONIC: "le fichier porte une signature électronique",
}


DOUBTS = {
    FaultDoubt.UPLOAD_FAILED: "un dépôt arrivé à temps n’a pas abouti, sans refus motivé",
    FaultDoubt.TURNED_AWAY: "un dépôt arrivé à temps n’a pas été reçu : un service ne répondait pas",
    FaultDoubt.SERVICE_AWAY: "le service était indisponible, ou très lent à répondre, peu avant l’échéance",
    FaultDoubt.TO_JUDGE: "un fichier attend de savoir s’il est arrivé à temps",
    FaultDoubt.FILE_LOST: "un fichier reçu n’est plus dans le stockage : il peut être envoyé à nouveau",
    FaultDoubt.DEAD_LETTER: "un événement de ce dossier est en quarantaine",
    FaultDoubt.UNREACHABLE: "aucun rappel n’a pu être remis au candidat",
}


class FileView(BaseModel):
    """A file as stored. `state`: received, to_judge, late, accepted, refused or removed.

    sha256: of what was sent; a HEIC photo is kept as JPEG, several files sent together as one PDF.
    expired: a confirmation signed for an older version (périmée): it does not count, whatever its state.
    lost: the store has lost it, by a fault of ours: it is to be sent again unless an officer accepted it.
    """

    file_id: UUID
    piece: str
    state: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    arrived_at: AwareDatetime
    expired: bool
    lost: bool

    @classmethod
    def of(cls, record: Any, *, expired: bool) -> "FileView":
        told = {"expired": expired, "lost": record["lost_at"] is not None}
        return cls.model_validate(dict(record) | told)


class PieceView(BaseModel):
    """A piece with its state; `refusal` says why when it is refused.

    example: what may be given for it, in words.
    removed: the files taken back that may be put back until the deadline.
    officer_looks: it counts, and an officer will look at it, since its reading left a doubt.
    unrecognised: so it is, and no file shows the confirmation's code: the candidate should look at it again.
    room: how many more files it may have.
    """

    piece: str
    title: str
    reason: str
    example: str
    confirmation: bool
    due: bool
    state: PieceState
    label: str
    refusal: str | None
    files: list[FileView]
    removed: list[FileView]
    officer_looks: bool
    unrecognised: bool
    room: int

    @classmethod
    def of(cls, piece: Piece, *, closed: bool) -> "PieceView":
        return cls(
            piece=piece.piece,
            title=piece.title,
            reason=piece.reason,
            example=piece.example,
            confirmation=piece.confirmation,
            due=piece.due,
            state=piece.state,
            label=state_words(piece, closed=closed),
            refusal=piece.refusal,
            files=[FileView.of(file, expired=file["file_id"] in piece.expired) for file in piece.files],
            removed=[FileView.of(file, expired=False) for file in piece.removed],
            officer_looks=piece.officer_looks,
            unrecognised=piece.unrecognised,
            room=piece.room,
        )


class DossierView(BaseModel):
    """The whole checklist. `registration_version` 0: nothing is asked for yet.

    closed: why no file may be added at this instant, null where one may: too late; complete and confirmed; or
        the candidature takes none (nothing saved, withdrawn).
    kept: why none may be taken back: too late; `filed`, found complete, which confirms; or as above.
    """

    candidate_id: UUID
    registration_version: int
    complete: bool
    missing_count: int
    deadline_at: AwareDatetime | None
    closed: Closed | None
    kept: Kept | None
    pieces: list[PieceView]

    @classmethod
    def of(cls, found: Dossier, at: datetime) -> "DossierView":
        row = found.candidate
        closed = why_closed(row, at)
        return cls(
            candidate_id=row.candidate_id,
            registration_version=row.registration_version,
            complete=row.state == "complete",
            missing_count=row.missing_count,
            deadline_at=row.deadline_at,
            closed=closed,
            kept=why_kept(row, at),
            pieces=[PieceView.of(piece, closed=closed is not None) for piece in found.pieces],
        )


class ReviewView(BaseModel):
    """An officer's act on a piece, with its reason; `deadline_at` is the one that a refusal gave."""

    piece: str
    act: Literal["accepted", "refused"]
    reason: str
    actor: str
    at: AwareDatetime
    deadline_at: AwareDatetime | None


class FlagView(BaseModel):
    """Why an officer should look at a file; it counts all the same. `flag`: a stable code."""

    file_id: UUID
    piece: str
    flag: str
    label: str

    @classmethod
    def of(cls, file: Any) -> "list[FlagView]":
        return [
            cls(file_id=file["file_id"], piece=file["piece"], flag=flag, label=FLAGS[Doubt(flag)])
            for flag in file["flags"]
        ]


class DoubtView(BaseModel):
    """Why the file would be held while it is incomplete. `doubt`: a stable code.

    last_at: when it happened last, where that is a moment; the label names it too.
    outlasts_release: it would be held again after a release, until the cause itself is mended.
    """

    doubt: FaultDoubt
    label: str
    last_at: AwareDatetime | None = None
    outlasts_release: bool

    @classmethod
    def of(cls, found: Candidate, doubt: FaultDoubt) -> "DoubtView":
        last_at = since(found, doubt)
        when = "" if last_at is None else f" ({paris_minute(last_at)})"
        return cls(
            doubt=doubt,
            label=DOUBTS[doubt] + when,
            last_at=last_at,
            outlasts_release=doubt in OUTLASTING,
        )


class OfficerDossierView(DossierView):
    """The checklist as an officer sees it, with what is to look at and its journal."""

    doubts: list[DoubtView]
    settling_paused: bool
    flags: list[FlagView]
    reviews: list[ReviewView]

    @classmethod
    def with_reviews(cls, found: Dossier, at: datetime, reviews: Iterable[Any]) -> "OfficerDossierView":
        seen = [ReviewView.model_validate(dict(record)) for record in reviews]
        flags = [flag for piece in found.pieces for file in piece.files for flag in FlagView.of(file)]
        return cls(
            **dict(DossierView.of(found, at)),
            doubts=[DoubtView.of(found.candidate, one) for one in doubts(found.candidate)],
            settling_paused=found.candidate.settling_paused,
            flags=flags,
            reviews=seen,
        )


class ReviewRequest(BaseModel):
    """An officer's reason, kept with the review and, for a refusal, told to the candidate."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: Annotated[str, Field(min_length=3, max_length=2000), AfterValidator(storable)]
