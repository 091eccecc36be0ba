"""What accounts tells reconciliation of itself. Nobody tells it what it holds: there is nothing to repair."""

from uuid import UUID

from services.accounts.domain.activation import next_step
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.recovery import Recovery, messaging_of, page_of
from services.contracts.recovery import AccountLine, AccountLines, Page
from services.contracts.stages import AccountState


def recovery(accounts: Accounts, kafka: KafkaSettings) -> Recovery:
    async def lines(page: Page) -> AccountLines:
        async with accounts.database.connection() as conn:
            return await tell(conn, accounts, page)

    return Recovery("accounts", accounts.database, kafka, lines, {})


async def tell(conn: Connection, accounts: Accounts, page: Page) -> AccountLines:
    now = await accounts.clock.now(conn)
    ids, more = page_of(await _ids(conn, page), page)
    gone = {row["candidate_id"] async for row in SQL.recovery_gone(conn, candidate_ids=ids)}
    messaging = await messaging_of(conn, ids, page.facts_since)
    lines = [
        AccountLine(candidate_id=one, gone=True, ended=True, **messaging[one]) for one in ids if one in gone
    ]
    async for row in SQL.recovery_rows(conn, candidate_ids=ids):
        state = AccountState(row["state"])
        step = next_step(state=state, session_id=row["session_id"], due_at=row["expiry_due_at"], now=now)
        lines.append(
            AccountLine(
                candidate_id=row["candidate_id"],
                session_id=row["session_id"],
                revision=row["revision"],
                state=state,
                ended=step.ended,
                act_at=step.due_at if step.action else None,
                limit_at=step.due_at,
                **messaging[row["candidate_id"]],
            )
        )
    sessions = {row["session_id"]: row["revision"] async for row in SQL.recovery_sessions(conn)}
    return AccountLines(at=now, more=more, sessions=sessions, lines=tuple(lines))


async def _ids(conn: Connection, page: Page) -> list[UUID]:
    if page.candidate_ids is not None:
        return list(page.candidate_ids)
    found = SQL.recovery_page(conn, after=page.after, limit=page.limit, session_id=page.session_id)
    return [row["candidate_id"] async for row in found]
