"""For `accounts`: what was written to a person, without the words, and how much of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.context import Context
from services.chassis.http import caller, context
from services.contracts.internal import Export, Holdings
from services.notifications.kinds import FAREWELLS
from services.notifications.queries import acts_on_mails_of, told_to
from services.notifications.settings import NotificationsSettings
from services.notifications.statements import SQL

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("accounts"))],
)


@router.get("/export")
async def export(
    opened: Annotated[Context[NotificationsSettings], Depends(context)], candidate_id: UUID
) -> Export:
    """Empty for somebody who was written nothing. Officers' names are theirs."""
    async with opened.database.connection() as conn:
        found = await told_to(conn, candidate_id)
        acts = await acts_on_mails_of(conn, candidate_id)
    site = opened.settings.public_url.rstrip("/")
    return Export(
        kept={
            "messages": [
                {
                    "subject": mail.subject,
                    "about": mail.of_kind.gist,
                    "state": mail.state.value,
                    "created_at": mail.created_at.isoformat(),
                    "accepted_at": mail.accepted_at.isoformat() if mail.accepted_at else None,
                    "link": f"{site}/messages/{mail.id}",
                    "acts": [
                        {"act": one.act, "at": one.at.isoformat(), "reason": one.reason}
                        for one in acts.get(mail.id, ())
                    ],
                }
                for mail in found
            ]
        }
    )


@router.get("/holdings")
async def holdings(
    opened: Annotated[Context[NotificationsSettings], Depends(context)], candidate_id: UUID
) -> Holdings:
    """Once the person is deleted only what could still leave counts, but for the mail that says so."""
    async with opened.database.transaction() as conn:
        buried: bool = await SQL.is_buried(conn, candidate_id=candidate_id)
        kept: int = await SQL.count_mails(
            conn, candidate_id=candidate_id, farewells=list(FAREWELLS), only_waiting=buried
        )
    return Holdings(buried=buried, kept={"messages": kept})
