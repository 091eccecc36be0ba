"""Why an incomplete file would be held and not cancelled: what the statement tests too (`sql/settle.sql`)."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.documents.domain.candidate import Candidate


class Doubt(StrEnum):
    """What may be our fault (ours 7)."""

    UPLOAD_FAILED = "upload_failed"
    TURNED_AWAY = "turned_away"
    SERVICE_AWAY = "service_away"
    TO_JUDGE = "to_judge"
    FILE_LOST = "file_lost"
    DEAD_LETTER = "dead_letter"
    UNREACHABLE = "unreachable"


OUTLASTING = frozenset({Doubt.TO_JUDGE, Doubt.FILE_LOST, Doubt.DEAD_LETTER})
"""What a release does not end: a file waits or lacks, an event is not taken in. It would be held again."""


def doubts(row: Candidate) -> list[Doubt]:
    """In the order of the list; none for one whose fault nothing of it is."""
    found = {
        Doubt.UPLOAD_FAILED: _within(row, row.fault_at) and row.fault_at != row.turned_away_at(),
        Doubt.TURNED_AWAY: _within(row, row.turned_away_at()),
        Doubt.SERVICE_AWAY: _within(row, row.service_fault_at),
        Doubt.TO_JUDGE: row.to_judge_count > 0,
        Doubt.FILE_LOST: row.lost_count > 0,
        Doubt.DEAD_LETTER: row.open_dead_letters > 0,
        Doubt.UNREACHABLE: row.unreachable or row.unwarned,
    }
    return [doubt for doubt, stands in found.items() if stands]


def since(row: Candidate, doubt: Doubt) -> datetime | None:
    """When it happened last, where that is one moment."""
    match doubt:
        case Doubt.UPLOAD_FAILED:
            return row.fault_at
        case Doubt.TURNED_AWAY:
            return row.turned_away_at()
        case Doubt.SERVICE_AWAY:
            return row.service_fault_at
        case _:
            return None


def _within(row: Candidate, fault_at: datetime | None) -> bool:
    window = timedelta(seconds=row.fault_window_seconds)
    return fault_at is not None and fault_at >= row.deadline_at - window
