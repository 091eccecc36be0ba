"""Whether a file may be added or taken back, judged by when its request arrived (R6, ours 2 and 4)."""

from datetime import datetime
from typing import Literal

from services.contracts.stages import Stage
from services.documents.domain.candidate import OPEN_STAGES, Candidate
from services.documents.domain.errors import Decided, Filed, NotRegistered, Refused, TooLate

FILES_PER_PIECE = 10
LARGEST_FILE_BYTES = 10 * 1024 * 1024
FILES_PER_SEND = 20
"""Chosen together, they are joined into one PDF."""
LARGEST_SEND_BYTES = 50 * 1024 * 1024
LARGEST_JOINED_BYTES = 20 * 1024 * 1024
"""Of the PDF that they are joined into."""

Closed = Literal["late", "confirmed", "decided"]
"""Why no file may be added: too late; complete and confirmed; or the candidature takes none (withdrawn…)."""
Kept = Literal["late", "filed", "decided"]
"""Why no file may be taken back: as above, or the verdict *complete* is out."""


def check_open(row: Candidate, arrived_at: datetime) -> None:
    """Refuse an upload unless the candidature takes documents and the request arrived before the deadline.

    Once confirmed it takes them only while an officer's refusal leaves a piece missing.

    Raises:
        NotRegistered, Decided, TooLate.
    """
    if row.registration_version == 0:
        raise NotRegistered
    if row.stage is Stage.CONFIRMED:
        if row.state == "complete":
            raise Decided(row.stage)
    elif row.stage not in OPEN_STAGES:
        raise Decided(row.stage)
    if arrived_at >= row.deadline_at:
        raise TooLate(arrived_at, row.deadline_at)


def why_closed(row: Candidate, at: datetime) -> Closed | None:
    """Why no file may be added at this instant; None: one may."""
    try:
        check_open(row, at)
    except TooLate:
        return "late"
    except Refused:
        return "confirmed" if row.stage is Stage.CONFIRMED else "decided"
    return None


def check_removable(row: Candidate, arrived_at: datetime) -> None:
    """Refuse a removal like an upload; and once the verdict *complete* is out, which confirms by itself.

    Raises:
        Filed, NotRegistered, Decided, TooLate.
    """
    if _is_filed(row):
        raise Filed
    check_open(row, arrived_at)


def why_kept(row: Candidate, at: datetime) -> Kept | None:
    """Why no file may be taken back at this instant; None: one may."""
    match why_closed(row, at):
        case "late" | "decided" as closed:
            return closed
        case _:
            return "filed" if _is_filed(row) else None


def _is_filed(row: Candidate) -> bool:
    return row.filed or row.stage is Stage.CONFIRMED
