"""`/agents`: officers log in through OpenID Connect; role and portfolios come with the identity.

What a login must remember goes into a cookie of that browser, sealed with our key: nobody can be made to
finish a login that somebody else began.
"""

import base64
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.accounts.api.dependencies import Service
from services.accounts.commands.login import log_in_officer
from services.accounts.domain.links import LinkKeys
from services.accounts.oidc import Attempt, NotVouchedFor, OpenIdProvider
from services.accounts.tokens import cookie_name, give_cookie
from services.chassis.http import ArrivedAt, Officer
from services.chassis.identity import Identity
from services.chassis.problems import BadRequest, Forbidden
from services.chassis.rendering import environment, page
from services.chassis.telemetry import log

router = APIRouter(prefix="/agents", include_in_schema=False)

_PAGES = environment(Path(__file__).parent / "templates")
_COOKIE = "connexion-agent"
_ATTEMPT_SECONDS = 600
_PURPOSE = "officer-login"


class OfficerSession(BaseModel):
    """The answer for programs (`?format=json` at the start of the login)."""

    token: str
    subject: str
    role: str
    portfolios: tuple[int, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Memory:
    attempt: Attempt
    as_json: bool

    def sealed(self, keys: LinkKeys, at: datetime) -> str:
        until = int(at.timestamp()) + _ATTEMPT_SECONDS
        content = {**asdict(self.attempt), "json": self.as_json, "until": until}
        text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
        return f"{text}.{keys.secret_name(_PURPOSE, text).hex()}"

    @classmethod
    def opened(cls, keys: LinkKeys, cookie: str, at: datetime) -> "_Memory | None":
        text, _, seal = cookie.partition(".")
        if not hmac.compare_digest(keys.secret_name(_PURPOSE, text).hex().encode(), seal.encode()):
            return None
        content = json.loads(base64.urlsafe_b64decode(text))
        if content["until"] < at.timestamp():
            return None
        attempt = Attempt(content["state"], content["nonce"], content["verifier"])
        return cls(attempt, content["json"])


@router.get("/connexion")
async def begin(
    request: Request,
    accounts: Service,
    arrived_at: ArrivedAt,
    format: Annotated[str, Query(pattern="^(json|page)$")] = "page",
) -> Response:
    """Send the browser to the identity provider."""
    memory = _Memory(Attempt.new(), format == "json")
    url = await _provider(request).login_url(memory.attempt)
    response = RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})
    secure = accounts.settings.secure
    response.set_cookie(
        cookie_name(_COOKIE, secure=secure),
        memory.sealed(accounts.links, arrived_at),
        max_age=_ATTEMPT_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/retour")
async def finish(
    request: Request, accounts: Service, arrived_at: ArrivedAt, code: str = "", state: str = ""
) -> Response:
    """Where the provider sends the browser back: opens the officer's session."""
    name = cookie_name(_COOKIE, secure=accounts.settings.secure)
    memory = _Memory.opened(accounts.links, request.cookies.get(name, ""), arrived_at)
    if memory is None or not hmac.compare_digest(memory.attempt.state.encode(), state.encode()):
        raise BadRequest(
            "connexion-interrompue", "Cette connexion a été interrompue ou a trop duré. Recommencez-la."
        )
    try:
        officer = _officer(await _provider(request).claims(memory.attempt, code))
    except NotVouchedFor as error:
        log.warning("officer login refused", reason=str(error))
        raise Forbidden(
            "connexion-refusee",
            "Votre identité n’a pas été confirmée, ou vous n’êtes pas gestionnaire. Recommencez la "
            "connexion ; si le refus persiste, adressez-vous à l’administration du service.",
        ) from None
    login = await log_in_officer(accounts, officer, arrived_at)
    if memory.as_json:
        session = OfficerSession(
            token=login.token,
            subject=officer.subject,
            role=officer.role or "",
            portfolios=officer.portfolios,
            expires_at=login.expires_at,
        )
        response: Response = JSONResponse(session.model_dump(mode="json"))
        response.headers["Cache-Control"] = "no-store"
    else:
        response = RedirectResponse("/agents", 303)
    give_cookie(response, login.cookie, secure=accounts.settings.secure)
    response.delete_cookie(name, path="/", secure=accounts.settings.secure, httponly=True, samesite="lax")
    return response


@router.get("")
async def welcome(_: Officer) -> Response:
    return page(_PAGES, "officer.html")


def _provider(request: Request) -> OpenIdProvider:
    found: OpenIdProvider = request.app.state.oidc
    return found


def _officer(claims: dict[str, Any]) -> Identity:
    """Raises `NotVouchedFor` for somebody without a role of the office."""
    role = claims.get("role")
    if role not in ("head", "deputy", "officer"):
        raise NotVouchedFor("role")
    try:
        portfolios = tuple(int(number) for number in claims.get("portfolios") or ())
    except (TypeError, ValueError):
        raise NotVouchedFor("portfolios") from None
    return Identity("officer", str(claims["sub"]), role, portfolios)
