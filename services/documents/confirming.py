"""Reads an uploaded confirmation back before it is stored: refused where that is sure, else flagged or clear.

What hinders the reading (`registration` away, a reading that does not end) is no fault of the candidate: the
file counts and is flagged.
"""

from pathlib import Path
from uuid import UUID

import httpx
from pydantic import ValidationError

from services.chassis.context import Context
from services.chassis.failures import PartUnavailable
from services.chassis.peers import PeerError, PeerGone
from services.chassis.telemetry import describe, log
from services.contracts.internal import ConfirmationMarks
from services.documents.domain.errors import Erased, NotDated, NotSigned, NotTheirs, Outdated
from services.documents.inspecting import InspectionFailed, Inspectors
from services.documents.reading.verdict import Doubt, Reading, Verdict
from services.documents.settings import Settings

_NOT_READ = Reading(Verdict.DOUBTFUL, None, (Doubt.NOT_READ,))


async def confirm(
    ctx: Context[Settings], inspectors: Inspectors, candidate_id: UUID, file: Path, media_type: str
) -> Reading:
    """The reading of a confirmation that counts: clear or doubtful.

    Raises:
        Refused: NotTheirs, Outdated, NotDated, NotSigned, Erased.
    """
    try:
        marks = await ctx.peers.get(
            "registration", f"candidates/{candidate_id}/confirmation-marks", ConfirmationMarks
        )
        found = await inspectors.read(file, media_type, marks)
    except PeerGone:
        raise Erased from None
    except (httpx.HTTPError, PeerError, PartUnavailable, ValidationError, InspectionFailed) as error:
        log.warning("confirmation not read", **describe(error))
        return _NOT_READ
    match found.verdict:
        case Verdict.OTHER:
            raise NotTheirs
        case Verdict.STALE:
            raise Outdated(found.version, marks.version)
        case Verdict.UNDATED:
            raise NotDated
        case Verdict.UNSIGNED | Verdict.EMPTY:
            raise NotSigned(dated=found.verdict is Verdict.UNSIGNED)
    return found
