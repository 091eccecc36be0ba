"""JSON over HTTP: an officer has a failed mail tried again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.chassis.http import Officer
from services.chassis.openapi import problems
from services.chassis.problems import Conflict, Gone, NotFound, Problem
from services.chassis.texts import storable
from services.notifications.api import Deliveries, Opened, messages_of
from services.notifications.commands.retry import By, Retry, put_back_failed

router = APIRouter(prefix="/api/notifications/candidates/{candidate_id}", tags=["notifications"])


class RetryRequest(BaseModel):
    """An officer's reason, kept with the mail."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: Annotated[str, Field(min_length=3, max_length=2000), AfterValidator(storable)]


@router.post("/messages/{message_id}/retry", responses=problems(404, 409, 410))
async def retry(
    candidate_id: UUID, message_id: UUID, body: RetryRequest, who: Officer, opened: Opened
) -> Deliveries:
    """Put a failed mail back into the queue: it is tried again at once, as the same message."""
    by = By(officer=who.subject, reason=body.reason)
    became = await put_back_failed(opened.database, opened.clock, candidate_id, message_id, by)
    if became is not Retry.QUEUED:
        raise _refusal(became)
    return await messages_of(candidate_id, who, opened)


def _refusal(became: Retry) -> Problem:
    match became:
        case Retry.ERASED:
            return Gone("compte-supprime", "Ce compte a été supprimé : plus rien ne lui est écrit.")
        case Retry.NOT_FAILED:
            return Conflict(
                "message-non-echoue",
                "Ce message n’est pas en échec : il attend, il est parti ou il n’avait plus d’objet. "
                "Rien n’a été modifié.",
            )
        case Retry.OVERTAKEN:
            return Conflict(
                "message-depasse",
                "La date limite que rappelait ce message est passée. Rien n’a été modifié.",
            )
        case _:
            return NotFound("message-inconnu", "Ce candidat n’a pas ce message.")
