"""What the mailbox shows: a page for people, JSON for scripts."""

from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.local.mailbox.messages import Message, Messages

_PARIS = ZoneInfo("Europe/Paris")
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_TEMPLATES.filters["paris"] = lambda instant: instant.astimezone(_PARIS).strftime("%d/%m/%Y %H:%M:%S")
# A mail is not ours to trust: no script, nothing loaded from elsewhere.
_POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:; form-action 'self'"
    )
}


def _told(message: Message) -> dict[str, Any]:
    """As JSON: of an attachment its size and address instead of its content."""
    found = message.model_dump(mode="json", exclude={"attachments"})
    found["attachments"] = [
        {
            "name": one.name,
            "content_type": one.content_type,
            "size": len(one.content),
            "path": f"/messages/{message.id}/pieces-jointes/{place}",
        }
        for place, one in enumerate(message.attachments, start=1)
    ]
    return found


def _disposition(how: str, name: str) -> str:
    """RFC 6266 §4.3: the name in UTF-8."""
    return f"{how}; filename*=UTF-8''{quote(name, safe='')}"


def app(messages: Messages) -> Starlette:
    """`GET /api/messages?to=…` (newest first), `/api/messages/{id}`, and the pages."""

    async def listing(request: Request) -> Response:
        found = messages.newest_first(request.query_params.get("to"))
        return JSONResponse([_told(message) for message in found])

    async def one(request: Request) -> Response:
        message = messages.get(request.path_params["number"])
        if message is None:
            return JSONResponse({"detail": "Ce message n’existe pas."}, 404)
        return JSONResponse(_told(message))

    async def index(request: Request) -> Response:
        to = request.query_params.get("to") or None
        page = _TEMPLATES.get_template("index.html.j2").render(
            messages=messages.newest_first(to), to=to or ""
        )
        return HTMLResponse(page, headers=_POLICY)

    async def message_page(request: Request) -> Response:
        message = messages.get(request.path_params["number"])
        page = _TEMPLATES.get_template("message.html.j2").render(message=message)
        return HTMLResponse(page, 404 if message is None else 200, headers=_POLICY)

    async def html(request: Request) -> Response:
        message = messages.get(request.path_params["number"])
        return HTMLResponse("" if message is None else message.html, headers=_POLICY)

    async def attachment(request: Request) -> Response:
        message = messages.get(request.path_params["number"])
        place = request.path_params["place"]
        if message is None or not 1 <= place <= len(message.attachments):
            return HTMLResponse("Cette pièce jointe n’existe pas.", 404, headers=_POLICY)
        found = message.attachments[place - 1]
        # Shown by the browser only if it is a PDF: nothing else is to run under this address.
        shown = found.content_type == "application/pdf"
        return Response(
            found.content,
            media_type=found.content_type if shown else "application/octet-stream",
            headers={
                "Content-Disposition": _disposition("inline" if shown else "attachment", found.name),
                "X-Content-Type-Options": "nosniff",
            },
        )

    return Starlette(
        routes=[
            Route("/", index),
            Route("/messages/{number:int}", message_page),
            Route("/messages/{number:int}/html", html),
            Route("/messages/{number:int}/pieces-jointes/{place:int}", attachment),
            Route("/api/messages", listing),
            Route("/api/messages/{number:int}", one),
        ]
    )
