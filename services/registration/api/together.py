"""`/api/openapi.json`: the API of all services as one document, of what runs at this moment."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from services.chassis.openapi import together
from services.registration.api.resources import Opened

router = APIRouter(include_in_schema=False)
_SISTERS = ("accounts", "documents", "notifications")


@router.get("/api/openapi.json")
async def document(ctx: Opened, request: Request) -> JSONResponse:
    """Each service's own, fetched now; a service that is away makes it a 503."""

    async def published(service: str) -> dict[str, Any]:
        response = await ctx.client.get(f"{ctx.settings.url_of(service)}/api/{service}/openapi.json")
        found: dict[str, Any] = response.raise_for_status().json()
        return found

    found = dict(zip(_SISTERS, await asyncio.gather(*map(published, _SISTERS)), strict=True))
    ours = {ctx.settings.service_name: request.app.openapi()}
    return JSONResponse(together(found | ours))
