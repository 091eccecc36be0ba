"""JSON over HTTP: the candidate's pieces and files, the officers' reviews, what sister services ask."""

from services.documents.api import candidate, internal, internal_export, internal_progress, officers, sessions

ROUTERS = (
    candidate.router,
    officers.router,
    sessions.router,
    internal.router,
    internal_export.router,
    internal_progress.router,
)
