"""JSON over HTTP: for candidates, for officers, for everybody, and for sister services.

shapes, officer_shapes
           what goes in and out
preconditions
           `If-Match` of the officers' acts
candidate, overview
           `/api/registration/me…`
draft      `/api/registration/me/draft`
officers   `/api/registration/candidatures…`, `…/sessions/{id}/deadline`, `…/missing-verdicts`,
           `…/unheeded-holds`, `…/unheeded-saves`
places     communes and countries; notice: the notice and the help
together   all services’ OpenAPI documents as one
public     the current session, the specialities, the office (R11)
internal, internal_confirmation, internal_export, internal_holdings
           `/internal/candidates/{id}/…`
"""

from fastapi import APIRouter

from services.registration.api import (
    candidate,
    draft,
    internal,
    internal_confirmation,
    internal_export,
    internal_holdings,
    notice,
    officers,
    overview,
    places,
    public,
    together,
)

ROUTERS: tuple[APIRouter, ...] = (
    public.router,
    together.router,
    places.router,
    notice.router,
    candidate.router,
    draft.router,
    overview.router,
    officers.router,
    internal.router,
    internal_confirmation.router,
    internal_export.router,
    internal_holdings.router,
)
