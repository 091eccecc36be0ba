"""For `accounts`, when a person asks for their data: what was written to them, without the words."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.chassis.context import Context
from services.chassis.http import caller, context
from services.contracts.internal import Export
from services.notifications.queries import told_to
from services.notifications.settings import NotificationsSettings

router = APIRouter(
    prefix="/internal/candidates/{candidate_id}",
    include_in_schema=False,
    dependencies=[Depends(caller("accounts"))],
)


@router.get("/export")
async def export(
    opened: Annotated[Context[NotificationsSettings], Depends(context)], candidate_id: UUID
) -> Export:
    """Empty for somebody who was written nothing."""
    async with opened.database.connection() as conn:
        found = await told_to(conn, candidate_id)
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
                }
                for mail in found
            ]
        }
    )
