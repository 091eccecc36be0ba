"""RFC 9457 problem details with a stable `type` and a French `detail`; as a page for browsers.

Problem
├── BadRequest 400           the request cannot be read
├── NotAuthenticated 401     who is asking is not known
│   └── LoginFirst           … on a page: a browser is sent to the login
├── Forbidden 403            known, but not allowed
├── NotFound 404
├── Conflict 409             the state does not allow it (window closed, deadline passed …)
├── Gone 410                 erased
├── VersionConflict 412      somebody saved in between
├── TooLarge 413
├── UnsupportedType 415
├── Invalid 422              readable, but breaks rules; `errors` says which
├── PreconditionRequired 428
├── TooManyRequests 429
└── Unavailable 503          ours: nothing was changed, try again
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

PROBLEM_JSON = "application/problem+json"
NO_SUCH_ROUTE = "adresse-inconnue"
"""The slug of a 404 about the address itself, and not about what is behind it."""
AWAY = "momentanement-indisponible"
"""The slug of a 503 of the gateway, of a process that is starting, and of a service that names no other."""


class FieldError(BaseModel):
    """One broken rule: a JSON pointer into the request and what to do, in French."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    detail: str


class Problem(Exception):
    """A refusal that the caller can understand. `slug` makes the stable type; `detail` is French."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Erreur interne"

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}
        self.members = members

    def body(self) -> dict[str, Any]:
        """The members of the JSON object (RFC 9457 §3.1)."""
        found: dict[str, Any] = {
            "type": f"urn:candidat-libre:probleme:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            found["errors"] = [error.model_dump() for error in self.errors]
        return found | self.members


class BadRequest(Problem):
    status = 400
    title = "Demande illisible"


class NotAuthenticated(Problem):
    status = 401
    title = "Connexion nécessaire"


class LoginFirst(NotAuthenticated):
    """`location`: the login's address, with the way back."""

    def __init__(self, location: str) -> None:
        super().__init__("connexion-necessaire", "Connectez-vous pour continuer.")
        self.location = location


class Forbidden(Problem):
    status = 403
    title = "Action non autorisée"


class NotFound(Problem):
    status = 404
    title = "Introuvable"


class MethodNotAllowed(Problem):
    status = 405
    title = "Méthode non permise"


class RequestTimeout(Problem):
    status = 408
    title = "Délai d’envoi dépassé"


class Conflict(Problem):
    status = 409
    title = "Action impossible dans l’état actuel"


class Gone(Problem):
    status = 410
    title = "N’existe plus"


class VersionConflict(Problem):
    status = 412
    title = "Modifié entre-temps"


class TooLarge(Problem):
    status = 413
    title = "Envoi trop volumineux"


class UnsupportedType(Problem):
    status = 415
    title = "Format non accepté"


class Invalid(Problem):
    status = 422
    title = "Données à corriger"


class PreconditionRequired(Problem):
    status = 428
    title = "Version attendue manquante"


class TooManyRequests(Problem):
    status = 429
    title = "Trop de demandes"


class Internal(Problem):
    status = 500


class Unavailable(Problem):
    status = 503
    title = "Service momentanément indisponible"
