"""What notifications tells reconciliation of itself: mails that failed or are late, and who can be warned."""

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.quarantine import count_open_of
from services.chassis.recovery import Recovery, gather
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
    found = await gather(conn, SQL, page)
    lines = [
        NotificationsLine(
            candidate_id=row["candidate_id"],
            gone=row["candidate_id"] in found.gone,
            session_id=row["session_id"],
            revision=row["revision"],
            dead_letters_noted=row["open_dead_letters"],
            reachable=row["reachable"],
            warned_for=tuple(row["warned_for"]),
            failed=tuple(sorted(row["failed"])),
            late=tuple(sorted(row["late"])),
            **found.messaging[row["candidate_id"]],
        )
        async for row in SQL.recovery_rows(conn, candidate_ids=found.ids)
    ]
    return NotificationsLines(
        at=await SQL.recovery_now(conn), more=found.more, sessions=found.sessions, lines=tuple(lines)
    )
