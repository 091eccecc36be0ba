"""« Ma boîte »: the messages of the candidate who looks, latest first, and each to read again."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.responses import HTMLResponse

from services.chassis.context import Context
from services.chassis.http import context
from services.chassis.rendering import environment, page
from services.chassis.site.routing import CandidatePage, page_router
from services.notifications.api import find_reading, shown_state
from services.notifications.kinds import SAVED
from services.notifications.letters import Words
from services.notifications.queries import MailStatus, told_to
from services.notifications.settings import NotificationsSettings

TEMPLATES = Path(__file__).parent / "templates"
PAGES = environment(TEMPLATES)
Opened = Annotated[Context[NotificationsSettings], Depends(context)]

router = page_router("/messages")


@router.get("")
async def mine(who: CandidatePage, opened: Opened) -> HTMLResponse:
    async with opened.database.connection() as conn:
        found = await told_to(conn, who.candidate_id)
    in_force = max((mail.facts.version or 0 for mail in found if mail.kind == SAVED), default=0)
    return page(PAGES, "messages.html", nav="messages", messages=found[::-1], saved=SAVED, in_force=in_force)


@router.get("/{message_id:uuid}")
async def one(message_id: UUID, who: CandidatePage, opened: Opened) -> HTMLResponse:
    found = await find_reading(opened, who.candidate_id, message_id)
    written = isinstance(found.words, Words)
    return page(
        PAGES,
        "message.html",
        nav="messages",
        back="/messages",
        mail=found.mail,
        words=found.words.html if isinstance(found.words, Words) else None,
        unwritten=None if written else found.words,
    )


def _subject(mail: MailStatus) -> str:
    """In the reader's language; the mail itself is in French."""
    translated: str = PAGES.filters["translated"](mail.of_kind.subject)
    return translated.format(**mail.facts.model_dump())


PAGES.filters |= {"subject": _subject, "shown_state": shown_state}
