"""What notifications tells reconciliation of itself: mails that failed or are late, and who can be warned."""

from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.quarantine import count_open_of
from services.chassis.recovery import Recovery, messaging_of, page_of
from services.contracts.recovery import NotificationsLine, NotificationsLines, Page, RepairItem
from services.notifications.commands.reachability import count_dead_letters
from services.notifications.commands.rows import lock_candidate
from services.notifications.settings import NotificationsSettings
from services.notifications.statements import SQL


def recovery(ctx: Context[NotificationsSettings], kafka: KafkaSettings) -> Recovery:
    async def lines(page: Page) -> NotificationsLines:
        async with ctx.database.connection() as conn:
            return await tell(conn, page)

    async def recount_dead_letters(item: RepairItem) -> None:
        async with ctx.database.transaction() as conn:
            counted = await count_open_of(conn, item.key)
            await lock_candidate(conn, item.key)
            await count_dead_letters(conn, item.key, counted)

    repairs = {"recount_dead_letters": recount_dead_letters}
    return Recovery("notifications", ctx.database, kafka, lines, repairs)


async def tell(conn: Connection, page: Page) -> NotificationsLines:
    ids, more = page_of(await _ids(conn, page), page)
    messaging = await messaging_of(conn, ids, page.facts_since)
    lines = [
        NotificationsLine(
            candidate_id=row["candidate_id"],
            gone=row["gone"],
            session_id=row["session_id"],
            revision=row["revision"],
            dead_letters_noted=row["open_dead_letters"],
            reachable=row["reachable"],
            failed=tuple(sorted(row["failed"])),
            late=tuple(sorted(row["late"])),
            **messaging[row["candidate_id"]],
        )
        async for row in SQL.recovery_rows(conn, candidate_ids=ids)
    ]
    sessions = {row["session_id"]: row["revision"] async for row in SQL.recovery_sessions(conn)}
    return NotificationsLines(
        at=await SQL.recovery_now(conn), more=more, sessions=sessions, lines=tuple(lines)
    )


async def _ids(conn: Connection, page: Page) -> list[UUID]:
    if page.candidate_ids is not None:
        return list(page.candidate_ids)
    found = SQL.recovery_page(conn, after=page.after, limit=page.limit, session_id=page.session_id)
    return [row["candidate_id"] async for row in found]
