"""What `documents` tells, applied inside the consumer's transaction."""

from services.chassis.clock import Clock
from services.chassis.database import Connection
from services.contracts.events import ChecklistReopened, ChecklistSettled, DocumentRejected
from services.registration.commands import rows
from services.registration.domain.acts import deadline_lengthened
from services.registration.domain.errors import Erased
from services.registration.domain.outcome import heard, judged, reopened

DOCUMENTS = "documents"


async def checklist_settled(conn: Connection, event: ChecklistSettled, clock: Clock) -> None:
    """Keep the verdict and apply it if it is about what is in force (decision 0001).

    Raises:
        Unknown: a verdict about nobody; `documents` learns of candidates from here.
    """
    try:
        row = await rows.lock(conn, event.candidate_id)
    except Erased:
        return
    kept = heard(row, event)
    if kept is None:
        return
    now = await clock.now(conn)
    step = judged(kept, now)
    if step is None:
        await rows.write(conn, kept)
    else:
        await rows.take(conn, step, at=now, actor=DOCUMENTS)


async def checklist_reopened(conn: Connection, event: ChecklistReopened) -> None:
    """A piece is missing again: what was found complete before is so no more.

    Raises:
        Unknown: as above.
    """
    try:
        row = await rows.lock(conn, event.candidate_id)
    except Erased:
        return
    since = reopened(row, event.evidence_rev)
    if since is not None:
        await rows.write(conn, since)


async def document_rejected(conn: Connection, event: DocumentRejected, clock: Clock) -> None:
    """A refusal that gives a deadline of its own (ours 5): the later of the two is in force.

    Raises:
        Unknown: as above.
    """
    if event.deadline_at is None:
        return
    try:
        row = await rows.lock(conn, event.candidate_id)
    except Erased:
        return
    step = deadline_lengthened(row, event.deadline_at)
    if step is not None:
        await rows.take(conn, step, at=await clock.now(conn), actor=DOCUMENTS)
