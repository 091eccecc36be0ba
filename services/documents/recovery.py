"""What documents tells reconciliation of itself; the evidence is counted anew from pieces and files."""

from datetime import datetime
from uuid import UUID

import asyncpg

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.recovery import Gathered, Recovery, gather
from services.contracts.events import Calendar
from services.contracts.recovery import DocumentsLine, DocumentsLines, Page
from services.documents.commands.mending import Repairs
from services.documents.domain.candidate import OPEN_STAGES
from services.documents.domain.life import next_step
from services.documents.domain.seeing import Seen
from services.documents.settings import Settings
from services.documents.statements import candidate_of, read_seen, sql


def recovery(ctx: Context[Settings], kafka: KafkaSettings) -> Recovery:
    acts = Repairs(ctx)

    async def lines(page: Page) -> DocumentsLines:
        async with ctx.database.connection() as conn:
            return await tell(conn, await ctx.clock.now(conn), page)

    return Recovery(
        "documents",
        ctx.database,
        kafka,
        lines,
        {
            "learn": acts.learn,
            "again": acts.again,
            "erase": acts.erase,
            "hear_account": acts.hear_account,
            "hear_reachability": acts.hear_reachability,
            "hear_warnings": acts.hear_warnings,
            "recount_dead_letters": acts.recount_dead_letters,
        },
    )


async def tell(conn: Connection, now: datetime, page: Page) -> DocumentsLines:
    found = await gather(conn, sql, page)
    seen = await read_seen(conn)
    lost = await _lost_files(conn, found, now)
    lines = [
        _line(record, now, seen, found.messaging[record["candidate_id"]], lost)
        async for record in sql.recovery_rows(conn, candidate_ids=found.ids)
    ]
    return DocumentsLines(
        at=now,
        more=found.more,
        sessions=found.sessions,
        lines=(*await _buried(conn, found), *lines),
    )


async def _lost_files(conn: Connection, found: Gathered, now: datetime) -> dict[UUID, list[UUID]]:
    """Candidate → files."""
    lost: dict[UUID, list[UUID]] = {}
    async for record in sql.recovery_lost(conn, candidate_ids=found.ids, now=now):
        lost.setdefault(record["candidate_id"], []).append(record["file_id"])
    return lost


async def _buried(conn: Connection, found: Gathered) -> list[DocumentsLine]:
    undeleted = {
        record["candidate_id"] async for record in sql.recovery_undeleted(conn, candidate_ids=found.ids)
    }
    return [
        line.model_copy(update={"undeleted": line.candidate_id in undeleted})
        for line in found.buried(DocumentsLine)
    ]


def _line(
    record: asyncpg.Record,
    now: datetime,
    seen: Seen,
    messaging: dict[str, object],
    lost: dict[UUID, list[UUID]],
) -> DocumentsLine:
    row = candidate_of(record)
    step = next_step(row, Calendar.model_validate(record["calendar"]), now, seen)
    known = row.registration_version > 0
    shown = {
        "candidate_id": row.candidate_id,
        "session_id": row.session_id,
        "revision": row.revision,
        "dead_letters_noted": row.open_dead_letters,
        "ended": step.ended,
        "act_at": step.due_at if step.action else None,
        "limit_at": step.due_at,
        "stage": row.stage,
        "version": row.registration_version,
        "registration_revision": row.registration_revision,
        "closes_at": row.closes_at,
        "deadline_at": row.deadline_at,
        "own_deadline": row.own_deadline_at is not None,
        "releases": row.releases_heard,
        "missing": row.missing_count,
        "missing_counted": record["missing_counted"] if known else row.missing_count,
        "to_judge": row.to_judge_count,
        "to_judge_counted": record["to_judge_counted"] if known else row.to_judge_count,
        "lost": row.lost_count,
        "lost_counted": record["lost_counted"] if known else row.lost_count,
        "lost_files": tuple(lost.get(row.candidate_id, ())),
        "evidence_rev": row.evidence_rev,
        "settled_rev": row.settled_rev,
        "verdict": row.verdict,
        "open": known and row.stage in OPEN_STAGES,
        "paused": row.settling_paused,
        "unreachable_told": record["unreachable_told"],
        "reachability_revision": record["reachability_revision"],
        "warned_for": tuple(row.warned_for),
    }
    return DocumentsLine.model_validate(shown | messaging)
