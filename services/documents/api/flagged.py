"""The officers' worklist: files that count and left a doubt when read, until an officer judges them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from services.chassis.http import Officer
from services.chassis.openapi import problems
from services.documents.api.resources import Opened
from services.documents.api.shapes import FlagView
from services.documents.domain.errors import Unknown
from services.documents.statements import sql

router = APIRouter(prefix="/api/documents", tags=["officer"], responses=problems(404))
_MOST = 100


class FlaggedFileView(BaseModel):
    """A file to look at. `in_window`: it came while the candidate's form was open, so red pen on it counts.

    portfolio: of the speciality; null where no officer's portfolio has it (the head of office handles it).
    """

    file_id: UUID
    candidate_id: UUID
    session_id: str
    portfolio: int | None
    piece: str
    title: str
    name: str
    arrived_at: AwareDatetime
    in_window: bool
    deadline_at: AwareDatetime
    flags: list[FlagView]

    @classmethod
    def of(cls, record: Any) -> "FlaggedFileView":
        return cls.model_validate(dict(record) | {"flags": FlagView.of(record)})


class FlaggedView(BaseModel):
    """One page, oldest arrival first. `after`: ask for the next page with it; null: this is the last."""

    files: list[FlaggedFileView]
    after: UUID | None


@router.get("/flagged-files")
async def flagged(
    ctx: Opened,
    who: Officer,
    portfolio: Annotated[list[Annotated[int, Query(ge=1, le=99)]] | None, Query(max_length=50)] = None,
    session: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,60}$")] = None,
    after: UUID | None = None,
) -> FlaggedView:
    """Of these portfolios; of one's own where none is named, and of all for whoever has none.

    A judged file leaves the list: `POST …/pieces/{piece}/{acceptance|refusal}`.
    """
    wanted = portfolio or list(who.portfolios) or None
    async with ctx.database.connection() as conn:
        if after is not None and not await sql.is_file(conn, file_id=after):
            raise Unknown("file")
        rows = sql.flagged_files(conn, session_id=session, portfolios=wanted, after=after, most=_MOST + 1)
        files = [FlaggedFileView.of(record) async for record in rows]
    page = files[:_MOST]
    return FlaggedView(files=page, after=page[-1].file_id if len(files) > _MOST else None)
