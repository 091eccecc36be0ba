"""What routes of this service take by annotation, and how its refusals become problems."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response, StreamingResponse

from services.chassis.context import Context
from services.chassis.http import context
from services.chassis.rendering import problem_response
from services.documents.domain.errors import Refused
from services.documents.objects import Objects
from services.documents.receiving import Receiver
from services.documents.refusals import problem_of
from services.documents.settings import Settings

SENT_TYPES = ("application/pdf", "image/jpeg", "image/png", "image/heic")
MEDIA_TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
"""Of the files that are kept, with how a name ends."""

Opened = Annotated[Context[Settings], Depends(context)]


def objects(request: Request) -> Objects:
    found: Objects = request.app.state.objects
    return found


def receiver(request: Request) -> Receiver:
    state = request.app.state
    return Receiver(state.context, state.objects, state.inspectors, state.unwritten, state.places)


Kept = Annotated[Objects, Depends(objects)]
Receives = Annotated[Receiver, Depends(receiver)]


def handle_refusals(app: FastAPI) -> None:
    """Let the rules' refusals leave as problem details."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return problem_response(request.scope, problem_of(error))


async def download(kept: Objects, key: str, media_type: str, size_bytes: int) -> Response:
    """A stored file, never shown inside our origin: it came from outside."""
    return StreamingResponse(
        await kept.open(key),
        media_type=media_type,
        headers={
            "Content-Length": str(size_bytes),
            "Content-Disposition": f'attachment; filename="piece.{MEDIA_TYPES[media_type]}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
