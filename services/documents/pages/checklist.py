"""« Mes documents »: the confirmation to sign, the pieces with their states, and the list to print (R4)."""

from starlette.responses import HTMLResponse, Response

from services.chassis.http import ArrivedAt
from services.chassis.rendering import page
from services.chassis.site.routing import CandidatePage, page_router
from services.documents.api.resources import Opened
from services.documents.pages.room import PAGES, look
from services.documents.printing import list_file

router = page_router("/documents")


@router.get("")
async def mine(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> HTMLResponse:
    found = await look(ctx, who.candidate_id, arrived_at)
    if found is None:
        return page(PAGES, "documents_rien.html", nav="documents")
    return page(PAGES, "documents.html", nav="documents", found=found)


@router.get("/liste.pdf")
async def printed(ctx: Opened, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    return await list_file(ctx, who.candidate_id, arrived_at)
