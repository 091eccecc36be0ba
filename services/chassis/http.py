"""The FastAPI application of a service: routers, problem details, health, metrics; and who may ask what.

A route takes what it needs by annotation: `Candidate`, `Officer`, `ArrivedAt`, `Depends(direction(…))` or
`Depends(caller(…))`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

import asyncpg
import httpx
from fastapi import APIRouter, Depends, FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyCookie, HTTPBearer
from jinja2 import Environment
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.chassis.context import Context, open_context
from services.chassis.failures import PartUnavailable
from services.chassis.identity import Identity, TokenVerifier
from services.chassis.office import load_office
from services.chassis.openapi import publish
from services.chassis.opening import NotYetOpen, opened_beside
from services.chassis.problems import (
    AWAY,
    NO_SUCH_ROUTE,
    BadRequest,
    FieldError,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    Unavailable,
)
from services.chassis.readiness import Readiness
from services.chassis.receiving import Bodies
from services.chassis.rendering import problem_response
from services.chassis.requests import LastResort, RequestFacts, route_template
from services.chassis.settings import Settings
from services.chassis.site import assets
from services.chassis.site.headers import SafeHeaders
from services.chassis.telemetry import describe, log
from services.chassis.tls import trusted
from services.chassis.tracing import RequestSpan

_PART_AWAY = "Un service nécessaire ne répond pas. Réessayez dans quelques instants."
# The database may have kept what it could not confirm: a connection can die at COMMIT.
_PART_AWAY_AT_A_CHANGE = (
    "Un service nécessaire ne répond pas. Nous ne savons pas si votre demande a été enregistrée : dans "
    "quelques instants, regardez si elle l’est avant de l’envoyer à nouveau."
)

_DIRECTION = frozenset({"head", "deputy"})

INFRASTRUCTURE_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that died amid an answer can end so
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    httpx.HTTPError,
    PartUnavailable,
)


def context(request: Request) -> Context[Any]:
    """The process's open resources."""
    found: Context[Any] = request.app.state.context
    return found


def arrived_at(request: Request) -> datetime:
    """When the request's headers reached the gateway: the instant every dated rule is judged by."""
    instant: datetime = request.state.arrived_at
    return instant


# For the OpenAPI document alone: the gateway reads both and hands on who it is.
_BEARER = HTTPBearer(
    scheme_name="bearer",
    bearerFormat="opaque",
    description="The `token` that `POST /api/accounts/sessions` answers with.",
    auto_error=False,
)
_COOKIE = APIKeyCookie(
    scheme_name="cookie",
    name="__Host-session",
    description="Of a login in a browser, candidate or officer; `session` on a site without https.",
    auto_error=False,
)


def identity(
    request: Request,
    _bearer: Annotated[object, Security(_BEARER)] = None,
    _cookie: Annotated[object, Security(_COOKIE)] = None,
) -> Identity:
    found: Identity | None = request.state.identity
    if found is None:
        raise NotAuthenticated("connexion-necessaire", "Connectez-vous pour continuer.")
    return found


def candidate(who: Annotated[Identity, Depends(identity)]) -> Identity:
    if who.kind != "candidate":
        raise Forbidden("reserve-aux-candidats", "Cette page est réservée aux candidats.")
    return who


def officer(who: Annotated[Identity, Depends(identity)]) -> Identity:
    if who.kind != "officer":
        raise Forbidden("reserve-aux-gestionnaires", "Cette action est réservée aux gestionnaires.")
    return who


def direction(refusal: str) -> Callable[[Identity], Identity]:
    """For the head of office and the deputy; `refusal` says in French what only they do, what was kept."""

    def permitted(who: Annotated[Identity, Depends(officer)]) -> Identity:
        if who.role not in _DIRECTION:
            raise Forbidden("reserve-a-la-direction", refusal)
        return who

    return permitted


def caller(*services: str) -> Callable[[Identity], Identity]:
    """An `/internal` route's permission: only these services may call it."""

    def permitted(who: Annotated[Identity, Depends(identity)]) -> Identity:
        if who.kind != "service" or who.subject not in services:
            raise Forbidden("service-non-autorise", "Ce service ne peut pas appeler cette adresse.")
        return who

    return permitted


ArrivedAt = Annotated[datetime, Depends(arrived_at)]
Candidate = Annotated[Identity, Depends(candidate)]
Officer = Annotated[Identity, Depends(officer)]


def create_app(
    settings: Settings,
    routers: Sequence[APIRouter],
    *,
    title: str,
    upload_paths: tuple[str, ...] = (),
    verify_identity: bool = True,
    part_away: str = AWAY,
    pages: Environment | None = None,
    lifespan: Callable[[FastAPI, Context[Any]], Any] | None = None,
) -> FastAPI:
    """Build a service's application.

    Args:
        upload_paths: path prefixes, of API or pages, whose bodies the route streams under its own limit.
        verify_identity: off only for the process that issues the tokens.
        part_away: the slug of the 503 for what this service began and a part that it needs hindered.
        pages: the templates of this service; their catalogue puts its problems into the reader's language.
        lifespan: an async context manager around serving, given the app and its open context.
    """
    keys_client = httpx.AsyncClient(timeout=5, verify=trusted())
    readiness = Readiness()

    @asynccontextmanager
    async def resources() -> AsyncIterator[None]:
        async with open_context(settings, readiness=readiness) as opened:
            app.state.context = opened
            if lifespan is None:
                yield
            else:
                async with lifespan(app, opened):
                    yield

    @asynccontextmanager
    async def serve(app: FastAPI) -> AsyncIterator[None]:
        async with keys_client, opened_beside(app.state, readiness, resources):
            yield

    api_root = f"/api/{settings.service_name}"
    app = FastAPI(
        title=title,
        lifespan=serve,
        openapi_url=f"{api_root}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.readiness = readiness
    app.state.pages = pages
    for router in routers:
        app.include_router(router)
    app.include_router(operations(readiness))
    app.mount(assets.ADDRESS, assets.served())
    _handle_problems(app, part_away)
    publish(app)
    app.add_middleware(NotYetOpen)
    app.add_middleware(LastResort)
    app.add_middleware(
        RequestFacts,
        verifier=TokenVerifier(f"{settings.url_of('sessions')}/internal/jwks.json", keys_client)
        if verify_identity
        else None,
        service=settings.service_name,
        public_url=settings.public_url,
        office=load_office(settings.office_file),
        bodies=_bodies(settings, readiness),
        upload_paths=upload_paths,
    )
    app.add_middleware(SafeHeaders, secure=settings.public_url.startswith("https://"))
    app.add_middleware(RequestSpan)
    return app


def _bodies(settings: Settings, readiness: Readiness) -> Bodies:
    """Told to go, a process has half of its time for what still comes, and half for what is then to do."""
    bodies = Bodies(seconds=settings.body_seconds, ending_seconds=settings.shutdown_seconds / 2)
    readiness.at_end(bodies.end)
    return bodies


def operations(readiness: Readiness) -> APIRouter:
    """Liveness: the loop turns, and nothing is asked of any part. Readiness, and metrics with it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        reasons = await readiness.reasons()
        return JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)

    @router.get("/internal/metrics")
    async def metrics() -> Response:
        await readiness.reasons()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _handle_problems(app: FastAPI, part_away: str) -> None:
    @app.exception_handler(Problem)
    async def known(request: Request, problem: Problem) -> Response:
        return problem_response(request.scope, problem)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request.scope, _validation_problem(error))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, Problem):  # FastAPI wraps what a body's reading raises
            problem: Problem = error.__cause__
        elif error.status_code == 405:
            problem = MethodNotAllowed(
                "methode-non-permise",
                "Cette adresse n’accepte pas cette méthode.",
                headers=dict(error.headers or {}),
            )
        elif error.status_code == 404:
            problem = NotFound(NO_SUCH_ROUTE, "Cette adresse n’existe pas.")
        else:
            problem = BadRequest("demande-illisible", "La demande ne peut pas être lue.")
        return problem_response(request.scope, problem)

    async def infrastructure(request: Request, error: Exception) -> Response:
        log.error("request failed: a part is away", route=_route(request), **describe(error))
        detail = _PART_AWAY if request.method in ("GET", "HEAD") else _PART_AWAY_AT_A_CHANGE
        problem = Unavailable(part_away, detail, headers={"Retry-After": "5"})
        return problem_response(request.scope, problem)

    for kind in INFRASTRUCTURE_ERRORS:
        app.add_exception_handler(kind, infrastructure)


def _route(request: Request) -> str:
    return route_template(request.scope)


_REASONS = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n’existe pas.",
    "json_invalid": "Le contenu n’est pas du JSON valide.",
    "string_too_long": "Ce texte est trop long.",
    "string_too_short": "Ce champ ne peut pas être vide.",
    "enum": "Cette valeur n’est pas dans la liste.",
    "literal_error": "Cette valeur n’est pas dans la liste.",
}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Pydantic's errors as JSON pointers with a French reason; never the rejected value.

    A `ValueError` raised by a model of ours is already French: its message is kept. A union's tag that begins
    with `variant:` is no place in the document.
    """
    found = []
    for error in errors:
        where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        where = [part for part in where if not part.startswith("variant:")]
        if "error" in error.get("ctx", {}):  # pydantic's own types (an e-mail address) tell in English
            detail = str(error["ctx"]["error"])
        elif error["type"] == "string_too_short" and error["ctx"]["min_length"] > 1:
            detail = "Ce texte est trop court."
        else:
            detail = _REASONS.get(error["type"], "Cette valeur n’est pas acceptée.")
        found.append(FieldError(pointer="/" + "/".join(where), detail=detail))
    return found


def _validation_problem(error: RequestValidationError) -> Problem:
    details = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        return BadRequest(
            "json-illisible", "Le contenu envoyé n’est pas du JSON valide. Rien n’a été enregistré."
        )
    return Invalid(
        "donnees-invalides",
        "Certaines données sont à corriger. Rien n’a été enregistré.",
        errors=field_errors(details),
    )
