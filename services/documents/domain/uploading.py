"""Whether an upload may begin, judged by when its request arrived (R6, ours 2 and 4)."""

from datetime import datetime

from services.contracts.stages import Stage
from services.documents.domain.candidate import OPEN_STAGES, Candidate
from services.documents.domain.errors import Decided, NotRegistered, TooLate

FILES_PER_PIECE = 10
LARGEST_FILE_BYTES = 10 * 1024 * 1024


def check_open(row: Candidate, arrived_at: datetime) -> None:
    """Refuse unless the candidature takes documents and the request arrived before the deadline.

    Raises:
        NotRegistered, Decided, TooLate.
    """
    if row.registration_version == 0:
        raise NotRegistered
    if arrived_at >= row.deadline_at and row.stage is not Stage.CONFIRMED:
        raise TooLate(row.deadline_at)
    if row.stage not in OPEN_STAGES:
        raise Decided(row.stage)
