"""What routes of this service take by annotation, and how its refusals become problems."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from services.chassis.context import Context
from services.chassis.http import context
from services.chassis.rendering import problem_response, wants_page
from services.registration.domain.errors import Refused
from services.registration.refusals import Tell, problem_of
from services.registration.settings import Settings

Opened = Annotated[Context[Settings], Depends(context)]


def handle_refusals(app: FastAPI, said: Tell) -> None:
    """Let the rules' refusals leave as problem details; on a page, as `said` tells them to its reader."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        tell = said if wants_page(request.scope) else str
        return problem_response(request.scope, problem_of(error, tell))
