"""JSON over HTTP: for candidates, for officers, for everybody, and for sister services.

shapes, officer_shapes
           what goes in and out
preconditions
           `If-Match` of the officers' acts
candidate, overview
           `/api/registration/me…`
officers   `/api/registration/candidatures…`, `…/sessions/{id}/deadline`, `…/missing-verdicts`
public     the current session, the specialities, the office (R11)
internal, internal_confirmation
           `/internal/candidates/{id}/…`
"""

from fastapi import APIRouter

from services.registration.api import candidate, internal, internal_confirmation, officers, overview, public

ROUTERS: tuple[APIRouter, ...] = (
    public.router,
    candidate.router,
    overview.router,
    officers.router,
    internal.router,
    internal_confirmation.router,
)
