"""What accounts tells reconciliation of itself. Nobody tells it what it holds: there is nothing to repair."""

from services.accounts.domain.activation import next_step
from services.accounts.service import Accounts
from services.accounts.statements import SQL
from services.chassis.database import Connection
from services.chassis.kafka import KafkaSettings
from services.chassis.recovery import Recovery, gather
from services.contracts.recovery import AccountLine, AccountLines, Page
from services.contracts.stages import AccountState


def recovery(accounts: Accounts, kafka: KafkaSettings) -> Recovery:
    async def lines(page: Page) -> AccountLines:
        async with accounts.database.connection() as conn:
            return await tell(conn, accounts, page)

    return Recovery("accounts", accounts.database, kafka, lines, {})


async def tell(conn: Connection, accounts: Accounts, page: Page) -> AccountLines:
    now = await accounts.clock.now(conn)
    found = await gather(conn, SQL, page)
    lines = found.buried(AccountLine)
    async for row in SQL.recovery_rows(conn, candidate_ids=found.ids):
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
                **found.messaging[row["candidate_id"]],
            )
        )
    return AccountLines(at=now, more=found.more, sessions=found.sessions, lines=tuple(lines))
