"""The e-mail address one logs in with, offered so that nobody types it twice (WCAG 2.2, 3.3.7)."""

import asyncio
from uuid import UUID

import httpx

from services.chassis.context import Context
from services.chassis.failures import PartUnavailable
from services.chassis.peers import PeerError
from services.chassis.site.form import Form
from services.chassis.telemetry import describe, log
from services.contracts.internal import Contact
from services.registration.settings import Settings

_PATIENCE_SECONDS = 2
_EMAIL = "identification.email"


async def offering(ctx: Context[Settings], candidate_id: UUID, form: Form) -> Form:
    """The form with the account's address where it has none; kept only once its candidate sends it."""
    if form.value(_EMAIL):
        return form
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            contact = await ctx.peers.get("accounts", f"candidates/{candidate_id}/contact", Contact)
    except (PeerError, PartUnavailable, httpx.HTTPError, TimeoutError) as error:
        log.warning("accounts away: no address to offer", **describe(error))
        return form
    return Form({**form.values, _EMAIL: contact.email})
