"""ASGI middleware: what is settled when a request's headers arrive, before any of its body.

- the **arrival instant**, stamped by the gateway; by it every dated rule is judged;
- the **identity**, from the gateway's signed token or a sister service's bearer;
- the limits of the body: its size, and how long it may take;
- a state-changing request that another site made a browser send is refused (Fetch Metadata).

And the last resort: an error nobody expected becomes a problem here, since servers print an exception's
text, which may hold a row's values.
"""

from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import httpx
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.identity import PUBLIC_AUDIENCE, Identity, InvalidToken, TokenVerifier
from services.chassis.office import Office
from services.chassis.problems import Forbidden, Internal, NotAuthenticated, Problem, Unavailable
from services.chassis.read_away import reading_away
from services.chassis.receiving import Bodies
from services.chassis.rendering import problem_response
from services.chassis.site import visit
from services.chassis.telemetry import describe, log

ARRIVED_AT = "x-arrived-at"
IDENTITY_TOKEN = "x-identity-token"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class RequestFacts:
    """Puts `arrived_at` and `identity` into the request's state; and begins the `visit` that pages look at.

    `upload_paths`: prefixes whose bodies are streamed under limits of their own by the route, which nothing
    before it may keep (`body_for_route` in the state). What an answer leaves of them is read away before it.
    `bodies`: the limits of all others.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        verifier: TokenVerifier | None,
        service: str,
        public_url: str,
        office: Office,
        bodies: Bodies,
        upload_paths: tuple[str, ...] = (),
    ) -> None:
        self.app = app
        self.verifier = verifier
        self.service = service
        self.public_host = urlsplit(public_url).netloc
        self.secure = public_url.startswith("https://")
        self.office = office
        self.bodies = bodies
        self.upload_paths = upload_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        looking = visit.Visit.begun(
            scope["path"],
            scope["query_string"].decode("latin-1"),
            headers.get("cookie", ""),
            secure=self.secure,
            office=self.office,
            sent=scope["method"] not in SAFE_METHODS,
            reads=partial(_reads, scope),
        )
        visit.begin(looking)
        uploads = scope["path"].startswith(self.upload_paths)
        if uploads and scope["method"] not in SAFE_METHODS:
            receive, send = reading_away(headers, receive, send)
        try:
            state["arrived_at"] = _arrival(headers)
            _refuse_cross_site(scope["method"], headers, self.public_host)
            state["identity"] = looking.identity = await self._identity(scope["path"], headers)
            state["body_for_route"] = uploads
            if not uploads:
                receive = self.bodies.limited(receive, headers)
        except Problem as problem:
            await problem_response(scope, problem)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _identity(self, path: str, headers: Headers) -> Identity | None:
        if path.startswith("/internal/"):
            scheme, _, token = headers.get("authorization", "").partition(" ")
            audience = self.service
            if scheme.lower() != "bearer":
                return None
        else:
            token, audience = headers.get(IDENTITY_TOKEN, ""), PUBLIC_AUDIENCE
        if not token or self.verifier is None:
            return None
        try:
            return await self.verifier.verify(token, audience)
        except InvalidToken as error:
            if audience != PUBLIC_AUDIENCE:
                raise NotAuthenticated(
                    "jeton-invalide", "Le jeton de ce service n’est pas valable."
                ) from None
            log.error("identity of the gateway not recognised", **describe(error.__cause__ or error))
            raise _not_recognised() from None
        except httpx.HTTPError:
            raise Unavailable(
                "identite-indisponible",
                "Nous ne pouvons pas vérifier votre connexion pour le moment. Rien n’a été modifié : "
                "réessayez dans quelques instants.",
                headers={"Retry-After": "5"},
            ) from None


def _not_recognised() -> Unavailable:
    """Outside `/internal` the token is the gateway's own, whatever the client sent: no fault of who asks.

    A 5xx, so that the gateway writes down whom it turned away with it (decision 0012).
    """
    return Unavailable(
        "identite-non-reconnue",
        "Nous ne reconnaissons pas votre connexion, par une erreur de notre fait. Rien n’a été modifié : "
        "réessayez dans quelques instants. Vous n’avez pas à vous connecter à nouveau.",
        headers={"Retry-After": "5"},
    )


class LastResort:
    """An unexpected error: logged without its text, answered as ours if nothing was answered yet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watch(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http":
                raise
            log.error("request failed", route=route_template(scope), **describe(error))
            if answered:
                raise BrokenAnswer from None
            problem = Internal(
                "erreur-interne",
                "Une erreur de notre fait est survenue ; l’équipe est prévenue. Si vous envoyiez quelque "
                "chose, regardez si c’est enregistré avant de l’envoyer à nouveau.",
            )
            await problem_response(scope, problem)(scope, receive, send)


class BrokenAnswer(Exception):
    """The answer had begun when it failed: the server must cut the connection."""


def route_template(scope: Scope) -> str:
    """The route's template, never the path: a path may name a person or a piece."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def _reads(scope: Scope, path: str) -> bool:
    """Whether the application answers who asks for this path as a page."""
    asked = {**scope, "method": "GET", "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in scope["app"].routes)


def _arrival(headers: Headers) -> datetime:
    """The gateway's stamp, in milliseconds; without a gateway in front, the present."""
    stamp = headers.get(ARRIVED_AT, "")
    if not (stamp.isascii() and stamp.isdecimal()) or len(stamp) > 13:
        return datetime.now(UTC)
    return datetime.fromtimestamp(int(stamp) / 1000, UTC)


def _refuse_cross_site(method: str, headers: Headers, public_host: str) -> None:
    if method in SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None:
        same = site in ("same-origin", "none")
    elif origin is None:
        same = True
    else:  # `scheme://host` or `null` (RFC 6454 §6.2); whatever else is written there is no site of ours
        _, _, host = origin.partition("://")
        same = host != "" and host in (public_host, headers.get("host"))
    if not same:
        raise Forbidden(
            "autre-site", "Cette demande vient d’un autre site. Recommencez depuis le site d’inscription."
        )
