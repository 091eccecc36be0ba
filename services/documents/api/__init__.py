"""JSON over HTTP: the candidate's pieces and files, the officers' reviews, what sister services ask."""

from services.documents.api import (
    candidate,
    flagged,
    internal,
    internal_export,
    internal_holdings,
    internal_progress,
    officers,
    sessions,
)

ROUTERS = (
    candidate.router,
    officers.router,
    flagged.router,
    sessions.router,
    internal.router,
    internal_export.router,
    internal_holdings.router,
    internal_progress.router,
)
